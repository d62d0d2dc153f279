import type { Request } from "express";
import { Problem } from "./problem.ts";

/**
 * Whether the reader holds this version already (RFC 9110, 13.1.2). A `Cache-Control: no-cache` beside it, which
 * fetch() adds by itself, speaks to caches and not to us.
 */
export function isKnown(request: Request, etag: string): boolean {
  const held = request.get("If-None-Match");
  if (held === undefined) return false;
  return held.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
}

/**
 * The version that a change is meant for (RFC 9110, 13.1.1), of several the newest: an older one can't come back.
 * Undefined: any. Throws `version_changed` when it is none that there ever was.
 */
export function versionMeant(request: Request): number | undefined {
  const meant = request.get("If-Match");
  if (meant === undefined || meant.trim() === "*") return undefined;
  const versions = meant.split(",").flatMap((one) => {
    const [, version] = /^"(\d{1,15})"$/.exec(one.trim()) ?? [];
    return version === undefined ? [] : [Number(version)];
  });
  if (versions.length === 0) throw new Problem("version_changed");
  return Math.max(...versions);
}
