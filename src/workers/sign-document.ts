import { rmSync } from "node:fs";
import type { SignResult, SignTask } from "../actors/runtime/ports.ts";
import { buildSignedData, cmsBytesFor } from "./cms/build.ts";
import { DocumentDigest } from "./document-digest.ts";
import { type OpenDocument, withDocument } from "./open-document.ts";
import { fillContents, prepareSignature } from "./pdf/revision.ts";
import { openPdf } from "./pdf/tail.ts";
import { readBack } from "./read-back.ts";
import { signerFor } from "./signer-keys.ts";
import { failureOf } from "./task-failure.ts";
import { settle, type WrittenFile, writeRevision } from "./write-revision.ts";

/**
 * Appends one signature to a document, in a file of its own: `outPath` is the input's bytes and a revision, durable,
 * read back and checked. Never throws, and leaves no `outPath` behind when it fails; a leftover one is replaced.
 */
export async function signDocument(task: SignTask): Promise<SignResult> {
  try {
    return await sign(task);
  } catch (error) {
    return failureOf(error);
  }
}

interface Appended {
  file: WrittenFile;
  before: string;
  sha256: string;
  bytes: number;
  revisionBytes: number;
  certificateDer: Uint8Array;
}

async function sign(task: SignTask): Promise<SignResult> {
  const { rootDer } = task.signer;
  const appended = withDocument(task.path, (document) => append(task, document));
  try {
    const { file, before, sha256, bytes, revisionBytes, certificateDer } = appended;
    await settle(file);
    const own = readBack(task.outPath, { sha256, certificateDer, rootDer });
    return { ok: true, sha256, bytes, revisionBytes, before, ...own };
  } catch (error) {
    rmSync(task.outPath, { force: true });
    throw error;
  }
}

/** Makes the revision, and writes the input and it to `outPath`. */
function append(task: SignTask, document: OpenDocument): Appended {
  const { source } = document;
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
  const digest = DocumentDigest.of(source);
  const documentDigest = digest.around(tail, contentsStart, contentsStart + contentsHexLength + 2);
  fillContents(tail, prepared, buildSignedData({ ...signer, documentDigest }));
  return {
    file: writeRevision(task, document, tail),
    before: digest.sha256(),
    sha256: digest.grown(tail).sha256(),
    bytes: source.size + tail.length,
    revisionBytes: tail.length,
    certificateDer: signer.certificateDer,
  };
}
