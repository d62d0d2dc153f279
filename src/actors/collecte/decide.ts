import { mustExpire, openCurrentStep } from "./advance.ts";
import type { Command, GiveConsent, RefuseToSign } from "./commands.ts";
import { abandonDraft, isNotAsJudged, reviseDraft, unsoundPlan } from "./drafts.ts";
import type { Event } from "./events.ts";
import { evolve } from "./evolve.ts";
import { sealAsMember, signAsMember } from "./members.ts";
import { collecteLifeMs } from "./numbers.ts";
import { changeOrder } from "./order-change.ts";
import { consumeOtp, issueOtp } from "./otp.ts";
import { cancel, correctPerson, remind, replaceSignatory, retrySigning, unlock } from "./preparer.ts";
import { isFirstOrdered, recordNotification, recordSignature } from "./recording.ts";
import { type Decision, happened, refuse } from "./refusals.ts";
import { type Collecte, wereShown } from "./state.ts";
import { notOpen, reflectedAt, whoseTurn } from "./turn.ts";
import { upkeep } from "./upkeep.ts";

/** The law of a collecte: what a command makes of it. No clock, no chance, nothing outside. */
export function decide(state: Collecte, command: Command): Decision {
  switch (command.type) {
    case "CreateCollecte": {
      if (state.status !== "none") return refuse("already_created");
      const refused = unsoundPlan(command);
      return refused ? refuse(refused) : happened({ ...command, type: "CollecteCreated" });
    }
    case "ReviseDraft":
      return reviseDraft(state, command);
    case "AbandonDraft":
      return abandonDraft(state, command.at);
    case "LaunchCollecte": {
      if (state.status === "none") return refuse("not_found");
      if (state.status !== "draft") return refuse("not_draft");
      if (isNotAsJudged(state, command)) return refuse("draft_changed");
      const launched: Event = {
        type: "CollecteLaunched",
        expiresAt: command.at + collecteLifeMs,
        ...(command.by && { by: command.by }),
        at: command.at,
      };
      return happened(launched, ...openCurrentStep(evolve(state, launched), command.at));
    }
    case "GiveConsent":
      return giveConsent(state, command);
    case "SignDocuments": {
      const signatory = whoseTurn(state, command);
      if (typeof signatory === "string") return refuse(signatory);
      if (signatory.locked) return refuse("signatory_locked");
      return consumeOtp(state, signatory, command);
    }
    case "SignAsMember":
      return signAsMember(state, command);
    case "SealAsMember":
      return sealAsMember(state, command);
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
    case "ChangeOrder":
      return changeOrder(state, command);
    case "ReplaceSignatory":
      return replaceSignatory(state, command);
    case "CorrectPerson":
      return correctPerson(state, command);
    case "RemindSignatories":
      return remind(state, command);
    case "CancelCollecte":
      return cancel(state, command);
    case "UnlockSignatory":
      return unlock(state, command);
    case "RetrySigning":
      return retrySigning(state, command);
    case "RecordAccess":
    case "RecordEvidence":
    case "RecordDelivery":
    case "AnnouncePurge":
    case "PurgeCollecte":
    case "RecordPurge":
    case "ForgetPeople":
    case "RecordUpkeepFailure":
      return upkeep(state, command);
  }
}

function giveConsent(state: Collecte, command: GiveConsent): Decision {
  const signatory = whoseTurn(state, command);
  if (typeof signatory === "string") return refuse(signatory);
  if (signatory.locked) return refuse("signatory_locked");
  if (!wereShown(state, command.documents)) return refuse("documents_changed");
  const earliest = reflectedAt(state, signatory);
  if (earliest !== undefined && command.at < earliest) {
    return refuse("too_early", { retryAfterSeconds: Math.ceil((earliest - command.at) / 1000) });
  }
  return issueOtp(signatory, command);
}

function refuseToSign(state: Collecte, command: RefuseToSign): Decision {
  const signatory = whoseTurn(state, command);
  if (typeof signatory === "string") return refuse(signatory);
  // A signature that was accepted can't be lost to somebody else's refusal a moment later.
  if (state.ordered.length > 0 && !state.trouble) return refuse("signature_in_progress");
  const { signatoryId, at, personal } = command;
  return happened({ type: "CollecteRefused", signatoryId, at, personal });
}
