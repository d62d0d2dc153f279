import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Terminal } from "../actors/runtime/errors.ts";
import type { Blobs } from "../actors/runtime/ports.ts";

const leftoverMs = 3_600_000;

/**
 * Content-addressed files: `{folder}/{first two}/{sha256}`. A blob appears whole or not at all: the temporary file
 * is fsynced by who wrote it, renamed, and then its folder is fsynced.
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
    discard: (temporaryPath) => rm(temporaryPath, { force: true }),
    path,
    async adopt(temporaryPath, sha256) {
      await rename(temporaryPath, path(sha256));
      await syncFolder(folderOf(sha256));
    },
    async open(sha256) {
      try {
        const { size } = await stat(path(sha256));
        return { stream: createReadStream(path(sha256)), bytes: size };
      } catch (cause) {
        throw new Terminal("blob_missing", { cause });
      }
    },
    remove: (sha256) => rm(path(sha256), { force: true }),
  };
}

/** What a killed process left half made, long enough ago that nobody can be writing it. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const age = await stat(file).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > leftoverMs) await rm(file, { force: true });
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
