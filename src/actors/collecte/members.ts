import type { SealAsMember, SignAsMember } from "./commands.ts";
import { type Decision, happened, refuse } from "./refusals.ts";
import { areSameDocuments, type Collecte, documentHeads, sealKey, wereShown } from "./state.ts";
import { closedTo, ifTheirTurn, signatoryOf, stranger } from "./turn.ts";

/** What a member signs or seals in their parapheur: its code was right, and what it showed is what there is. */
export function signAsMember(state: Collecte, command: SignAsMember): Decision {
  const { signatoryId, memberId, delegationId, sessionId, otpId, documents, consentText, at } = command;
  const known = signatoryOf(state, signatoryId);
  if (!known) return refuse(stranger(state, signatoryId));
  if (known.memberId === undefined) return refuse("not_theirs");
  if (known.memberId !== memberId && delegationId === undefined) return refuse("not_theirs");
  const signatory = ifTheirTurn(state, known, at);
  if (typeof signatory === "string") return refuse(signatory);
  if (signatory.locked) return refuse("signatory_locked");
  if (!wereShown(state, documents)) return refuse("documents_changed");
  const { trace } = command.personal;
  return happened(
    { type: "ConsentGiven", signatoryId, sessionId, documents, consentText, at, personal: { trace } },
    {
      type: "SignatureOrdered",
      signatoryId,
      otpId,
      documents,
      memberId,
      ...(delegationId !== undefined && { delegationId }),
      at,
    },
  );
}

export function sealAsMember(state: Collecte, command: SealAsMember): Decision {
  const { seal, memberId, delegationId, sessionId, otpId, documents, at, personal } = command;
  const closed = closedTo(state, at);
  if (closed) return refuse(closed);
  const step = state.steps[state.currentStep];
  if (!step || !("seal" in step) || sealKey(step, state.currentStep) !== seal) return refuse("out_of_turn");
  if (step.approver?.memberId !== memberId && delegationId === undefined) return refuse("not_theirs");
  if (state.ordered.length > 0) return refuse("signature_in_progress");
  if (!areSameDocuments(documentHeads(state), documents)) return refuse("documents_changed");
  return happened({
    type: "SealOrdered",
    step: seal,
    memberId,
    ...(delegationId !== undefined && { delegationId }),
    sessionId,
    otpId,
    documents,
    at,
    personal,
  });
}
