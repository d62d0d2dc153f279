import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { join, sep } from "node:path";
import { Retryable } from "../runtime/errors.ts";
import type { DeliveryFile } from "./delivery-files.ts";

/** Whose, below which folder of theirs, under which name. */
export interface Place {
  firmId: string;
  path: string;
  name: string;
}

/** Folders of firms below the one that the operator has given for it. */
export interface DeliveryFolder {
  /**
   * All the files in a folder of that name, durably, or none; again changes nothing. Throws `Retryable`:
   * `delivery_refused`, `delivery_unreachable`, `delivery_unconfirmed`, or `delivery_taken` by something else.
   */
  put(place: Place, files: readonly DeliveryFile[]): Promise<void>;
}

export function createDeliveryFolder(base: string): DeliveryFolder {
  return {
    async put({ firmId, path, name }, files) {
      try {
        const home = await homeOf(base, firmId, path);
        await removeUnfinished(home, name);
        const unfinished = join(home, `${unfinishedOf(name)}${randomUUID()}`);
        await mkdir(unfinished);
        try {
          for (const file of files) await write(join(unfinished, file.name), file);
          await sync(unfinished);
        } catch (error) {
          // The next try may come after the purge, or never; and a full disk needs its room.
          await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
          throw error;
        }
        if (!(await isRenamed(unfinished, join(home, name)))) {
          await rm(unfinished, { recursive: true, force: true });
          if (!(await isThere(join(home, name), files))) throw new Retryable("delivery_taken");
        }
        await sync(home);
      } catch (cause) {
        if (cause instanceof Error && "syscall" in cause)
          throw new Retryable("delivery_unreachable", { cause });
        throw cause;
      }
    },
  };
}

const unfinishedOf = (name: string): string => `.unfinished ${name} `;

/** Each firm has its own; neither a name nor a link leads out of it. */
async function homeOf(base: string, firmId: string, path: string): Promise<string> {
  if (path.split("/").some((part) => part === "" || part.startsWith(".")) || path.includes("\\"))
    throw new Retryable("delivery_refused");
  // Not made when it is missing: a disk that is not mounted must not be written beside.
  const root = await realpath(base);
  const home = join(root, firmId, path);
  await mkdir(home, { recursive: true });
  const real = await realpath(home);
  if (!real.startsWith(`${join(root, firmId)}${sep}`)) throw new Retryable("delivery_refused");
  return real;
}

async function removeUnfinished(home: string, name: string): Promise<void> {
  const left = (await readdir(home)).filter((one) => one.startsWith(unfinishedOf(name)));
  for (const one of left) await rm(join(home, one), { recursive: true, force: true });
}

async function write(path: string, { sha256, bytes, open: source }: DeliveryFile): Promise<void> {
  const digest = createHash("sha256");
  let written = 0;
  const handle = await open(path, "wx", 0o640);
  try {
    for await (const chunk of await source()) {
      digest.update(chunk as Buffer);
      written += (chunk as Buffer).length;
      await handle.writeFile(chunk as Buffer);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (written !== bytes || digest.digest("hex") !== sha256) throw new Retryable("delivery_unconfirmed");
}

async function isRenamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR") return false;
    throw error;
  }
}

/** Whether an earlier try had come so far. */
async function isThere(folder: string, files: readonly DeliveryFile[]): Promise<boolean> {
  try {
    for (const { name, sha256 } of files) {
      const found = createHash("sha256").update(await readFile(join(folder, name)));
      if (found.digest("hex") !== sha256) return false;
    }
    return true;
  } catch {
    return false;
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
