import type { Event } from "./events.ts";
import { evolve } from "./evolve.ts";
import { type Collecte, type Instant, type Signatory, sealKey } from "./state.ts";
import { deadlineOf } from "./turn.ts";

/** What follows once a step has become the current one: invitations, a seal, or the end. */
export function openCurrentStep(state: Collecte, at: Instant): Event[] {
  const step = state.steps[state.currentStep];
  if (!step) return [{ type: "CollecteCompleted", at }];
  if ("seal" in step) {
    const key = sealKey(step, state.currentStep);
    const { approver } = step;
    if (!approver) return [{ type: "SealOrdered", step: key, at }];
    return [{ type: "SealAwaited", step: key, approverId: approver.id, memberId: approver.memberId, at }];
  }
  return step.signatories.flatMap((id) => invite(state, id, at));
}

/** Who was invited before something about them changed is invited by a new link; nobody else. */
export function inviteAgain(
  state: Collecte,
  before: Signatory["status"],
  signatoryId: string,
  at: Instant,
): Event[] {
  return before === "invited" ? invite(state, signatoryId, at) : [];
}

function invite({ signatories }: Collecte, signatoryId: string, at: Instant): Event[] {
  const { linkGeneration } = signatories[signatoryId] as Signatory;
  return [{ type: "SignatoryInvited", signatoryId, linkGeneration: linkGeneration + 1, at }];
}

/** What follows once a signature or seal is in the documents. By a clock in doubt the course goes on: the calendar ends it. */
export function afterApplied(before: Collecte, applied: Event, isInDoubt = false): Event[] {
  const after = evolve(before, applied);
  if (!isInDoubt && mustExpire(after, applied.at)) return [{ type: "CollecteExpired", at: applied.at }];
  return after.currentStep === before.currentStep ? [] : openCurrentStep(after, applied.at);
}

/**
 * Nobody signs after the deadline. What was accepted in time is still finished: a signature whose bytes are
 * being made, and the seals that follow the last signature. What could not be made ends with the deadline.
 */
export function mustExpire(state: Collecte, at: Instant): boolean {
  if (at < deadlineOf(state)) return false;
  if (state.ordered.length > 0) return state.trouble !== undefined;
  return state.steps.slice(state.currentStep).some((step) => "signatories" in step || step.approver);
}
