import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SignTask } from "../../src/actors/runtime/ports.ts";
import { openBlobs } from "../../src/store/blobs.ts";
import { DocumentDigest } from "../../src/workers/document-digest.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { createSigningPool } from "../../src/workers/pool.ts";
import { signedRevision } from "../../src/workers/signed-revision.ts";
import type { Identity } from "./identities.ts";
import { type BenchedDocument, median, round } from "./in-memory.ts";

/** The second signature on a document just signed. */
export interface RepeatFigure {
  document: string;
  /** Of which the SHA-256 state is kept: revision, key operation, CMS. */
  inMemoryMs: number | null;
  /** Blob to blob through the pool: written, fsynced, read back, checked, adopted. */
  blobToBlobMs: number | null;
}

export async function benchRepeat(
  folder: string,
  documents: readonly (BenchedDocument & { pdf: Uint8Array })[],
  { key, rootDer }: Identity,
  rounds: number,
): Promise<RepeatFigure[]> {
  const signer = { kind: "kept" as const, key, rootDer };
  const common = { signer, signingTime: Date.now(), name: "Collecte bench" };
  const blobs = await openBlobs(join(folder, "blobs"));
  const pool = createSigningPool({ threads: 1 });
  const signedOnce = documents.map(({ name, pdf }) => {
    const first = signedRevision(bytesSource(pdf), common, DocumentDigest.of(bytesSource(pdf)));
    const source = bytesSource(Buffer.concat([pdf, first.tail]));
    return {
      name,
      pdf,
      source,
      digest: first.before.grown(first.tail),
      inMemory: [] as number[],
      blobToBlob: [] as number[],
    };
  });
  const sign = async (task: Omit<SignTask, "outPath">) => {
    const outPath = blobs.temporaryPath();
    const result = await pool.sign({ ...task, outPath, share: true });
    if (!result.ok) throw new Error(result.code);
    await blobs.adopt(outPath, result.sha256);
    return result;
  };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const { pdf, source, digest, inMemory, blobToBlob } of signedOnce) {
        inMemory.push(timed(() => signedRevision(source, common, digest)));
        const path = blobs.temporaryPath();
        await writeFile(path, pdf);
        const { sha256 } = await sign({ ...common, path, bytes: pdf.length });
        const begun = performance.now();
        await sign({ ...common, path: (await blobs.borrow(sha256)).path, sha256, bytes: source.size });
        blobToBlob.push(performance.now() - begun);
        await blobs.discard(path);
      }
    }
  } finally {
    await pool.close();
  }
  return signedOnce.map(({ name, inMemory, blobToBlob }) => ({
    document: name,
    inMemoryMs: rounded(median(inMemory)),
    blobToBlobMs: rounded(median(blobToBlob)),
  }));
}

const rounded = (ms: number | null) => (ms === null ? null : round(ms, 3));

function timed(work: () => unknown): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}
