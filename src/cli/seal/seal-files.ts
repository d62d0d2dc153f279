import { randomUUID } from "node:crypto";
import { link, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Inspection, SignResult, SignTask } from "../../actors/runtime/ports.ts";
import type { Input } from "./inputs.ts";

/** What became of one file. */
export type Sealed = { file: string } & (
  | { ok: true; out: string; sha256: string; bytes: number; level: string }
  | { ok: false; code: string; detail?: string }
);

/** How files are sealed: all of a task that is the same for each. */
export interface Sealing {
  folder: string;
  task: Omit<SignTask, "path" | "outPath" | "bytes" | "signingTime">;
  sign(task: SignTask): Promise<SignResult>;
  /** Who looks at a file before it is sealed, if anyone does. */
  inspect?: (path: string) => Promise<Inspection>;
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
  try {
    const refused = await refusal(path, out, sealing);
    if (refused !== undefined) return { file: path, ...refused };
    // Nothing of that name stands there before it is whole, durable and checked.
    const outPath = join(sealing.folder, `.${randomUUID()}.partial`);
    const task = { ...sealing.task, path, outPath, signingTime: Date.now() };
    const result = await sealing.sign(task);
    if (!result.ok) return failed(path, result.code, result.detail);
    await publish(outPath, out, sealing.force);
    const { sha256, bytes, level } = result;
    return { file: path, ok: true, out, sha256, bytes, level };
  } catch (error) {
    return failed(path, codeOf(error), error instanceof Error ? error.message : undefined);
  }
}

type Refusal = { ok: false; code: string; detail?: string };

async function refusal(path: string, out: string, sealing: Sealing): Promise<Refusal | undefined> {
  const there = await stat(out).catch(() => undefined);
  if (there !== undefined) {
    const input = await stat(path);
    if (input.ino === there.ino && input.dev === there.dev) return { ok: false, code: "same_path" };
    if (!sealing.force) return { ok: false, code: "output_exists" };
  }
  const inspection = await sealing.inspect?.(path);
  return inspection === undefined || inspection.ok ? undefined : inspection;
}

/** Gives the file its name: unlike a rename, a link never replaces what came there in the meantime. */
async function publish(outPath: string, out: string, force: boolean): Promise<void> {
  try {
    if (force) return await rename(outPath, out);
    await link(outPath, out);
  } catch (error) {
    // Some file systems know no links.
    if (force || !["EPERM", "ENOTSUP", "ENOSYS"].includes(errnoOf(error))) {
      await rm(outPath, { force: true });
      throw error;
    }
    return rename(outPath, out);
  }
  await rm(outPath, { force: true });
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
