import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PDF } from "@libpdf/core";
import { createSigningPool } from "../../src/workers/pool.ts";
import { ran } from "../../test/support/programs.ts";
import { libpdfSigner } from "./contestants.ts";
import type { Identity } from "./identities.ts";
import { round } from "./in-memory.ts";

/** Documents a second from file to file. */
export interface FileFigure {
  what: string;
  documents: number;
  perSecond: number;
}

const cli = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));

/**
 * Small documents from file to file. Ours: each fsynced, read back and checked. @libpdf/core: read, signed and written by
 * one process, 16 at once, neither synced nor read back.
 */
export async function benchFileToFile(
  folder: string,
  pdf: Uint8Array,
  identity: Identity,
  count: number,
): Promise<FileFigure[]> {
  const inputs = join(folder, "inputs");
  await mkdir(inputs);
  const names = Array.from({ length: count }, (_, i) => `${i}.pdf`);
  await Promise.all(names.map((name) => writeFile(join(inputs, name), pdf)));
  const few = names.slice(0, Math.max(100, count / 10));
  return [
    await throughPool(inputs, folder, names, identity, 1, pdf.length),
    await throughPool(inputs, folder, names, identity, 2, pdf.length),
    await throughLibpdf(inputs, folder, few, identity),
    await throughSeal(inputs, folder, count),
  ];
}

async function throughPool(
  inputs: string,
  folder: string,
  names: readonly string[],
  { key, rootDer }: Identity,
  threads: number,
  bytes: number,
): Promise<FileFigure> {
  const out = join(folder, `pool-${threads}`);
  await mkdir(out);
  const pool = createSigningPool({ threads });
  const sign = async (name: string, to: string) => {
    const signer = { kind: "kept" as const, key, rootDer };
    const paths = { path: join(inputs, name), outPath: join(out, to), bytes };
    const result = await pool.sign({ ...paths, signer, signingTime: Date.now(), name: "Collecte bench" });
    if (!result.ok) throw new Error(result.code);
  };
  try {
    await Promise.all(names.slice(0, 64).map((name) => sign(name, `warm-${name}`)));
    const perSecond = await rate(names.length, () => Promise.all(names.map((name) => sign(name, name))));
    return { what: `pool, ${threads} thread${threads > 1 ? "s" : ""}`, documents: names.length, perSecond };
  } finally {
    await pool.close();
  }
}

async function throughLibpdf(
  inputs: string,
  folder: string,
  names: readonly string[],
  identity: Identity,
): Promise<FileFigure> {
  const out = join(folder, "libpdf");
  await mkdir(out);
  const signer = await libpdfSigner(identity);
  const left = names.values();
  const work = async () => {
    for (const name of left) {
      const document = await PDF.load(await readFile(join(inputs, name)));
      const { bytes } = await document.sign({ signer, reason: "Bench" });
      await writeFile(join(out, name), bytes);
    }
  };
  const perSecond = await rate(names.length, () => Promise.all(Array.from({ length: 16 }, work)));
  return { what: "@libpdf/core, one process", documents: names.length, perSecond };
}

/** The command as a person types it, from its start to its end. */
async function throughSeal(inputs: string, folder: string, count: number): Promise<FileFigure> {
  const out = join(folder, "sealed");
  const perSecond = await rate(count, async () => {
    const { status, stderr } = await ran(process.execPath, [cli, "seal", "--out", out, inputs]);
    if (status !== 0) throw new Error(stderr);
  });
  const made = (await readdir(out)).filter((name) => name.endsWith(".pdf")).length;
  if (made !== count) throw new Error(`${made} files sealed of ${count}`);
  await rm(out, { recursive: true });
  const what = `collecte seal, ${availableParallelism()} jobs, its start included`;
  return { what, documents: count, perSecond };
}

async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return round((count / (performance.now() - begun)) * 1000, 0);
}
