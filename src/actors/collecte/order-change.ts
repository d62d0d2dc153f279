import { openCurrentStep } from "./advance.ts";
import type { Event } from "./events.ts";
import { evolve } from "./evolve.ts";
import type { ChangeOrder } from "./preparer-commands.ts";
import { type Decision, happened, refuse } from "./refusals.ts";
import { type Collecte, type SealStep, type Step, sealKey } from "./state.ts";
import { closedTo } from "./turn.ts";

/** What is not done yet: of the current step those who have not signed. Seals with their keys. */
export function stepsLeft(state: Collecte): Step[] {
  return state.steps.slice(state.currentStep).flatMap((step, i): Step[] => {
    if ("seal" in step) return [{ ...step, key: sealKey(step, state.currentStep + i) }];
    return [{ signatories: step.signatories.filter((id) => state.signatories[id]?.status !== "signed") }];
  });
}

/** The steps that are left, in another order: nobody comes, nobody goes. Links and codes that are out die at once. */
export function changeOrder(state: Collecte, { steps, by, at }: ChangeOrder): Decision {
  const closed = closedTo(state, at);
  if (closed) return refuse(closed);
  if (state.ordered.length > 0) return refuse("signature_in_progress");
  const left = stepsLeft(state);
  if (!isSameWork(left, steps)) return refuse("order_mismatch");
  if (isSame(left.map(shape), steps.map(shape))) return happened();
  // Who approves a seal is no matter of its place.
  const seals = new Map(left.flatMap((step) => ("seal" in step ? [[step.key, step] as const] : [])));
  const ordered = steps.map(
    (step): Step =>
      "seal" in step ? (seals.get(step.key) as SealStep) : { signatories: [...step.signatories] },
  );
  const changed: Event = { type: "OrderChanged", steps: ordered, by, at };
  return happened(changed, ...openCurrentStep(evolve(state, changed), at));
}

function isSameWork(left: readonly Step[], steps: readonly Step[]): boolean {
  if (steps.some((step) => "signatories" in step && step.signatories.length === 0)) return false;
  return isSame(left.flatMap(shape).sort(), steps.flatMap(shape).sort());
}

/** What is to be done in a step. Within it there is no order. */
function shape(step: Step): string[] {
  return "seal" in step ? [`seal ${step.key}`] : [...step.signatories].sort();
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
