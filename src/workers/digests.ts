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

/** Calls `each` with the whole source, in order, in pieces of 1 MB at most. */
export function eachChunk(source: PdfSource, each: (chunk: Uint8Array, offset: number) => void): void {
  for (let offset = 0; offset < source.size; offset += chunkBytes) {
    each(source.read(offset, Math.min(chunkBytes, source.size - offset)), offset);
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
  const trunks = new Map<DigestName, Hash>([["sha256", createHash("sha256")]]);
  for (const { algorithm } of ranges) trunks.set(algorithm, trunks.get(algorithm) ?? createHash(algorithm));
  const forks: Fork[] = ranges.map((range, place) => ({ ...range, place }));
  forks.sort((a, b) => a.gapStart - b.gapStart);
  eachChunk(source, (chunk, offset) => {
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
      const start = Math.max(0, gapEnd - offset);
      const stop = Math.min(chunk.length, end - offset);
      if (start < stop) hash?.update(chunk.subarray(start, stop));
    }
  });
  const digests = new Array<Uint8Array>(ranges.length);
  for (const { place, hash } of forks) digests[place] = hash?.digest() ?? new Uint8Array(0);
  return { sha256: trunks.get("sha256")?.digest("hex") ?? "", ranges: digests };
}
