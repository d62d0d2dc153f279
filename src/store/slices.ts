import { setImmediate as breathe } from "node:timers/promises";

const atOnce = 250;

/** Maps a long list a slice at a time: between slices others get their turn. */
export async function mapInSlices<T, R>(items: readonly T[], work: (item: T) => R): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += atOnce) {
    if (from > 0) await breathe();
    for (const item of items.slice(from, from + atOnce)) results.push(work(item));
  }
  return results;
}
