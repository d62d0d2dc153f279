import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { BorrowedBlob } from "../../actors/runtime/ports.ts";
import { bytesOf, partsOf, unlessTaken } from "../blob-files.ts";

/**
 * What a purge may leave on the disk of another process for a while: nothing is kept for longer after it came, however
 * often it is used, and a folder whose process is dead for so long is removed by those that live.
 */
export const keptMs = 3_600_000;
const tickMs = 300_000;

interface Entry {
  bytes: number;
  since: number;
  holds: number;
  /** It goes with its last hold. */
  isDoomed: boolean;
}

/** A download that so many wait for: each holds the blob from the moment when it is there. */
interface Filling {
  work: Promise<Entry>;
  waiting: number;
}

/** Blobs on the disk of this process alone, the least recently used of them removed first. */
export interface BlobCache {
  temporaryPath(): string;
  /** The blob of that name, which stays until released; `fill` brings what is missing to a temporary path. */
  hold(sha256: string, fill: () => Promise<string>): Promise<BorrowedBlob>;
  /** Takes a temporary document; what is there already stays. */
  take(temporaryPath: string, sha256: string): Promise<unknown>;
  /** Makes place for so many bytes, as far as nobody holds what is there. */
  makeRoom(bytes: number): Promise<void>;
  /** What is held goes when it is released. */
  drop(sha256: string): Promise<void>;
  /** Removes what is too old, and the folders of dead processes. Called by itself every five minutes. */
  tidy(): Promise<void>;
  /** Removes all of it; twice is fine. */
  close(): Promise<void>;
}

/** A cache in a folder of its own below `folder`, which is made on first use. `now` is for tests. */
export function createCache(folder: string, mostBytes: number, now: () => number = Date.now): BlobCache {
  const own = join(folder, randomUUID());
  const temporary = join(own, "temporary");
  const entries = new Map<string, Entry>();
  const filling = new Map<string, Filling>();
  let bytesNow = 0;
  let timer: NodeJS.Timeout | undefined;
  const pathOf = (sha256: string) => join(own, sha256);

  /** Also after a pause in which others took this process for dead. */
  function open(): void {
    mkdirSync(temporary, { recursive: true });
    timer ??= setInterval(() => void tidy().catch(() => undefined), tickMs).unref();
  }

  function temporaryPath(): string {
    open();
    return join(temporary, randomUUID());
  }

  async function evict(sha256: string, entry: Entry): Promise<void> {
    if (entries.get(sha256) !== entry) return;
    entries.delete(sha256);
    bytesNow -= entry.bytes;
    const grave = temporaryPath();
    await rename(pathOf(sha256), grave).catch(() => undefined);
    await rm(grave, { recursive: true, force: true });
  }

  async function makeRoom(bytes: number): Promise<void> {
    // In the order of their last use.
    for (const [sha256, entry] of entries) {
      if (bytesNow + bytes <= mostBytes) return;
      if (entry.holds === 0) await evict(sha256, entry);
    }
  }

  async function take(path: string, sha256: string, holds: () => number = () => 0): Promise<Entry> {
    const bytes = await bytesOf(await partsOf(path));
    if (!entries.has(sha256)) {
      await makeRoom(bytes);
      if (!entries.has(sha256)) await rename(path, pathOf(sha256)).catch(unlessTaken);
    }
    const known = entries.get(sha256);
    if (known) await rm(path, { recursive: true, force: true });
    const entry = known ?? { bytes, since: now(), holds: 0, isDoomed: false };
    if (!known) bytesNow += bytes;
    // It came once more after it was dropped.
    entry.isDoomed = false;
    entry.holds += holds();
    entries.set(sha256, entry);
    return entry;
  }

  function fillOnce(sha256: string, fill: () => Promise<string>): Promise<Entry> {
    const under = filling.get(sha256);
    if (under) {
      under.waiting++;
      return under.work;
    }
    const begun = { waiting: 1 } as Filling;
    const isOver = () => {
      filling.delete(sha256);
      return begun.waiting;
    };
    filling.set(sha256, begun);
    begun.work = fill()
      .then((path) => take(path, sha256, isOver))
      .finally(isOver);
    return begun.work;
  }

  /** Counts the hold in the same turn as it looks: an eviction can't come between. */
  async function holdHere(sha256: string): Promise<Entry | undefined> {
    const entry = entries.get(sha256);
    if (entry === undefined) return undefined;
    const isThere = await stat(pathOf(sha256)).then(
      () => true,
      () => false,
    );
    if (entries.get(sha256) !== entry || entry.isDoomed) return undefined;
    if (!isThere || (entry.holds === 0 && now() - entry.since >= keptMs)) {
      await evict(sha256, entry);
      return undefined;
    }
    entry.holds++;
    // The last used is the last in the order.
    entries.delete(sha256);
    entries.set(sha256, entry);
    return entry;
  }

  function held(sha256: string, entry: Entry): BorrowedBlob {
    let isReleased = false;
    return {
      path: pathOf(sha256),
      async release() {
        if (isReleased) return;
        isReleased = true;
        entry.holds--;
        if (entry.holds === 0 && entry.isDoomed) await evict(sha256, entry).catch(() => undefined);
      },
    };
  }

  async function tidy(): Promise<void> {
    for (const [sha256, entry] of entries)
      if (entry.holds === 0 && now() - entry.since >= keptMs) await evict(sha256, entry);
    await mkdir(own, { recursive: true });
    await utimes(own, now() / 1_000, now() / 1_000);
    for (const name of await readdir(folder)) {
      const other = join(folder, name);
      const age = await stat(other).then(
        ({ mtimeMs }) => now() - mtimeMs,
        () => 0,
      );
      if (age > keptMs) await rm(other, { recursive: true, force: true });
    }
  }

  return {
    temporaryPath,
    makeRoom,
    take,
    tidy,
    async hold(sha256, fill) {
      open();
      return held(sha256, (await holdHere(sha256)) ?? (await fillOnce(sha256, fill)));
    },
    async drop(sha256) {
      await filling.get(sha256)?.work.catch(() => undefined);
      const entry = entries.get(sha256);
      if (entry === undefined) return;
      entry.isDoomed = true;
      if (entry.holds === 0) await evict(sha256, entry);
    },
    async close() {
      clearInterval(timer);
      await rm(own, { recursive: true, force: true });
    },
  };
}
