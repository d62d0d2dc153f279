import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { Retryable, Terminal } from "../actors/runtime/errors.ts";
import type { Blobs } from "../actors/runtime/ports.ts";
import { isDigest, isMissing, openParts, partsOf, unlessTaken } from "./blob-files.ts";

const leftoverMs = 3_600_000;

/**
 * Content-addressed documents: `{folder}/{first two}/{sha256}`, each a file or, where a large one grew, a folder of
 * two: `base`, a hard link to the file it grew from, and `rest`. A blob appears whole or not at all: the temporary
 * document is fsynced by who wrote it, renamed, and then its folder is fsynced; and its files never change.
 * `now` is for tests.
 */
export async function openBlobs(folder: string, now: () => number = Date.now): Promise<Blobs> {
  const temporary = join(folder, "temporary");
  await mkdir(temporary, { recursive: true });
  const folders = Array.from({ length: 256 }, (_, byte) => join(folder, byte.toString(16).padStart(2, "0")));
  await Promise.all(folders.map((one) => mkdir(one, { recursive: true })));
  await removeLeftovers(temporary, now());
  const folderOf = (sha256: string) => join(folder, sha256.slice(0, 2));
  const pathOf = (sha256: string) => join(folderOf(sha256), sha256);
  const temporaryPath = () => join(temporary, randomUUID());
  const dying = { temporaryPath, pathOf };

  return {
    temporaryPath,
    discard: (path) => rm(path, { recursive: true, force: true }),
    async adopt(path, sha256) {
      const adopted = pathOf(sha256);
      try {
        await rename(path, adopted);
      } catch (error) {
        unlessTaken(error);
        await rm(path, { recursive: true, force: true });
        await utimes(adopted, now() / 1_000, now() / 1_000);
      }
      await syncFolder(folderOf(sha256));
    },
    async borrow(sha256) {
      try {
        await stat(pathOf(sha256));
      } catch (cause) {
        throw await missingOrAway(cause, folderOf(sha256));
      }
      return { path: pathOf(sha256), release: async () => undefined };
    },
    async open(sha256) {
      try {
        return await openParts(await partsOf(pathOf(sha256)));
      } catch (cause) {
        throw new Terminal("blob_missing", { cause });
      }
    },
    async has(sha256) {
      try {
        await stat(pathOf(sha256));
        return true;
      } catch (cause) {
        const failure = await missingOrAway(cause, folderOf(sha256));
        if (failure instanceof Terminal) return false;
        throw failure;
      }
    },
    async remove(sha256) {
      await bury(pathOf(sha256), join(temporary, `removed-${sha256}`));
      await syncFolder(folderOf(sha256));
    },
    async sweep(known, olderThanMs) {
      const before = now() - olderThanMs;
      // Of who was killed and came back at once too: the next start may be months away, and these are in the clear.
      await removeLeftovers(temporary, now());
      let removed = 0;
      for (const one of folders) {
        const old = await oldBlobs(one, before);
        const named = old.length === 0 ? new Set<string>() : await known(old);
        for (const sha256 of old.filter((name) => !named.has(name)))
          if (await buryOld(dying, sha256, before)) removed++;
      }
      return removed;
    },
  };
}

interface Dying {
  temporaryPath(): string;
  pathOf(sha256: string): string;
}

/**
 * A folder half removed must never stand where a blob is looked for: it is renamed first, always to the same name, so
 * that a second try ends what a killed process began.
 */
async function bury(path: string, grave: string): Promise<void> {
  await rm(grave, { recursive: true, force: true });
  try {
    await rename(path, grave);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await rm(grave, { recursive: true, force: true });
}

/** Looks at its age once more when nobody can find it any longer: what was adopted meanwhile gets its name back. */
async function buryOld({ temporaryPath, pathOf }: Dying, sha256: string, before: number): Promise<boolean> {
  const path = pathOf(sha256);
  const grave = temporaryPath();
  // Another process may be sweeping too.
  if (!(await isOlder(path, before)) || !(await isDone(rename(path, grave)))) return false;
  const isOld = await isOlder(grave, before);
  // Somebody may have put the same document there again by now; a folder can't be linked, and needs no care then.
  if (!isOld && !(await isDone(link(grave, path)))) await isDone(rename(grave, path));
  await rm(grave, { recursive: true, force: true });
  return isOld;
}

async function isOlder(path: string, before: number): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs < before,
    () => false,
  );
}

const isDone = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

async function oldBlobs(folder: string, before: number): Promise<string[]> {
  const names = (await readdir(folder)).filter(isDigest);
  const old: string[] = [];
  for (const name of names) if (await isOlder(join(folder, name), before)) old.push(name);
  return old;
}

/** Without its folder it is the disk that is missing. */
async function missingOrAway(cause: unknown, folder: string): Promise<Retryable | Terminal> {
  return isMissing(cause) && (await isDone(stat(folder)))
    ? new Terminal("blob_missing", { cause })
    : new Retryable("file_inaccessible", { cause });
}

/** What a killed process left half made, long enough ago that nobody can be writing it. */
async function removeLeftovers(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const age = await stat(file).then(
      ({ mtimeMs }) => now - mtimeMs,
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
