import type { Hash } from "node:crypto";
import { readSync } from "node:fs";

/** Random access to the bytes of one PDF. `read` answers fewer bytes than asked only at the end of the file. */
export interface PdfSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
  /** As `read`, into memory of the caller's, for who reads all in pieces; absent where reading copies nothing. */
  readInto?(target: Uint8Array, offset: number): Uint8Array;
  /** What its first bytes add to a SHA-256, where that is known: they need not be read again for it. */
  readonly known?: { readonly bytes: number; readonly sha256: Hash };
}

/** A source over bytes in memory; what it reads are views, not copies. */
export function bytesSource(bytes: Uint8Array): PdfSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(Math.max(0, offset), Math.max(0, offset + length)),
  };
}

/** A source over another one and what is to follow it. */
export function appendedSource(base: PdfSource, tail: Uint8Array): PdfSource {
  return {
    size: base.size + tail.length,
    read(offset, length) {
      const from = Math.max(0, offset);
      const inTail = bytesOf(tail, from - base.size, offset + length - base.size);
      if (from >= base.size) return inTail;
      const head = base.read(from, offset + length - from);
      return inTail.length === 0 ? head : Buffer.concat([head, inTail]);
    },
  };
}

function bytesOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return bytes.subarray(Math.max(0, start), Math.max(0, end));
}

/** A source over an open file of `size` bytes; the caller keeps the descriptor open and closes it. */
export function fileSource(fd: number, size: number): PdfSource {
  const readInto = (target: Uint8Array, offset: number): Uint8Array => {
    const wanted = Math.max(0, Math.min(target.length, size - offset));
    let done = 0;
    while (done < wanted) {
      const got = readSync(fd, target, done, wanted - done, offset + done);
      if (got === 0) break;
      done += got;
    }
    return target.subarray(0, done);
  };
  return {
    size,
    readInto,
    read(offset, length) {
      const from = Math.max(0, offset);
      return readInto(new Uint8Array(Math.max(0, Math.min(offset + length, size) - from)), from);
    },
  };
}
