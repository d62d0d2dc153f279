import { hash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { Head, HeadsRoot } from "./ports.ts";

/*
 * The Merkle tree of RFC 9162 §2.1 with SHA-256. Leaves and nodes begin with a byte of their own, so that no node can
 * pass for a leaf.
 */

/** Of a whole tree of so many leaves, a power of two, only the root is needed to prove what other leaves are in. */
export const leavesASubtree = 1_024;

type Digest = Uint8Array;

const leafMark = Buffer.of(0);
const nodeMark = Buffer.of(1);
const sha256 = (bytes: Uint8Array): Digest => hash("sha256", bytes, "buffer");

/** A leaf says where an actor's record stood: its hash covers every event before. */
export function leafHash({ actorId, version, hash: head }: Head): Digest {
  return sha256(Buffer.concat([leafMark, Buffer.from(canonicalJson([actorId, version, head]))]));
}

const nodeHash = (left: Digest, right: Digest): Digest => sha256(Buffer.concat([nodeMark, left, right]));

/** The root over these hashes of leaves, or of complete subtrees of one size; of none, SHA-256 of nothing. */
export function rootOver(hashes: readonly Digest[]): Digest {
  if (hashes.length === 0) return sha256(new Uint8Array());
  let level = hashes;
  while (level.length > 1) {
    const next: Digest[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]];
      // What has no sibling goes up as it is: the same as splitting at the largest power of two.
      if (left !== undefined) next.push(right === undefined ? left : nodeHash(left, right));
    }
    level = next;
  }
  return level[0] ?? sha256(new Uint8Array());
}

/** The siblings on the way from one of these hashes to their root, from the bottom up. */
export function pathTo(index: number, hashes: readonly Digest[]): Digest[] {
  const path: Digest[] = [];
  let [at, level] = [index, hashes];
  while (level.length > 1) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) path.push(sibling);
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) =>
      rootOver(level.slice(2 * i, 2 * i + 2)),
    );
    at >>= 1;
  }
  return path;
}

/** The root that a leaf at this position leads to by its path; undefined when the path has another length (§2.1.3.2). */
export function rootFrom(
  leaf: Digest,
  position: number,
  count: number,
  path: readonly Digest[],
): Digest | undefined {
  if (!(position >= 0 && position < count)) return undefined;
  let [node, at, last] = [leaf, position, count - 1];
  const left = [...path];
  while (last > 0) {
    if (at % 2 === 1 || at < last) {
      const sibling = left.shift();
      if (sibling === undefined) return undefined;
      node = at % 2 === 1 ? nodeHash(sibling, node) : nodeHash(node, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return left.length === 0 ? node : undefined;
}

/** What is stamped of a tree: its root, how many leaves it has, of which hour, and the statement before. */
export function statementDigest({ hour, count, root, previous }: Omit<HeadsRoot, "token">): Digest {
  const format = "collecte-heads/1";
  return sha256(Buffer.from(canonicalJson({ count, format, hour, previous, root })));
}
