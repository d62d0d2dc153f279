import type { Request, Response } from "express";
import { Problem } from "./problem.ts";

/** A strong entity tag (RFC 9110, 8.8.3): another after every change. */
export function etagOf({ version }: { version: number }): string {
  return `"${version}"`;
}

/**
 * Whether the reader holds this version already (RFC 9110, 13.1.2). A `Cache-Control: no-cache` beside it, which
 * fetch() adds by itself, speaks to caches and not to us.
 */
export function isKnown(request: Request, etag: string): boolean {
  const held = request.get("If-None-Match");
  if (held === undefined) return false;
  return held.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
}

/** Tells the version, and that it is known where it is: true when the whole answer is given by that. */
export function answeredKnown(request: Request, response: Response, etag: string): boolean {
  response.setHeader("ETag", etag);
  if (!isKnown(request, etag)) return false;
  response.status(304).end();
  return true;
}

/**
 * The version that a change is for (RFC 9110, 13.1.1), if the caller says one: `If-Match` with our tag of it. `*` asks for
 * no more than that it is there. Throws `version_changed` for what can be no tag of ours.
 */
export function demandedVersion(request: Request): number | undefined {
  const held = request.get("If-Match")?.trim();
  if (held === undefined || held === "*") return undefined;
  const version = /^"(\d{1,15})"$/.exec(held)?.[1];
  if (version === undefined) throw new Problem("version_changed");
  return Number(version);
}
