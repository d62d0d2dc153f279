import { afterApplied, mustExpire, openCurrentStep } from "./advance.ts";
import type {
  Command,
  CreateCollecte,
  RecordNotification,
  RecordSignature,
  RefuseToSign,
} from "./commands.ts";
import type { Event } from "./events.ts";
import { evolve } from "./evolve.ts";
import { collecteLifeMs } from "./numbers.ts";
import { consumeOtp, issueOtp } from "./otp.ts";
import { type Decision, happened, type RefusalCode, refuse } from "./refusals.ts";
import { type Collecte, hasEnded, isSameOrdered, type Signatory, wereShown } from "./state.ts";

/** The law of a collecte: what a command makes of it. No clock, no chance, nothing outside. */
export function decide(state: Collecte, command: Command): Decision {
  switch (command.type) {
    case "CreateCollecte": {
      if (state.status !== "none") return refuse("already_created");
      if (command.documents.length === 0) return refuse("no_documents");
      const refused = unsoundSteps(command);
      return refused ? refuse(refused) : happened({ ...command, type: "CollecteCreated" });
    }
    case "LaunchCollecte": {
      if (state.status === "none") return refuse("not_found");
      if (state.status !== "draft") return refuse("not_draft");
      const launched: Event = {
        type: "CollecteLaunched",
        expiresAt: command.at + collecteLifeMs,
        at: command.at,
      };
      return happened(launched, ...openCurrentStep(evolve(state, launched), command.at));
    }
    case "GiveConsent": {
      const signatory = whoseTurn(state, command);
      if (typeof signatory === "string") return refuse(signatory);
      if (signatory.locked) return refuse("signatory_locked");
      if (!wereShown(state, command.documents)) return refuse("documents_changed");
      return issueOtp(signatory, command);
    }
    case "SignDocuments": {
      const signatory = whoseTurn(state, command);
      if (typeof signatory === "string") return refuse(signatory);
      if (signatory.locked) return refuse("signatory_locked");
      return consumeOtp(state, signatory, command);
    }
    case "RefuseToSign":
      return refuseToSign(state, command);
    case "RecordSignature":
      return recordSignature(state, command);
    case "RecordSigningFailure": {
      if (!isFirstOrdered(state, command.by)) return refuse("not_ordered");
      if (state.trouble?.code === command.code) return happened();
      return happened({ type: "SigningFailed", by: command.by, code: command.code, at: command.at });
    }
    case "RecordSigningDelay": {
      if (!isFirstOrdered(state, command.by)) return refuse("not_ordered");
      if (state.pending?.code === command.code) return happened();
      const { by, code, reason, at } = command;
      return happened({ type: "SigningDelayed", by, code, reason, at });
    }
    case "RecordNotification":
      return recordNotification(state, command);
    case "ExpireCollecte": {
      if (state.status !== "launched") return refuse(notOpen(state));
      if (!mustExpire(state, command.at)) return refuse("not_due");
      return happened({ type: "CollecteExpired", at: command.at });
    }
  }
}

/**
 * Steps that could never be done: none, one where nobody stands, one with somebody who can't be invited. Who stood
 * twice would be invited to the first place and awaited at the last.
 */
function unsoundSteps({ steps, personal }: CreateCollecte): RefusalCode | undefined {
  const asked = steps.flatMap((step) => ("signatories" in step ? [step.signatories] : []));
  const signatories = asked.flat();
  if (steps.length === 0 || asked.some(({ length }) => length === 0)) return "no_steps";
  if (new Set(signatories).size < signatories.length) return "no_steps";
  return signatories.every((id) => Object.hasOwn(personal.people, id)) ? undefined : "unknown_signatory";
}

/** The signatory, if they may act now; else why not. */
function whoseTurn(
  state: Collecte,
  act: { signatoryId: string; linkGeneration: number; at: number },
): Signatory | RefusalCode {
  const signatory = state.signatories[act.signatoryId];
  if (!signatory) return state.status === "none" ? "not_found" : "unknown_signatory";
  if (signatory.linkGeneration !== act.linkGeneration) return "link_dead";
  if (signatory.status === "signed") return "already_signed";
  if (state.status !== "launched") return notOpen(state);
  if (state.expiresAt === undefined || act.at >= state.expiresAt) return "collecte_ended";
  if (signatory.status === "signing") return "signature_in_progress";
  if (signatory.step !== state.currentStep) return "out_of_turn";
  return signatory;
}

function refuseToSign(state: Collecte, command: RefuseToSign): Decision {
  const signatory = whoseTurn(state, command);
  if (typeof signatory === "string") return refuse(signatory);
  // A signature that was accepted can't be lost to somebody else's refusal a moment later.
  if (state.ordered.length > 0 && !state.trouble) return refuse("signature_in_progress");
  const { signatoryId, at, personal } = command;
  return happened({ type: "CollecteRefused", signatoryId, at, personal });
}

function recordSignature(state: Collecte, command: RecordSignature): Decision {
  if (!isFirstOrdered(state, command.by)) return refuse("not_ordered");
  const complete =
    command.documents.length === state.documents.length &&
    state.documents.every(({ id, head }, i) => {
      const signed = command.documents[i];
      return signed?.id === id && signed.before === head;
    });
  if (!complete) return refuse("documents_changed");
  const { documents, level, at, by } = command;
  const applied: Event =
    "seal" in by
      ? { type: "SealApplied", step: by.seal, documents, level, at }
      : { type: "SignatureApplied", signatoryId: by.signatoryId, documents, level, at };
  return happened(applied, ...afterApplied(state, applied));
}

function recordNotification(state: Collecte, command: RecordNotification): Decision {
  if (state.status === "none") return refuse("not_found");
  const known = state.notifications[command.effectId]?.status;
  // A notice that failed for good may be tried again by hand, and then arrive.
  if (known === "sent" || known === command.status) return happened();
  const { effectId, channel, notice, to, reference, at, status } = command;
  const type = status === "sent" ? "NotificationSent" : "NotificationFailed";
  return happened({ type, effectId, channel, notice, to, reference, at });
}

function isFirstOrdered(state: Collecte, by: RecordSignature["by"]): boolean {
  const first = state.ordered[0];
  return first !== undefined && !hasEnded(state) && isSameOrdered(first, by);
}

function notOpen(state: Collecte): RefusalCode {
  if (state.status === "none") return "not_found";
  return hasEnded(state) ? "collecte_ended" : "not_launched";
}
