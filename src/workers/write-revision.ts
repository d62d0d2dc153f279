import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsync,
  lstatSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { promisify } from "node:util";
import { type OpenDocument, smallDocumentBytes } from "./open-document.ts";

const fsyncFile = promisify(fsync);

/** Thrown when a document would be written over itself. */
export class OutputIsInput extends Error {}

/** Where a document is, and where it and what follows are to be. */
export interface RevisionPaths {
  path: string;
  outPath: string;
}

/** A file just written, whose bytes are not durable before `settle`. */
export interface WrittenFile {
  fd: number;
}

/**
 * Writes the open document and a tail of any revisions to `outPath`. A leftover there is replaced; nothing is left
 * there when it throws. The answer is to be given to `settle`.
 */
export function writeRevision(paths: RevisionPaths, document: OpenDocument, tail: Uint8Array): WrittenFile {
  const { path, outPath } = paths;
  const leftover = lstatSync(outPath, { throwIfNoEntry: false });
  if (leftover?.ino === document.inode && leftover.dev === document.device) throw new OutputIsInput();
  rmSync(outPath, { force: true });
  const { source } = document;
  const small = source.size <= smallDocumentBytes;
  // Where the file system can share extents (btrfs, XFS), a large document's bytes are not written twice.
  if (!small) {
    copyFileSync(path, outPath, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    chmodSync(outPath, 0o600);
  }
  try {
    const fd = openSync(outPath, small ? "wx" : "a", 0o600);
    try {
      if (small) writeFileSync(fd, source.read(0, source.size));
      writeFileSync(fd, tail);
      return { fd };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  } catch (error) {
    rmSync(outPath, { force: true });
    throw error;
  }
}

/** Makes what was written durable, and closes the file. */
export async function settle({ fd }: WrittenFile): Promise<void> {
  try {
    await fsyncFile(fd);
  } finally {
    closeSync(fd);
  }
}
