import { rmSync } from "node:fs";
import type { Draft, SignResult, SignTask, StepFailure } from "../../actors/runtime/ports.ts";
import { DocumentDigest } from "../document-digest.ts";
import { withDocument } from "../open-document.ts";
import { readBack } from "../read-back.ts";
import { settle, writeRevision } from "../write-revision.ts";
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
    const tail = withToken(draft, token);
    const { file, before, after, bytes } = withDocument(task.path, (document) => {
      const digest = DocumentDigest.of(document.source);
      return {
        file: writeRevision(task, document, tail),
        before: digest.sha256(),
        after: digest.grown(tail).sha256(),
        bytes: document.source.size + tail.length,
      };
    });
    try {
      await settle(file);
      const { certificateDer } = draft;
      const { rootDer } = task.signer;
      const own = readBack(task.outPath, { sha256: after, certificateDer, rootDer });
      return { ok: true, sha256: after, bytes, revisionBytes: tail.length, before, ...own };
    } catch (error) {
      rmSync(task.outPath, { force: true });
      throw error;
    }
  } catch (error) {
    return stepFailure(error);
  }
}
