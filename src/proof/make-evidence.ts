import { hash } from "node:crypto";
import { open as openFile, readFile } from "node:fs/promises";
import type { Collecte } from "../actors/collecte/state.ts";
import { failureOfSigning } from "../actors/effects/sign.ts";
import type { SignAtLevel } from "../actors/effects/sign-at-level.ts";
import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import { Retryable, Terminal } from "../actors/runtime/errors.ts";
import type {
  Blobs,
  Clock,
  Directory,
  EvidenceFiles,
  KeyMaterial,
  PadesLevel,
} from "../actors/runtime/ports.ts";
import { seal } from "../actors/runtime/secrets.ts";
import { contextOf } from "./context.ts";
import { type CertificateSources, certificatesFor, keepCertificates } from "./evidence-certificates.ts";
import { openEvidence } from "./open-evidence.ts";
import { evidencePaper } from "./pages.ts";
import { type ExportedRecord, exportRecord } from "./record.ts";

export interface EvidenceDeps extends CertificateSources {
  directory: Pick<Directory, "firm" | "member">;
  signAtLevel: SignAtLevel;
  /** The engine's evidence seal, asked for each time: it is renewed, and may be revoked. */
  sealKey(): Promise<KeyMaterial>;
  rootDer(): Promise<Uint8Array>;
  clock: Clock;
}

/** The evidence files of collectes, stored as blobs of ciphertext. */
export function createEvidenceFiles(deps: EvidenceDeps): EvidenceFiles {
  const { records, blobs, directory, clock } = deps;

  return {
    ...openEvidence({ records, blobs }),
    async make({ firmId, collecteId, state }) {
      const stored = await records.record(firmId, collecteId);
      if (stored?.key === undefined) throw new Terminal("record_missing");
      const { key } = stored;
      const certificates = await certificatesFor(deps, { collecteId, state, key });
      const context = await contextOf(stored, directory);
      const { language } = state;
      const record = exportRecord(stored, { ...context, madeAt: clock.now(), language, certificates });
      const pdf = await sealed(deps, record, levelOf(state));
      return store(blobs, seal(key, pdf.bytes), pdf.level);
    },
    keepCertificates: (of) => keepCertificates(deps, of),
  };
}

/** An evidence file is always timestamped, whatever the documents are. */
function levelOf({ level = "B-B" }: Collecte): PadesLevel {
  return level === "B-B" ? "B-T" : level;
}

async function sealed(
  { blobs, pool, signAtLevel, sealKey, rootDer, clock }: EvidenceDeps,
  record: ExportedRecord,
  level: PadesLevel,
): Promise<{ bytes: Buffer; level: PadesLevel }> {
  const text = canonicalJson(record);
  const paper = evidencePaper(record, text, hash("sha256", text));
  const [path, outPath] = [blobs.temporaryPath(), blobs.temporaryPath()];
  try {
    const written = await pool.writePaper(paper, path);
    if (!written.ok) throw failureOfSigning(written.code);
    const [key, root] = await Promise.all([sealKey(), rootDer()]);
    const result = await signAtLevel(
      {
        path,
        bytes: written.bytes,
        outPath,
        signer: { kind: "kept", key, rootDer: root },
        signingTime: clock.now(),
        name: "Collecte",
        reason: paper.title,
      },
      level,
      { complete: true },
    );
    if (!result.ok) throw failureOfSigning(result.code);
    if (result.level !== level) throw failureOfSigning("level_not_reached");
    return { bytes: await readFile(outPath), level };
  } finally {
    await Promise.all([path, outPath].map((one) => blobs.discard(one)));
  }
}

async function store(
  blobs: Blobs,
  ciphertext: Uint8Array,
  level: PadesLevel,
): Promise<{ sha256: string; bytes: number; level: PadesLevel }> {
  const path = blobs.temporaryPath();
  const sha256 = hash("sha256", ciphertext);
  try {
    const file = await openFile(path, "wx", 0o600);
    try {
      await file.writeFile(ciphertext);
      await file.sync();
    } finally {
      await file.close();
    }
    await blobs.adopt(path, sha256);
  } catch (cause) {
    await blobs.discard(path);
    throw new Retryable("file_inaccessible", { cause });
  }
  return { sha256, bytes: ciphertext.length, level };
}
