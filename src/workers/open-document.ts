import { closeSync, fstatSync, openSync } from "node:fs";
import { bytesSource, fileSource, type PdfSource } from "./pdf/source.ts";

/** An open file: where its bytes are read, and which file it is. */
export interface OpenDocument {
  source: PdfSource;
  device: number;
  inode: number;
}

/** Up to this size a document is read once, whole; larger ones are read piece by piece. */
export const smallDocumentBytes = 1 << 20;

/** Opens a file for as long as `use` runs; throws the file system's errors. */
export function withDocument<T>(path: string, use: (document: OpenDocument) => T): T {
  const fd = openSync(path, "r");
  try {
    const { size, dev, ino } = fstatSync(fd);
    const file = fileSource(fd, size);
    const source = size <= smallDocumentBytes ? bytesSource(file.read(0, size)) : file;
    return use({ source, device: dev, inode: ino });
  } finally {
    closeSync(fd);
  }
}
