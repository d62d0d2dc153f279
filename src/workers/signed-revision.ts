import type { SignTask } from "../actors/runtime/ports.ts";
import { buildSignedData, cmsBytesFor } from "./cms/build.ts";
import type { DocumentDigest } from "./document-digest.ts";
import { fillContents, prepareSignature } from "./pdf/revision.ts";
import type { PdfSource } from "./pdf/source.ts";
import { openPdf } from "./pdf/tail.ts";
import type { PreparedRevision } from "./pdf/tail-writer.ts";
import { signerFor } from "./signer-keys.ts";

/** What a signature adds to a document, in memory: the bytes to follow it, and the digest of what was there before. */
export interface SignedRevision {
  tail: Uint8Array;
  before: DocumentDigest;
  certificateDer: Uint8Array;
}

/** The revision of a signature and its CMS, which is not in its place yet. */
export interface DraftRevision {
  prepared: PreparedRevision;
  cms: Uint8Array;
  before: DocumentDigest;
  certificateDer: Uint8Array;
}

/** `before` is the document's digest, as it stands. Throws `PdfRefused`, `SignerRefused`. */
export function signedRevision(
  source: PdfSource,
  task: Omit<SignTask, "path" | "outPath">,
  before: DocumentDigest,
): SignedRevision {
  const { prepared, cms, certificateDer } = draftRevision(source, task, before);
  const { tail } = prepared;
  fillContents(tail, prepared, cms);
  return { tail, before, certificateDer };
}

/** As `signedRevision`, with room for `roomFor(cmsBytes)` bytes instead of those of the CMS alone. */
export function draftRevision(
  source: PdfSource,
  task: Omit<SignTask, "path" | "outPath">,
  before: DocumentDigest,
  roomFor = (cmsBytes: number) => cmsBytes,
): DraftRevision {
  const signingTime = new Date(task.signingTime);
  const pdf = openPdf(source);
  const signer = signerFor(task.signer, signingTime);
  const prepared = prepareSignature(pdf, {
    signingTime,
    name: task.name,
    ...(task.reason !== undefined && { reason: task.reason }),
    ...(task.appearance && { appearance: task.appearance }),
    ...(task.fields && { fields: task.fields }),
    ...(task.certify !== undefined && { certify: task.certify }),
    ...(task.lock !== undefined && { lock: task.lock }),
    contentsBytes: roomFor(cmsBytesFor(signer)),
  });
  const { tail, contentsStart, contentsHexLength } = prepared;
  const documentDigest = before.around(tail, contentsStart, contentsStart + contentsHexLength + 2);
  const cms = buildSignedData({ ...signer, documentDigest });
  return { prepared, cms, before, certificateDer: signer.certificateDer };
}
