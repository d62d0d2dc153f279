import { rmSync } from "node:fs";
import type { SignResult, SignTask } from "../actors/runtime/ports.ts";
import { DocumentDigest } from "./document-digest.ts";
import { withDocument } from "./open-document.ts";
import { readBack } from "./read-back.ts";
import { signedRevision } from "./signed-revision.ts";
import { failureOf } from "./task-failure.ts";
import { settle, writeRevision } from "./write-revision.ts";

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

async function sign(task: SignTask): Promise<SignResult> {
  const { document, ...revision } = withDocument(task.path, (document) => ({
    document,
    ...signedRevision(document.source, task, DocumentDigest.ofDocument(document)),
  }));
  const { tail, before, certificateDer } = revision;
  // The others of a group are signed first: they need no file, and files wait for the journal.
  await Promise.resolve();
  const file = writeRevision(task, document, tail);
  const settled = settle(file);
  try {
    const sha256 = before.grown(tail).sha256();
    // All are written before the first is read; while the disk works for the group, its files are checked.
    await Promise.resolve();
    const own = readBack(task.outPath, { sha256, certificateDer, rootDer: task.signer.rootDer });
    await settled;
    const bytes = document.source.size + tail.length;
    return { ok: true, sha256, bytes, revisionBytes: tail.length, before: before.sha256(), ...own };
  } catch (error) {
    await settled.catch(() => undefined);
    rmSync(task.outPath, { recursive: true, force: true });
    throw error;
  }
}
