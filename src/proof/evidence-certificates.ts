import { hash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import type { Collecte } from "../actors/collecte/state.ts";
import { failureOfSigning } from "../actors/effects/sign.ts";
import { Terminal } from "../actors/runtime/errors.ts";
import type { Blobs, KeptCertificates, PaperPool, Records } from "../actors/runtime/ports.ts";
import { open, seal } from "../actors/runtime/secrets.ts";
import { readPaper } from "../workers/paper/read-paper.ts";
import { bytesSource } from "../workers/pdf/source.ts";
import type { ExportedRecord } from "./record.ts";

/** Where the certificates of an evidence file come from. */
export interface CertificateSources {
  records: Pick<Records, "record">;
  blobs: Blobs;
  pool: PaperPool;
  kept: KeptCertificates;
}

interface Of {
  collecteId: string;
  state: Collecte;
  key: Uint8Array;
}

/** Those in the documents' signatures; of documents that are gone, what was kept of them or is in the file before this one. */
export async function certificatesFor(sources: CertificateSources, of: Of): Promise<Uint8Array[]> {
  const { collecteId, state, key } = of;
  const signed = state.purgedAt === undefined ? await ofDocuments(sources, state) : [];
  // Read last: a purge that begins meanwhile keeps them before it removes the first document.
  const kept = await sources.kept.of(collecteId);
  const before = await inFileBefore(sources, of);
  return once([...signed, ...(kept ? listed(open(key, kept)) : []), ...before]);
}

/** Nothing is kept where the evidence file is there: it has them. */
export async function keepCertificates(
  sources: CertificateSources,
  { firmId, collecteId, state }: Omit<Of, "key"> & { firmId: string },
): Promise<void> {
  const { records, blobs, kept } = sources;
  if (state.evidence && (await blobs.has(state.evidence.sha256))) return;
  if ((await kept.of(collecteId)) !== undefined) return;
  const found = once(await ofDocuments(sources, state));
  const key = found.length === 0 ? undefined : (await records.record(firmId, collecteId))?.key;
  if (key !== undefined) await kept.keep(collecteId, seal(key, list(found)));
}

const once = (found: readonly Uint8Array[]): Uint8Array[] => [
  ...new Map(found.map((der) => [hash("sha256", der), der])).values(),
];

async function ofDocuments(sources: CertificateSources, { documents }: Collecte): Promise<Uint8Array[]> {
  const signed = documents.filter(({ revisions }) => revisions > 0);
  const found = await Promise.all(signed.map(({ head }) => noneOfLost(() => inDocument(sources, head))));
  return found.flat();
}

/** Of what is lost or damaged none: the file says which are missing, and is all the more needed. */
async function noneOfLost(read: () => Promise<Uint8Array[]>): Promise<Uint8Array[]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Terminal) return [];
    throw error;
  }
}

async function inDocument({ blobs, pool }: CertificateSources, sha256: string): Promise<Uint8Array[]> {
  const { path, release } = await blobs.borrow(sha256);
  try {
    const found = await pool.certificatesIn(path);
    if (!found.ok) throw failureOfSigning(found.code);
    return found.certificates;
  } finally {
    await release();
  }
}

/** A bucket that is away for a moment is waited for: what this file had is nowhere else. */
async function inFileBefore({ blobs }: CertificateSources, { state, key }: Of): Promise<Uint8Array[]> {
  const { evidence } = state;
  if (evidence === undefined) return [];
  return noneOfLost(async () => {
    const sealed = await buffer((await blobs.open(evidence.sha256)).stream);
    try {
      const { attachment } = readPaper(bytesSource(open(key, sealed)));
      const record = JSON.parse(Buffer.from(attachment ?? []).toString()) as ExportedRecord;
      return record.certificates.map(({ der }) => Buffer.from(der, "base64"));
    } catch (cause) {
      throw new Terminal("blob_damaged", { cause });
    }
  });
}

function list(found: readonly Uint8Array[]): Uint8Array {
  return Buffer.from(JSON.stringify(found.map((der) => Buffer.from(der).toString("base64"))));
}

function listed(text: Uint8Array): Uint8Array[] {
  return (JSON.parse(Buffer.from(text).toString()) as string[]).map((der) => Buffer.from(der, "base64"));
}
