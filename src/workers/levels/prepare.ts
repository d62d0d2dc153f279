import { createHash } from "node:crypto";
import type { Draft, SignTask, StepFailure } from "../../actors/runtime/ports.ts";
import { signatureValueOf, timestampedBytes } from "../cms/signature-timestamp.ts";
import { DocumentDigest } from "../document-digest.ts";
import { type OpenDocument, withDocument } from "../open-document.ts";
import { draftRevision } from "../signed-revision.ts";
import { stepFailure } from "./step-failure.ts";
import type { AwaitingDraft } from "./token-place.ts";

/** Signs in memory, and says what the TSA is to stamp: the SignatureValue (EN 319 122-1, 5.3). Never throws. */
export function prepare(task: SignTask, tokenBytes: number): Draft | StepFailure {
  try {
    return withDocument(task.path, (document) => preparedIn(document, task, tokenBytes));
  } catch (error) {
    return stepFailure(error);
  }
}

/** As `prepare`, of an open document; throws. */
export function preparedIn(document: OpenDocument, task: SignTask, tokenBytes: number): AwaitingDraft {
  const roomFor = (cmsBytes: number) => timestampedBytes(cmsBytes, tokenBytes);
  const digest = DocumentDigest.ofDocument(document);
  const { prepared, cms, before, certificateDer } = draftRevision(document.source, task, digest, roomFor);
  const { tail, contentsStart, contentsHexLength } = prepared;
  const imprint = createHash("sha256").update(signatureValueOf(cms)).digest();
  return {
    ok: true,
    before: before.sha256(),
    tail,
    certificateDer,
    awaited: { imprint, contentsStart, contentsHexLength, cms },
  };
}
