import { createHash, type Hash } from "node:crypto";
import type { PdfSource } from "./pdf/source.ts";
import type { DigestName } from "./x509/signature-algorithm.ts";

/** What one signature is over: the file from its start to `gapStart`, and from `gapEnd` to `end`, in bytes. */
export interface SignedRange {
  algorithm: DigestName;
  gapStart: number;
  gapEnd: number;
  end: number;
}

/** A file's SHA-256 in hex, and one digest for each range asked, in that order. */
export interface FileDigests {
  sha256: string;
  ranges: Uint8Array[];
}

const chunkBytes = 1 << 20;
// One for each thread: what is read once is hashed at once, and leaves no garbage.
let piece: Uint8Array | undefined;

/**
 * Calls `each` with the source from `start` on, in order, in pieces of 1 MB at most, which are overwritten by the next:
 * `each` may keep none, nor read another source in this way.
 */
export function eachChunk(
  source: PdfSource,
  each: (chunk: Uint8Array, offset: number) => void,
  start = 0,
): void {
  if (source.readInto !== undefined) piece ??= new Uint8Array(chunkBytes);
  for (let offset = start; offset < source.size; offset += chunkBytes) {
    const length = Math.min(chunkBytes, source.size - offset);
    const chunk =
      source.readInto === undefined || piece === undefined
        ? source.read(offset, length)
        : source.readInto(piece.subarray(0, length), offset);
    each(chunk, offset);
  }
}

interface Fork extends SignedRange {
  place: number;
  hash?: Hash;
}

/**
 * Digests a file and all its signed ranges in one pass: each range takes over the state that the file's own hash
 * has at its gap, so that only what follows the gap is hashed again. Ranges must lie within the file.
 */
export function digestRanges(source: PdfSource, ranges: readonly SignedRange[]): FileDigests {
  // What is known of the start serves when no range has its gap, or another algorithm, there.
  const { known } = source;
  const start =
    known !== undefined && ranges.every((r) => r.algorithm === "sha256" && r.gapStart >= known.bytes)
      ? known
      : { bytes: 0, sha256: createHash("sha256") };
  const trunks = new Map<DigestName, Hash>([["sha256", start.sha256.copy()]]);
  for (const { algorithm } of ranges) trunks.set(algorithm, trunks.get(algorithm) ?? createHash(algorithm));
  const forks: Fork[] = ranges.map((range, place) => ({ ...range, place }));
  forks.sort((a, b) => a.gapStart - b.gapStart);
  const digestChunk = (chunk: Uint8Array, offset: number) => {
    let from = 0;
    for (const fork of forks) {
      if (fork.hash !== undefined) continue;
      const at = fork.gapStart - offset;
      if (at > chunk.length) break;
      for (const trunk of trunks.values()) trunk.update(chunk.subarray(from, at));
      from = at;
      fork.hash = trunks.get(fork.algorithm)?.copy() ?? createHash(fork.algorithm);
    }
    for (const trunk of trunks.values()) trunk.update(chunk.subarray(from));
    for (const { hash, gapEnd, end } of forks) {
      const begin = Math.max(0, gapEnd - offset);
      const stop = Math.min(chunk.length, end - offset);
      if (begin < stop) hash?.update(chunk.subarray(begin, stop));
    }
  };
  eachChunk(source, digestChunk, start.bytes);
  const digests = new Array<Uint8Array>(ranges.length);
  for (const { place, hash } of forks) digests[place] = hash?.digest() ?? new Uint8Array(0);
  return { sha256: trunks.get("sha256")?.digest("hex") ?? "", ranges: digests };
}
