import {
  leafHash,
  leavesASubtree,
  pathTo,
  rootFrom,
  rootOver,
  statementDigest,
} from "../actors/runtime/merkle.ts";
import type { HeadTrees } from "../actors/runtime/ports.ts";

/** That a record stood at this head when an hour's tree was made, and when a TSA saw the tree's root. */
export interface InclusionProof {
  actorId: string;
  version: number;
  /** Of the record's last event at that version. */
  head: string;
  /** Whole hours since 1970. */
  hour: number;
  position: number;
  count: number;
  /** Siblings from the leaf up, SHA-256 in hex. */
  path: string[];
  root: string;
  previous: string;
  /** A timestamp token over the statement, in DER, Base64; absent while the TSA is waited for. */
  token?: string;
}

/** The newest proof for a record; undefined before its first tree. */
export async function proveInclusion(heads: HeadTrees, actorId: string): Promise<InclusionProof | undefined> {
  const found = await heads.leafOf(actorId);
  if (found === undefined) return undefined;
  const { root: tree, position, head, subtrees } = found;
  const subtree = Math.floor(position / leavesASubtree);
  const leaves = await heads.leaves(tree.hour, subtree * leavesASubtree, leavesASubtree);
  const above = subtrees.map((one) => Buffer.from(one, "hex"));
  const path = [...pathTo(position % leavesASubtree, leaves.map(leafHash)), ...pathTo(subtree, above)];
  const { hour, count, root, previous, token } = tree;
  return {
    actorId,
    version: head.version,
    head: head.hash,
    hour,
    position,
    count,
    path: path.map(hex),
    root,
    previous,
    ...(token !== undefined && { token: Buffer.from(token).toString("base64") }),
  };
}

/** What the token must be over; undefined when the path does not lead from the head to the root. */
export function provenDigest(proof: InclusionProof): Uint8Array | undefined {
  const { actorId, version, head, position, count, path, root } = proof;
  const leaf = leafHash({ actorId, version, hash: head });
  const reached = rootFrom(
    leaf,
    position,
    count,
    path.map((one) => Buffer.from(one, "hex")),
  );
  return reached !== undefined && hex(reached) === root ? statementDigest(proof) : undefined;
}

/** The root of a subtree, over its leaves. */
export const subtreeRoot = rootOver;

/** The root over the roots of a tree's subtrees. */
export const rootOfSubtrees = (subtrees: readonly Uint8Array[]): string => hex(rootOver(subtrees));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
