import { DerError } from "../x509/der-reader.ts";

const MAX_DEPTH = 32;
const CONSTRUCTED = 0x20;

/** A CMS with definite, minimal lengths, and how many bytes it took before. */
export interface Definite {
  readonly der: Uint8Array;
  readonly readBytes: number;
}

/**
 * Rewrites the first value in `bytes` with definite, minimal lengths (X.690 §8.1.3 to §10.1), as much as common signing
 * software needs: it writes the outer layers of a CMS with indefinite ones. All else of BER stays, for the reader to
 * refuse. Throws a DerError.
 */
export function toDefinite(bytes: Uint8Array): Definite {
  const { parts, next } = rewrite(bytes, 0, 0);
  return { der: Buffer.concat(parts), readBytes: next };
}

interface Rewritten {
  parts: Uint8Array[];
  size: number;
  next: number;
}

function rewrite(bytes: Uint8Array, at: number, depth: number): Rewritten {
  const [tagByte, first] = [bytes[at], bytes[at + 1]];
  if (tagByte === undefined || first === undefined) throw new DerError("cut short");
  if ((tagByte & 0x1f) === 0x1f) throw new DerError("a tag of several bytes");
  if (depth > MAX_DEPTH) throw new DerError("nested too deeply");
  const { start, end } = lengthAt(bytes, at + 1);
  if ((tagByte & CONSTRUCTED) === 0) {
    if (end === undefined) throw new DerError("an indefinite length of a primitive value");
    const content = bytes.subarray(start, end);
    return withHeader(tagByte, [content], content.length, end);
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  let next = start;
  while (end === undefined ? bytes[next] !== 0 || bytes[next + 1] !== 0 : next < end) {
    const child = rewrite(end === undefined ? bytes : bytes.subarray(0, end), next, depth + 1);
    for (const part of child.parts) parts.push(part);
    size += child.size;
    next = child.next;
  }
  return withHeader(tagByte, parts, size, end ?? next + 2);
}

function lengthAt(bytes: Uint8Array, at: number): { start: number; end: number | undefined } {
  const first = bytes[at] ?? 0;
  if (first === 0x80) return { start: at + 1, end: undefined };
  const count = first > 0x80 ? first & 0x7f : 0;
  if (count > 4) throw new DerError("an absurd length");
  let length = first;
  if (count > 0) length = bytes.subarray(at + 1, at + 1 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  const start = at + 1 + count;
  if (start + length > bytes.length) throw new DerError("cut short");
  return { start, end: start + length };
}

function withHeader(tagByte: number, parts: Uint8Array[], contentSize: number, next: number): Rewritten {
  const length: number[] = [];
  if (contentSize < 0x80) length.push(contentSize);
  else {
    for (let rest = contentSize; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
    length.unshift(0x80 | length.length);
  }
  const header = Uint8Array.from([tagByte, ...length]);
  return { parts: [header, ...parts], size: header.length + contentSize, next };
}
