import { rm } from "node:fs/promises";
import { Terminal } from "../../actors/runtime/errors.ts";
import type { Blobs } from "../../actors/runtime/ports.ts";
import { bytesOf, diskFailure, isDigest, openParts, partsOf } from "../blob-files.ts";
import {
  type BucketOptions,
  type BucketPlace,
  bucketOf,
  download,
  keepsVersions,
  list,
  look,
  removeObject,
  removeUnfinished,
} from "./bucket.ts";
import { createCache } from "./cache.ts";
import { upload } from "./upload.ts";

export interface S3Blobs {
  blobs: Blobs;
  /** Throws `Terminal("blobs_versioned")`, or `Retryable` as long as the bucket can't be listed. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** `now` is for tests. */
export interface S3BlobsOptions extends Omit<BucketOptions, "purpose"> {
  cacheFolder: string;
  cacheBytes: number;
  now?: () => number;
}

/**
 * Documents in a bucket, each one object named by its SHA-256, whole also where the disk has it in two parts. The
 * bucket is the truth: what is in no object is not stored. Workers read copies in a cache of this process.
 */
export function openS3Blobs(place: BucketPlace, options: S3BlobsOptions): S3Blobs {
  const { cacheFolder, cacheBytes, now = Date.now } = options;
  const bucket = bucketOf(place, { ...options, purpose: "blobs" });
  const cache = createCache(cacheFolder, cacheBytes, now);

  async function fetched(sha256: string): Promise<string> {
    const made: string[] = [];
    const nextPath = () => {
      const path = cache.temporaryPath();
      made.push(path);
      return path;
    };
    try {
      // What came garbled once may come right; what comes so twice is kept so.
      for (let tries = 0; tries < 2; tries++) {
        const got = await download(bucket, sha256, nextPath, cache.makeRoom);
        if (got === undefined) throw new Terminal("blob_missing");
        if (got.sha256 === sha256) return got.path;
      }
      throw new Terminal("blob_damaged");
    } catch (error) {
      await Promise.all(made.map((path) => rm(path, { force: true })));
      throw error;
    }
  }

  const borrow = async (sha256: string) => {
    try {
      return await cache.hold(sha256, () => fetched(sha256));
    } catch (error) {
      throw diskFailure(error);
    }
  };

  async function buryOld(name: string, before: number): Promise<boolean> {
    // Somebody may have adopted it again since it was listed.
    const kept = await look(bucket, name);
    if (kept === undefined || kept.modifiedAt >= before) return false;
    await removeObject(bucket, name);
    await cache.drop(name);
    return true;
  }

  return {
    blobs: {
      temporaryPath: cache.temporaryPath,
      discard: (path) => rm(path, { recursive: true, force: true }),
      async adopt(path, sha256) {
        try {
          const parts = await partsOf(path);
          const bytes = await bytesOf(parts);
          await upload(bucket, sha256, { bytes, sha256, open: async () => (await openParts(parts)).stream });
          await cache.take(path, sha256);
        } catch (error) {
          throw diskFailure(error);
        }
      },
      borrow,
      async open(sha256) {
        const { path, release } = await borrow(sha256);
        try {
          return await openParts(await partsOf(path));
        } catch (error) {
          throw diskFailure(error);
        } finally {
          await release();
        }
      },
      has: async (sha256) => (await look(bucket, sha256)) !== undefined,
      async remove(sha256) {
        await removeObject(bucket, sha256);
        await cache.drop(sha256);
      },
      async sweep(known, olderThanMs) {
        const before = now() - olderThanMs;
        let removed = 0;
        for await (const page of list(bucket)) {
          const old = page.filter(({ name, modifiedAt }) => isDigest(name) && modifiedAt < before);
          const names = old.map(({ name }) => name);
          const named = names.length === 0 ? new Set<string>() : await known(names);
          for (const name of names) if (!named.has(name) && (await buryOld(name, before))) removed++;
        }
        await removeUnfinished(bucket, before);
        return removed;
      },
    },
    async check() {
      // A document must be gone when it is removed, and a bucket with versions keeps it.
      if (await keepsVersions(bucket)) throw new Terminal("blobs_versioned");
      for await (const _ of list(bucket)) break;
    },
    async close() {
      await cache.close();
      bucket.client.destroy();
    },
  };
}
