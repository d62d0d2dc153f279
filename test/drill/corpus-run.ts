import { createReadStream } from "node:fs";
import { copyFile, mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { createInspector, type Inspector } from "../../src/workers/pdf/inspector.ts";
import { createTestPki } from "../workers/pki.ts";
import { faultsOnceSigned, pageFaults, type TrialSettings } from "./corpus-trial.ts";

/** What became of one file of the corpus. */
export interface CorpusFile {
  readonly kind: string;
  readonly name: string;
  readonly outcome: "sealed" | "repaired+sealed" | "refused" | "FAILED";
  readonly code?: string;
  readonly detail?: string;
}

/** A file that was inspected and signed in this process. */
export interface TriedFile extends CorpusFile {
  readonly inspectionMs: number;
  /** How much more memory this process has than when it began, in bytes. */
  readonly grownBytes: number;
}

/** Which files, and how hard they are looked at. */
export interface CorpusPlan {
  readonly folder: string;
  readonly kinds?: readonly string[];
  readonly programs: boolean;
  onFile?(file: TriedFile): void;
}

const LIMITS = { maxBytes: 10_000_000, maxPages: 500 };

/** Hands every file to the real inspecting process, and signs what it accepts, or mended, three times. */
export async function runCorpus(plan: CorpusPlan): Promise<TriedFile[]> {
  const folder = await mkdtemp(join(tmpdir(), "collecte-corpus-"));
  const inspector = createInspector();
  const settings: TrialSettings = { pki: createTestPki(), folder, programs: plan.programs };
  const files: TriedFile[] = [];
  const begun = process.memoryUsage.rss();
  try {
    for (const kind of plan.kinds ?? (await foldersOf(plan.folder))) {
      for (const name of (await readdir(join(plan.folder, kind))).sort()) {
        const path = join(folder, "upload.pdf");
        await unpack(join(plan.folder, kind, name), path);
        const judged = await judge(inspector, path, settings);
        const file = { kind, name, ...judged, grownBytes: Math.max(0, process.memoryUsage.rss() - begun) };
        files.push(file);
        plan.onFile?.(file);
      }
    }
  } finally {
    await inspector.close();
    await rm(folder, { recursive: true });
  }
  return files;
}

/** The folders of a corpus; a folder of files alone is one. */
export async function foldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return folders.length > 0 ? folders.sort() : ["."];
}

/** Copies a file, or what is packed in it: no more than shows that it is too large. */
export async function unpack(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  if (!from.endsWith(".gz")) {
    await copyFile(from, to);
    return;
  }
  const file = await open(to, "wx");
  const packed = createReadStream(from);
  let left = LIMITS.maxBytes + 1;
  try {
    for await (const chunk of packed.pipe(createGunzip()) as AsyncIterable<Buffer>) {
      await file.writeFile(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) break;
    }
  } finally {
    packed.destroy();
    await file.close();
  }
}

type Judged = Pick<TriedFile, "outcome" | "code" | "detail" | "inspectionMs">;

async function judge(inspector: Inspector, path: string, settings: TrialSettings): Promise<Judged> {
  const to = join(settings.folder, "rewritten.pdf");
  await rm(to, { force: true });
  const begun = performance.now();
  const inspection = await inspector.inspect(path, LIMITS, { to });
  const inspectionMs = Math.round(performance.now() - begun);
  if (!inspection.ok) {
    const { code, detail } = inspection;
    return { outcome: "refused", code, detail, inspectionMs };
  }
  const isRepaired = inspection.rewritten !== undefined;
  const faults = isRepaired && settings.programs ? await pageFaults(path, to, settings.folder) : [];
  faults.push(...(await faultsOnceSigned(isRepaired ? to : path, settings)));
  if (faults.length > 0) return { outcome: "FAILED", detail: faults.join("; "), inspectionMs };
  return { outcome: isRepaired ? "repaired+sealed" : "sealed", inspectionMs };
}
