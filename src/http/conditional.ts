import type { Request } from "express";

/**
 * Whether the reader holds this version already (RFC 9110, 13.1.2). A `Cache-Control: no-cache` beside it, which
 * fetch() adds by itself, speaks to caches and not to us.
 */
export function isKnown(request: Request, etag: string): boolean {
  const held = request.get("If-None-Match");
  if (held === undefined) return false;
  return held.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
}
