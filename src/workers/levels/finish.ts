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
      const digest = DocumentDigest.ofDocument(document);
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
      const trustDer = task.trustDer ?? [];
      // All but a signature that waited for its own token is followed by the evidence.
      const isFollowed = draft.awaited?.cms === undefined;
      const expected = { sha256: after, certificateDer, rootDer, trustDer, isFollowed };
      const own = readBack(task.outPath, expected);
      return { ok: true, sha256: after, bytes, revisionBytes: tail.length, before, ...own };
    } catch (error) {
      rmSync(task.outPath, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    return stepFailure(error);
  }
}
