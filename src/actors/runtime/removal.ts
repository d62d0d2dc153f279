import { Retryable } from "./errors.ts";
import { type Blobs, type Clock, type Leaving, type Retention, removalMs } from "./ports.ts";

const atOnce = 8;

export interface Removing {
  retention: Pick<Retention, "leave" | "gone">;
  blobs: Pick<Blobs, "remove" | "has">;
  clock: Clock;
}

/**
 * Ends what names these blobs and removes those that nobody else needs; each is looked for once more before it counts
 * as gone. What was killed half-way is taken up again once the time of who began it is over. Throws `Retryable`.
 */
export async function letGo(
  { retention, blobs, clock }: Removing,
  leaving: Leaving,
): Promise<{ removed: number; kept: number }> {
  const { condemned, kept } = await retention.leave(leaving, clock.now());
  // By a clock that nobody sets: past half of its time another may soon begin, and then so may uploads of these bytes.
  const begun = performance.now();
  for (let from = 0; from < condemned.length; from += atOnce) {
    if (performance.now() - begun > removalMs / 2) throw new Retryable("removal_too_slow");
    await Promise.all(condemned.slice(from, from + atOnce).map(removeForSure));
  }
  if (condemned.length > 0) await retention.gone(condemned, clock.now());
  return { removed: condemned.length, kept: kept.length };

  async function removeForSure(sha256: string): Promise<void> {
    await blobs.remove(sha256);
    if (await blobs.has(sha256)) throw new Retryable("blob_not_removed");
  }
}
