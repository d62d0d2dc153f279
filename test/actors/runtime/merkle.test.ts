import { createHash } from "node:crypto";
import { expect } from "chai";
import { leafHash, pathTo, rootFrom, rootOver, statementDigest } from "../../../src/actors/runtime/merkle.ts";

const sha256 = (...parts: Uint8Array[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

/** RFC 9162 §2.1.1, word for word, over hashes of leaves. */
function merkleTreeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(Buffer.of(1), merkleTreeHash(leaves.slice(0, k)), merkleTreeHash(leaves.slice(k)));
}

const leaves = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    leafHash({ actorId: `col_${i}`, version: i + 1, hash: "ab".repeat(32) }),
  );

describe("a tree of heads", () => {
  it("has the root of RFC 9162, at every size", () => {
    for (let count = 0; count <= 70; count++) {
      expect(Buffer.from(rootOver(leaves(count))).equals(merkleTreeHash(leaves(count))), `${count}`).to.equal(
        true,
      );
    }
  });

  it("proves every leaf by its path, at every size, and none by another path or place", () => {
    for (let count = 1; count <= 40; count++) {
      const all = leaves(count);
      const root = Buffer.from(rootOver(all));
      all.forEach((leaf, position) => {
        const path = pathTo(position, all);
        const reached = (at: number, of: number, by = path) => {
          const found = rootFrom(leaf, at, of, by);
          return found !== undefined && root.equals(found);
        };
        expect(reached(position, count), `${position} of ${count}`).to.equal(true);
        expect(reached(position + 1, count)).to.equal(false);
        expect(reached(position, count, [...path, sha256()])).to.equal(false);
        if (path.length > 0) expect(reached(position, count, path.slice(1))).to.equal(false);
      });
    }
  });

  it("is put together from the roots of its subtrees", () => {
    const all = leaves(37);
    const subtrees = Array.from({ length: 5 }, (_, i) => rootOver(all.slice(8 * i, 8 * i + 8)));
    expect(Buffer.from(rootOver(subtrees)).equals(rootOver(all))).to.equal(true);
    const path = [...pathTo(21 % 8, all.slice(16, 24)), ...pathTo(2, subtrees)];
    expect(path).to.deep.equal(pathTo(21, all));
  });

  it("is stamped with its hour, its size and the statement before", () => {
    const tree = { hour: 1, count: 2, root: "aa", previous: "" };
    const others = [{ hour: 2 }, { count: 3 }, { root: "ab" }, { previous: "cc" }].map((one) => ({
      ...tree,
      ...one,
    }));
    for (const other of others) {
      expect(Buffer.from(statementDigest(other)).equals(statementDigest(tree))).to.equal(false);
    }
  });
});
