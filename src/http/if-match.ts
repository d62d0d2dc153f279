import type { Request } from "express";
import { Problem } from "./problem.ts";

/** The version that the caller means to change, if it says so (RFC 9110, 13.1.1). Throws `version_changed`. */
export function ifMatch(request: Request): number | undefined {
  const given = request.get("If-Match");
  if (given === undefined || given === "*") return undefined;
  const version = /^"(\d{1,15})"$/.exec(given.trim())?.[1];
  if (version === undefined) throw new Problem("version_changed");
  return Number(version);
}
