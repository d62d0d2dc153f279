import { closeSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { appendedSource, bytesSource, fileSource, type PdfSource } from "./pdf/source.ts";

/**
 * An open document: where its bytes are read, and the file that holds the first of them. A document is one file, or a
 * folder of two: `base`, which it shares with the documents it was made from, and `rest`, what follows that.
 */
export interface OpenDocument {
  source: PdfSource;
  base: BaseFile;
  /** What follows the base; empty when the base is all. */
  rest: Uint8Array;
}

/** A file, and what tells it from any other: those that we make are never changed once they are made. */
export interface BaseFile {
  path: string;
  source: PdfSource;
  /** Device, inode, size and time of the last change of its bytes, to the nanosecond. */
  identity: string;
}

/** Up to this size a document is read once, whole, and written anew with each revision; larger ones are shared. */
export const smallDocumentBytes = 1 << 20;

export const basePart = "base";
export const restPart = "rest";

/** Opens a document for as long as `use` runs; throws the file system's errors. */
export function withDocument<T>(path: string, use: (document: OpenDocument) => T): T {
  const fd = openSync(path, "r");
  try {
    const stats = fstatSync(fd, { bigint: true });
    if (stats.isDirectory()) return withParts(path, use);
    const size = Number(stats.size);
    const file = fileSource(fd, size);
    const source = size <= smallDocumentBytes ? bytesSource(file.read(0, size)) : file;
    const identity = `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs}`;
    return use({ source, base: { path, source, identity }, rest: nothing });
  } finally {
    closeSync(fd);
  }
}

function withParts<T>(folder: string, use: (document: OpenDocument) => T): T {
  return withDocument(join(folder, basePart), ({ base }) =>
    withDocument(join(folder, restPart), ({ source }) => {
      const rest = source.read(0, source.size);
      return use({ source: appendedSource(base.source, rest), base, rest });
    }),
  );
}

const nothing = new Uint8Array(0);
