import { hash } from "node:crypto";

/** How many parts all actors are spread over: a number for ever, since rows carry their part. */
const partCount = 64;

/** Asked for several times on a message's way, of which most go to actors that had one a moment ago. */
const known = new Map<string, number>();
const mostKnown = 10_000;

/** The part of an actor: what a drain locks. */
export function partOf(actorId: string): number {
  const before = known.get(actorId);
  if (before !== undefined) return before;
  const part = (hash("sha256", actorId, "buffer")[0] ?? 0) % partCount;
  if (known.size >= mostKnown) known.clear();
  known.set(actorId, part);
  return part;
}
