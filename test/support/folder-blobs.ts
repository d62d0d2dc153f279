import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Terminal } from "../../src/actors/runtime/errors.ts";
import type { Blobs } from "../../src/actors/runtime/ports.ts";

/** Blobs without care: plain files of one folder, each of one part, that a crash may halve. */
export function folderBlobs(temporary: string, kept: string, now: () => number = Date.now): Blobs {
  const adoptedAt = new Map<string, number>();
  const found = async (sha256: string) => {
    try {
      const path = join(kept, sha256);
      return { path, bytes: (await stat(path)).size };
    } catch (cause) {
      throw new Terminal("blob_missing", { cause });
    }
  };
  const remove = (sha256: string) => rm(join(kept, sha256), { force: true });
  return {
    temporaryPath: () => join(temporary, randomUUID()),
    discard: (temporaryPath) => rm(temporaryPath, { force: true }),
    async adopt(from, sha256) {
      await rename(from, join(kept, sha256));
      adoptedAt.set(sha256, now());
    },
    borrow: async (sha256) => ({ path: (await found(sha256)).path, release: async () => undefined }),
    async open(sha256) {
      const { path, bytes } = await found(sha256);
      return { bytes, stream: createReadStream(path) };
    },
    has: (sha256) =>
      found(sha256).then(
        () => true,
        () => false,
      ),
    remove,
    async sweep(known, olderThanMs) {
      const names = await readdir(kept);
      const old = names.filter((name) => now() - (adoptedAt.get(name) ?? 0) > olderThanMs);
      const named = await known(old);
      const unnamed = old.filter((name) => !named.has(name));
      await Promise.all(unnamed.map(remove));
      return unnamed.length;
    },
  };
}
