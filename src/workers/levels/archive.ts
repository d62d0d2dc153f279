import type { Draft, ProvenSignature, SignTask, StepFailure } from "../../actors/runtime/ports.ts";
import { DocumentDigest } from "../document-digest.ts";
import { type OpenDocument, withDocument } from "../open-document.ts";
import { appendEvidence, prepareDocumentTimestamp } from "../pdf/archive.ts";
import { appendedSource } from "../pdf/source.ts";
import { openPdf } from "../pdf/tail.ts";
import { stepFailure } from "./step-failure.ts";
import type { AwaitingDraft } from "./token-place.ts";

/**
 * Lets the revision of the security store follow: for B-LT by itself, for B-LTA (`tokenBytes`) under a document
 * timestamp, which covers all that there is. Never throws.
 */
export function archive(
  task: SignTask,
  draft: Draft,
  evidence: readonly ProvenSignature[],
  tokenBytes?: number,
): Draft | StepFailure {
  try {
    return withDocument(task.path, (document): Draft => {
      if (tokenBytes !== undefined) return archivedIn(document, draft, evidence, tokenBytes);
      const { ok, before, certificateDer } = draft;
      const pdf = openPdf(appendedSource(document.source, draft.tail));
      const tail = Buffer.concat([draft.tail, appendEvidence(pdf, evidence)]);
      return { ok, before, certificateDer, tail };
    });
  } catch (error) {
    return stepFailure(error);
  }
}

/** The draft with its evidence, under a document timestamp to come, of an open document; throws. */
export function archivedIn(
  document: OpenDocument,
  draft: Draft,
  evidence: readonly ProvenSignature[],
  tokenBytes: number,
  digest = DocumentDigest.ofDocument(document),
): AwaitingDraft {
  const { ok, before, certificateDer } = draft;
  const pdf = openPdf(appendedSource(document.source, draft.tail));
  const prepared = prepareDocumentTimestamp(pdf, evidence, tokenBytes);
  const tail = Buffer.concat([draft.tail, prepared.tail]);
  const contentsStart = draft.tail.length + prepared.contentsStart;
  const { contentsHexLength } = prepared;
  const gapEnd = contentsStart + contentsHexLength + 2;
  const imprint = digest.around(tail, contentsStart, gapEnd);
  const awaited = { imprint, contentsStart, contentsHexLength };
  return { ok, before, certificateDer, tail, awaited };
}
