import { leafHash, leavesASubtree, rootOver, statementDigest } from "../runtime/merkle.ts";
import type { Head, HeadsRoot, HeadTrees, Tsa } from "../runtime/ports.ts";

const hourMs = 3_600_000;

/**
 * Makes this hour's tree of the heads that moved since the last one, linked to it, and has the TSA stamp what is not
 * stamped yet. Whoever comes back after a death or a TSA's outage goes on where it ended. Answers how many heads moved.
 */
export async function sweepHeads(
  { heads, tsa }: { heads: HeadTrees; tsa: Pick<Tsa, "stamp"> },
  now: number,
): Promise<number> {
  const count = await growTree(heads, Math.floor(now / hourMs));
  for (const root of await heads.unstamped()) {
    await heads.keepToken(root.hour, await tsa.stamp(statementDigest(root)));
  }
  return count;
}

async function growTree(heads: HeadTrees, hour: number): Promise<number> {
  const last = await heads.last();
  // Also when the clock was set back: trees only ever follow one another.
  if (last !== undefined && last.hour >= hour) return 0;
  await heads.discardUnfinished();
  let page: Head[] = [];
  let count = 0;
  do {
    page = await heads.moved(page.at(-1)?.actorId ?? "", leavesASubtree);
    await heads.addLeaves(hour, count, page);
    count += page.length;
  } while (page.length === leavesASubtree);
  // An hour in which nothing moved needs no root: the last one still says all.
  if (count === 0) return 0;
  const previous = last === undefined ? "" : Buffer.from(statementDigest(last)).toString("hex");
  const subtrees = await subtreesOf(heads, hour, count);
  const root = Buffer.from(rootOver(subtrees)).toString("hex");
  const finished: HeadsRoot = { hour, count, root, previous };
  await heads.finish(
    finished,
    subtrees.map((one) => Buffer.from(one).toString("hex")),
  );
  return count;
}

/** As they are stored: a process that stood still past its lease may have written among them. */
async function subtreesOf(heads: HeadTrees, hour: number, count: number): Promise<Uint8Array[]> {
  const subtrees: Uint8Array[] = [];
  for (let from = 0; from < count; from += leavesASubtree) {
    const leaves = await heads.leaves(hour, from, leavesASubtree);
    subtrees.push(rootOver(leaves.map(leafHash)));
  }
  return subtrees;
}
