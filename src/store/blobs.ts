import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Terminal } from "../actors/runtime/errors.ts";
import type { Blobs } from "../actors/runtime/ports.ts";

const leftoverMs = 3_600_000;
const readBytes = 64 * 1024;

/**
 * Content-addressed documents: `{folder}/{first two}/{sha256}`, each a file or, where a large one grew, a folder of
 * two: `base`, a hard link to the file it grew from, and `rest`. A blob appears whole or not at all: the temporary
 * document is fsynced by who wrote it, renamed, and then its folder is fsynced; and its files never change.
 */
export async function openBlobs(folder: string): Promise<Blobs> {
  const temporary = join(folder, "temporary");
  await mkdir(temporary, { recursive: true });
  await Promise.all(
    Array.from({ length: 256 }, (_, byte) =>
      mkdir(join(folder, byte.toString(16).padStart(2, "0")), { recursive: true }),
    ),
  );
  await removeLeftovers(temporary);
  const folderOf = (sha256: string) => join(folder, sha256.slice(0, 2));
  const path = (sha256: string) => join(folderOf(sha256), sha256);

  return {
    temporaryPath: () => join(temporary, randomUUID()),
    discard: (temporaryPath) => rm(temporaryPath, { recursive: true, force: true }),
    path,
    async adopt(temporaryPath, sha256) {
      try {
        await rename(temporaryPath, path(sha256));
      } catch (error) {
        // A folder replaces neither a file nor a full folder: the same document is there, in one form or the other.
        if (!isTaken(error)) throw error;
        await rm(temporaryPath, { recursive: true, force: true });
      }
      await syncFolder(folderOf(sha256));
    },
    async open(sha256) {
      try {
        return await openParts(await partsOf(path(sha256)));
      } catch (cause) {
        throw new Terminal("blob_missing", { cause });
      }
    },
    async remove(sha256) {
      // A folder half removed must never stand where a blob is looked for.
      const dying = join(temporary, randomUUID());
      try {
        await rename(path(sha256), dying);
      } catch (error) {
        if (isMissing(error)) return;
        throw error;
      }
      await rm(dying, { recursive: true, force: true });
    },
  };
}

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "");
const isTaken = (error: unknown) => ["ENOTEMPTY", "EEXIST", "ENOTDIR", "EISDIR"].includes(codeOf(error));
const isMissing = (error: unknown) => codeOf(error) === "ENOENT";

async function partsOf(path: string): Promise<string[]> {
  const isFolder = (await stat(path)).isDirectory();
  return isFolder ? ["base", "rest"].map((part) => join(path, part)) : [path];
}

/** All parts are opened at once: a removal half-way through a long download does not cut it short. */
async function openParts(paths: readonly string[]): Promise<{ stream: Readable; bytes: number }> {
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

/** What a killed process left half made, long enough ago that nobody can be writing it. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > leftoverMs) await rm(file, { recursive: true, force: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
