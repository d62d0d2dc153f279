import { createHash } from "node:crypto";

/** How many parts all actors are spread over: a number for ever, since rows carry their part. */
export const partCount = 64;

/** The part of an actor: what a drain locks. */
export function partOf(actorId: string): number {
  return (createHash("sha256").update(actorId).digest()[0] ?? 0) % partCount;
}
