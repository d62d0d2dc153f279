import { createHash, randomUUID } from "node:crypto";
import { createReadStream, linkSync, renameSync, rmSync, statSync, unlinkSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Clock, Inspection, SignResult, SignTask } from "../../actors/runtime/ports.ts";
import { isRepairable } from "../../workers/pdf/judge.ts";
import type { Input } from "./inputs.ts";

/** What became of one file; `repairedFrom` is the SHA-256 of one that was damaged and written anew. */
export type Sealed = { file: string } & (
  | { ok: true; out: string; sha256: string; bytes: number; level: string; repairedFrom?: string }
  | { ok: false; code: string; detail?: string }
);

/** How files are sealed. */
export interface Sealing {
  folder: string;
  clock: Clock;
  /** All of a task that is the same for each file sealed at that time. */
  task(signingTime: number): Omit<SignTask, "path" | "outPath" | "bytes" | "signingTime">;
  sign(task: SignTask): Promise<SignResult>;
  /** Looks at a file in a process of its own; one that is damaged is written anew to `repairTo`, where that is given. */
  inspect(path: string, repairTo?: string): Promise<Inspection>;
  /** Every file is looked at first. */
  inspectFirst: boolean;
  /** Damaged files that nobody has signed are written anew. */
  repair: boolean;
  force: boolean;
  /** Files in hand at once. */
  atOnce: number;
  /** No further file is begun after it. */
  signal: AbortSignal;
}

/** Seals files into a folder, and tells of each as it is done. Resolves once the sealed ones are durable there. */
export async function sealFiles(
  inputs: readonly Input[],
  sealing: Sealing,
  told: (sealed: Sealed) => void,
): Promise<void> {
  const left = inputs.values();
  const work = async () => {
    for (const input of left) {
      if (sealing.signal.aborted) return;
      told(await sealed(input, sealing));
    }
  };
  await Promise.all(Array.from({ length: sealing.atOnce }, work));
  const folder = await open(sealing.folder, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function sealed({ path, outName }: Input, sealing: Sealing): Promise<Sealed> {
  const out = join(sealing.folder, outName);
  // Nothing of that name stands there before it is whole, durable and checked.
  const hidden = join(sealing.folder, `.${randomUUID()}`);
  const paths = { path, outPath: `${hidden}.partial`, repairTo: `${hidden}.repaired.partial` };
  try {
    const taken = placeTaken(path, out, sealing.force);
    if (taken !== undefined) return failed(path, taken);
    const { result, isRepaired } = await signed(paths, sealing);
    if (!result.ok) return failed(path, result.code, result.detail);
    publish(paths.outPath, out, sealing.force);
    const { sha256, bytes, level } = result;
    const repairedFrom = isRepaired ? { repairedFrom: await sha256Of(path) } : {};
    return { file: path, ok: true, out, sha256, bytes, level, ...repairedFrom };
  } catch (error) {
    return failed(path, codeOf(error), error instanceof Error ? error.message : undefined);
  } finally {
    if (sealing.repair) await rm(paths.repairTo, { force: true });
  }
}

interface Paths {
  path: string;
  outPath: string;
  repairTo: string;
}

type Attempt = { result: SignResult | (Inspection & { ok: false }); isRepaired: boolean };

/**
 * A file that need not be looked at first is only looked at when sealing fails in a way that the look may mend, or
 * explain better: few are.
 */
async function signed({ path, outPath, repairTo }: Paths, sealing: Sealing): Promise<Attempt> {
  const sign = async (isRepaired: boolean): Promise<Attempt> => {
    const signingTime = sealing.clock.now();
    const from = isRepaired ? repairTo : path;
    const task = { ...sealing.task(signingTime), path: from, ...sizeOf(from), outPath, signingTime };
    return { result: await sealing.sign(task), isRepaired };
  };
  const look = () => sealing.inspect(path, sealing.repair ? repairTo : undefined);
  if (sealing.inspectFirst) {
    const seen = await look();
    return seen.ok ? sign(seen.rewritten !== undefined) : { result: seen, isRepaired: false };
  }
  const first = await sign(false);
  if (first.result.ok || !isWorthALook(first.result.code, sealing.repair)) return first;
  const seen = await look();
  if (!seen.ok) return { result: seen, isRepaired: false };
  return seen.rewritten === undefined ? first : sign(true);
}

function sizeOf(path: string): { bytes?: number } {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? { bytes: found.size } : {};
}

const isWorthALook = (code: string, repair: boolean): boolean =>
  code === "readback_failed" || (repair && isRepairable(code));

// At once, and not by Node's few threads for files: those wait for the disk, and each turn there costs a hundred times more.
function placeTaken(path: string, out: string, force: boolean): string | undefined {
  const there = statSync(out, { throwIfNoEntry: false });
  if (there === undefined) return undefined;
  const input = statSync(path);
  if (input.ino === there.ino && input.dev === there.dev) return "same_path";
  return force ? undefined : "output_exists";
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Gives the file its name: unlike a rename, a link never replaces what came there in the meantime. */
function publish(outPath: string, out: string, force: boolean): void {
  try {
    if (force) {
      renameSync(outPath, out);
      return;
    }
    linkSync(outPath, out);
  } catch (error) {
    // Some file systems know no links.
    if (force || !["EPERM", "ENOTSUP", "ENOSYS"].includes(errnoOf(error))) {
      rmSync(outPath, { force: true });
      throw error;
    }
    renameSync(outPath, out);
    return;
  }
  unlinkSync(outPath);
}

const failed = (file: string, code: string, detail?: string): Sealed => ({
  file,
  ok: false,
  code,
  ...(detail !== undefined && { detail }),
});

const errnoOf = (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "");

function codeOf(error: unknown): string {
  const errno = errnoOf(error);
  if (errno === "EEXIST") return "output_exists";
  if (errno === "ENOSPC" || errno === "EDQUOT") return "disk_full";
  return errno === "" ? "internal_error" : "file_inaccessible";
}
