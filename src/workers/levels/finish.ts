import { rmSync } from "node:fs";
import type { Draft, SignResult, SignTask, StepFailure } from "../../actors/runtime/ports.ts";
import { DocumentDigest } from "../document-digest.ts";
import { type OpenDocument, withDocument } from "../open-document.ts";
import { readBack } from "../read-back.ts";
import { settle, type WrittenFile, writeRevision } from "../write-revision.ts";
import { stepFailure } from "./step-failure.ts";
import { withToken } from "./token-place.ts";

/**
 * Puts the last token in its place, writes the document and all revisions of the draft at once, and reads them back.
 * Never throws, and leaves no `outPath` behind when it fails.
 */
export async function finish(
  task: SignTask,
  draft: Draft,
  token?: Uint8Array,
): Promise<SignResult | StepFailure> {
  try {
    const written = withDocument(task.path, (document) => writtenIn(document, task, draft, token));
    return await keptAndRead(task, draft, written);
  } catch (error) {
    return stepFailure(error);
  }
}

/** A finished document that is not durable yet. */
interface Written extends Record<"before" | "after", string> {
  file: WrittenFile;
  bytes: number;
  revisionBytes: number;
}

/** Writes the open document and the draft with its last token; throws. */
export function writtenIn(
  document: OpenDocument,
  task: SignTask,
  draft: Draft,
  token: Uint8Array | undefined,
  digest = DocumentDigest.ofDocument(document),
): Written {
  const tail = withToken(draft, token);
  return {
    file: writeRevision(task, document, tail),
    before: digest.sha256(),
    after: digest.grown(tail).sha256(),
    bytes: document.source.size + tail.length,
    revisionBytes: tail.length,
  };
}

/** Makes what was written durable and reads it back; throws, and then nothing is left of it. */
export async function keptAndRead(
  task: SignTask,
  { certificateDer, awaited }: Draft,
  { file, after, ...facts }: Written,
): Promise<SignResult> {
  try {
    await settle(file);
    const { rootDer } = task.signer;
    const trustDer = task.trustDer ?? [];
    // All but a signature that waited for its own token is followed by the evidence.
    const isFollowed = awaited?.cms === undefined;
    const own = readBack(task.outPath, { sha256: after, certificateDer, rootDer, trustDer, isFollowed });
    return { ok: true, sha256: after, ...facts, ...own };
  } catch (error) {
    rmSync(task.outPath, { recursive: true, force: true });
    throw error;
  }
}
