import { rmSync } from "node:fs";
import type { SignResult, SignTask } from "../actors/runtime/ports.ts";
import { DocumentDigest } from "./document-digest.ts";
import { withDocument } from "./open-document.ts";
import { readBack } from "./read-back.ts";
import { type SignedRevision, signedRevision } from "./signed-revision.ts";
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

interface Appended extends SignedRevision {
  file: WrittenFile;
  bytes: number;
}

async function sign(task: SignTask): Promise<SignResult> {
  const { file, tail, before, bytes, certificateDer } = withDocument(task.path, (document): Appended => {
    const revision = signedRevision(document.source, task, DocumentDigest.ofDocument(document));
    const file = writeRevision(task, document, revision.tail);
    return { ...revision, file, bytes: document.source.size + revision.tail.length };
  });
  try {
    await settle(file);
    const sha256 = before.grown(tail).sha256();
    const own = readBack(task.outPath, { sha256, certificateDer, rootDer: task.signer.rootDer });
    return { ok: true, sha256, bytes, revisionBytes: tail.length, before: before.sha256(), ...own };
  } catch (error) {
    rmSync(task.outPath, { recursive: true, force: true });
    throw error;
  }
}
