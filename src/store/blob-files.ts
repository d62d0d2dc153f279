import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Retryable, Terminal } from "../actors/runtime/errors.ts";

const readBytes = 64 * 1024;

/** What names a blob, and nothing else in the same folder. */
export const isDigest = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);

/** The files of a document: itself, or the two of its folder. */
export async function partsOf(path: string): Promise<string[]> {
  const isFolder = (await stat(path)).isDirectory();
  return isFolder ? ["base", "rest"].map((part) => join(path, part)) : [path];
}

export async function bytesOf(parts: readonly string[]): Promise<number> {
  const sizes = await Promise.all(parts.map(async (part) => (await stat(part)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** All parts are opened at once: a removal half-way through a long download does not cut it short. */
export async function openParts(paths: readonly string[]): Promise<{ stream: Readable; bytes: number }> {
  const handles: FileHandle[] = [];
  const closeAll = () => Promise.all(handles.map((handle) => handle.close()));
  try {
    let bytes = 0;
    for (const path of paths) {
      const handle = await open(path, "r");
      handles.push(handle);
      bytes += (await handle.stat()).size;
    }
    const stream = Readable.from(readInOrder(handles), { objectMode: false });
    // Not in the generator: one that was never asked for a byte has nothing to run when it is given up.
    stream.once("close", () => void closeAll().catch(() => undefined));
    return { stream, bytes };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function* readInOrder(handles: readonly FileHandle[]): AsyncGenerator<Buffer> {
  for (const handle of handles) {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(readBytes), 0, readBytes);
      if (bytesRead === 0) break;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

/** The system's own code of a failure, such as ENOENT. */
const systemCode = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

export const isMissing = (error: unknown): boolean => systemCode(error) === "ENOENT";

/** A folder replaces neither a file nor a full folder: the same document is there, in one form or the other. */
export function unlessTaken(error: unknown): void {
  if (!["ENOTEMPTY", "EEXIST", "ENOTDIR", "EISDIR"].includes(systemCode(error))) throw error;
}

/** Whatever a disk refuses now it may take later; what says already what it is stays as it is. */
export function diskFailure(error: unknown): Retryable | Terminal {
  if (error instanceof Retryable || error instanceof Terminal) return error;
  const isFull = ["ENOSPC", "EDQUOT"].includes(systemCode(error));
  return new Retryable(isFull ? "disk_full" : "file_inaccessible", { cause: error });
}
