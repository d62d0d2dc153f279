import type {
  Draft,
  Gathered,
  ProvenSignature,
  SignResult,
  SignTask,
  StampedFailure,
  StampingUnit,
} from "../../actors/runtime/ports.ts";
import { DocumentDigest } from "../document-digest.ts";
import { withDocument } from "../open-document.ts";
import { PlaceholderError } from "../pdf/revision.ts";
import { stamp } from "../timestamp-unit.ts";
import { archivedIn } from "./archive.ts";
import { keptAndRead, writtenIn } from "./finish.ts";
import { gatheredIn } from "./gather.ts";
import { preparedIn } from "./prepare.ts";
import { stepFailure } from "./step-failure.ts";
import type { AwaitingDraft } from "./token-place.ts";

/** Our unit could not stamp: the answer that it gave. */
class Unstamped extends Error {
  readonly failure: StampedFailure;

  constructor(failure: StampedFailure) {
    super("not stamped");
    this.failure = failure;
  }
}

/** Signs in memory, stamps the signature, and says for which certificates evidence is wanted. Never throws. */
export function gatherStamped(
  task: SignTask,
  tokenBytes: number,
  unit: StampingUnit,
): (Gathered & { tokenBytes: number }) | StampedFailure {
  let token: Uint8Array | undefined;
  try {
    return withDocument(task.path, (document) => {
      const draft = preparedIn(document, task, tokenBytes);
      token = tokenFor(draft, unit);
      return { ...gatheredIn(document, task, draft, token), tokenBytes: token.length };
    });
  } catch (error) {
    return failureOf(error, token);
  }
}

/** Lets the evidence follow, stamps the whole document, writes it and reads it back. As `finish` otherwise. */
export async function finishStamped(
  task: SignTask,
  draft: Draft,
  evidence: readonly ProvenSignature[],
  tokenBytes: number,
  unit: StampingUnit,
): Promise<SignResult | StampedFailure> {
  let token: Uint8Array | undefined;
  try {
    const { archived, written } = withDocument(task.path, (document) => {
      const digest = DocumentDigest.ofDocument(document);
      const archived = archivedIn(document, draft, evidence, tokenBytes, digest);
      token = tokenFor(archived, unit);
      return { archived, written: writtenIn(document, task, archived, token, digest) };
    });
    return await keptAndRead(task, archived, written);
  } catch (error) {
    return failureOf(error, token);
  }
}

/** Of now, not of when the work was handed out: a token must not say that something was there before it was. */
function tokenFor({ awaited }: AwaitingDraft, { key, policy, aheadMs }: StampingUnit): Uint8Array {
  const stamped = stamp(key, { digest: awaited.imprint, policy, at: Date.now() + aheadMs });
  if (!stamped.ok) throw new Unstamped({ ...stamped, isOfUnit: true });
  return stamped.token;
}

function failureOf(error: unknown, token: Uint8Array | undefined): StampedFailure {
  if (error instanceof Unstamped) return error.failure;
  const failure = stepFailure(error);
  return error instanceof PlaceholderError && token !== undefined
    ? { ...failure, tokenBytes: token.length }
    : failure;
}
