import { leafHash, leavesASubtree, statementDigest } from "../actors/runtime/merkle.ts";
import type { Head, HeadsRoot, HeadTrees, Records, StoredRecord } from "../actors/runtime/ports.ts";
import { chainEnd } from "./check-record.ts";
import { rootOfSubtrees, subtreeRoot } from "./inclusion.ts";
import { tokenProblems } from "./judge-inclusion.ts";

/** Something wrong in the store: with a tree, by its hour, or with an actor's record. */
export interface StoreFault {
  code:
    | "root_mismatch"
    | "roots_unlinked"
    | "leaves_missing"
    | "token_invalid"
    | "root_missing"
    | "chain_broken"
    | "head_mismatch"
    | "record_shortened"
    | "record_rewritten"
    | "record_removed";
  hour?: number;
  actorId?: string;
  detail?: string;
}

/** What was looked at, and what was found. */
export interface StoreReport {
  roots: number;
  leaves: number;
  records: number;
  events: number;
  /** Records that have moved since the last root, or are in none yet: their ends are covered by their own chain alone. */
  uncovered: number;
  unstamped: number;
  /** SHA-256 of the newest statement: to be kept elsewhere, and given as `known` the next time. */
  newest: string;
  faults: StoreFault[];
}

const pageSize = 200;

/**
 * Recomputes every record's chain and every hourly tree, and holds them against one another: what was edited, removed,
 * swapped or cut off since a root was made is found, whole records too. `known`: a statement that must be among the roots'.
 */
export async function verifyStore(
  { records, heads: trees }: { records: Pick<Records, "page">; heads: HeadTrees },
  trustDer: readonly Uint8Array[],
  known?: string,
): Promise<StoreReport> {
  const faults: StoreFault[] = [];
  const { newest, statements, proven: leaves, ...counts } = await verifyTrees(trees, trustDer, faults);
  if (known !== undefined && !statements.has(known)) faults.push({ code: "root_missing", detail: known });
  const report = { records: 0, events: 0, uncovered: 0 };
  let page: StoredRecord[] = [];
  do {
    page = await records.page(page.at(-1)?.actorId ?? "", pageSize);
    for (const record of page) {
      report.records += 1;
      report.events += record.events.length;
      const heads = leaves.get(record.actorId) ?? [];
      leaves.delete(record.actorId);
      faults.push(...faultsOf(record, heads));
      if ((heads.at(-1)?.version ?? 0) < record.version) report.uncovered += 1;
    }
  } while (page.length === pageSize);
  for (const actorId of leaves.keys()) faults.push({ code: "record_removed", actorId });
  return { ...counts, ...report, newest, faults };
}

function faultsOf(
  { actorId, version, headHash, events }: StoredRecord,
  proven: readonly Head[],
): StoreFault[] {
  const end = chainEnd(actorId, events);
  if (end === undefined) return [{ code: "chain_broken", actorId }];
  const faults: StoreFault[] = [];
  const last = events.at(-1);
  if (end !== headHash || last?.version !== version) faults.push({ code: "head_mismatch", actorId });
  // By the last event of each version: only there does a record ever stand.
  const ends = new Map(events.map((event) => [event.version, event.hash]));
  for (const head of proven) {
    const detail = `version ${head.version}`;
    if (!ends.has(head.version)) faults.push({ code: "record_shortened", actorId, detail });
    else if (ends.get(head.version) !== head.hash) faults.push({ code: "record_rewritten", actorId, detail });
  }
  return faults;
}

async function verifyTrees(heads: HeadTrees, trustDer: readonly Uint8Array[], faults: StoreFault[]) {
  const proven = new Map<string, Head[]>();
  const statements = new Set<string>();
  const counts = { roots: 0, leaves: 0, unstamped: 0 };
  let newest = "";
  let page: HeadsRoot[] = [];
  do {
    page = await heads.roots(page.at(-1)?.hour ?? -1, pageSize);
    for (const tree of page) {
      const { hour, count, root, previous, token } = tree;
      const digest = statementDigest(tree);
      if (previous !== newest) faults.push({ code: "roots_unlinked", hour });
      newest = Buffer.from(digest).toString("hex");
      statements.add(newest);
      if (token === undefined) counts.unstamped += 1;
      else {
        const problems = tokenProblems({ token: Buffer.from(token).toString("base64") }, digest, trustDer);
        if (problems.length > 0) faults.push({ code: "token_invalid", hour, detail: problems.join() });
      }
      const subtrees: Uint8Array[] = [];
      let found = 0;
      for (let from = 0; from < count; from += leavesASubtree) {
        const some = await heads.leaves(hour, from, leavesASubtree);
        found += some.length;
        subtrees.push(subtreeRoot(some.map(leafHash)));
        for (const head of some) proven.set(head.actorId, [...(proven.get(head.actorId) ?? []), head]);
      }
      if (found !== count) faults.push({ code: "leaves_missing", hour });
      else if (rootOfSubtrees(subtrees) !== root) faults.push({ code: "root_mismatch", hour });
      counts.roots += 1;
      counts.leaves += found;
    }
  } while (page.length === pageSize);
  return { ...counts, newest, statements, proven };
}
