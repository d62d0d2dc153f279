import type { Event } from "./events.ts";
import { evolve } from "./evolve.ts";
import type { Collecte, Instant } from "./state.ts";

/** What follows once a step has become the current one: invitations, a seal, or the end. */
export function openCurrentStep(state: Collecte, at: Instant): Event[] {
  const step = state.steps[state.currentStep];
  if (!step) return [{ type: "CollecteCompleted", at }];
  if ("seal" in step) return [{ type: "SealOrdered", step: state.currentStep, at }];
  return Object.values(state.signatories)
    .filter((signatory) => signatory.step === state.currentStep)
    .map(({ id, linkGeneration }) => ({
      type: "SignatoryInvited",
      signatoryId: id,
      linkGeneration: linkGeneration + 1,
      at,
    }));
}

/** What follows once a signature or seal is in the documents. */
export function afterApplied(before: Collecte, applied: Event): Event[] {
  const after = evolve(before, applied);
  if (mustExpire(after, applied.at)) return [{ type: "CollecteExpired", at: applied.at }];
  return after.currentStep === before.currentStep ? [] : openCurrentStep(after, applied.at);
}

/**
 * Nobody signs after the deadline. What was accepted in time is still finished: a signature whose bytes are
 * being made, and the seals that follow the last signature. What could not be made ends with the deadline.
 */
export function mustExpire(state: Collecte, at: Instant): boolean {
  if (state.expiresAt === undefined || at < state.expiresAt) return false;
  if (state.ordered.length > 0) return state.trouble !== undefined;
  return state.steps.slice(state.currentStep).some((step) => "signatories" in step);
}
