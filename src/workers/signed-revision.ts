import type { SignTask } from "../actors/runtime/ports.ts";
import { buildSignedData, cmsBytesFor } from "./cms/build.ts";
import { DocumentDigest } from "./document-digest.ts";
import { fillContents, prepareSignature } from "./pdf/revision.ts";
import type { PdfSource } from "./pdf/source.ts";
import { openPdf } from "./pdf/tail.ts";
import { signerFor } from "./signer-keys.ts";

/** What a signature adds to a document, in memory: the bytes to follow it, and the digests before and after. */
export interface SignedRevision {
  tail: Uint8Array;
  before: DocumentDigest;
  after: DocumentDigest;
  certificateDer: Uint8Array;
}

/** Reads the document once, for its digest, or not at all where that is known. Throws `PdfRefused`, `SignerRefused`. */
export function signedRevision(
  source: PdfSource,
  task: Omit<SignTask, "path" | "outPath">,
  known?: DocumentDigest,
): SignedRevision {
  const signingTime = new Date(task.signingTime);
  const pdf = openPdf(source);
  const signer = signerFor(task.signer, signingTime);
  const prepared = prepareSignature(pdf, {
    signingTime,
    name: task.name,
    ...(task.reason !== undefined && { reason: task.reason }),
    contentsBytes: cmsBytesFor(signer),
  });
  const { tail, contentsStart, contentsHexLength } = prepared;
  const before = known ?? DocumentDigest.of(source);
  const documentDigest = before.around(tail, contentsStart, contentsStart + contentsHexLength + 2);
  fillContents(tail, prepared, buildSignedData({ ...signer, documentDigest }));
  return { tail, before, after: before.grown(tail), certificateDer: signer.certificateDer };
}
