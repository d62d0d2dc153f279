import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Terminal } from "../actors/runtime/errors.ts";
import type { Blobs } from "../actors/runtime/ports.ts";

const leftoverMs = 3_600_000;

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
        const parts = await partsOf(path(sha256));
        const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
        return { stream: readInOrder(parts.map((part) => part.path)), bytes };
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

async function partsOf(path: string): Promise<{ path: string; bytes: number }[]> {
  const stats = await stat(path);
  if (!stats.isDirectory()) return [{ path, bytes: stats.size }];
  const parts = ["base", "rest"].map((part) => join(path, part));
  return Promise.all(parts.map(async (part) => ({ path: part, bytes: (await stat(part)).size })));
}

function readInOrder(paths: readonly string[]): Readable {
  const [only] = paths;
  if (paths.length === 1 && only !== undefined) return createReadStream(only);
  return Readable.from(
    (async function* () {
      for (const path of paths) yield* createReadStream(path);
    })(),
    { objectMode: false },
  );
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
