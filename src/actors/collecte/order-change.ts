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
    const signatories = step.signatories.filter((id) => state.signatories[id]?.status !== "signed");
    return signatories.length === 0 ? [] : [{ signatories }];
  });
}

/** The steps that are left, in another order: nobody comes, nobody goes. Links and codes that are out die at once. */
export function changeOrder(state: Collecte, { steps, by, at }: ChangeOrder): Decision {
  const closed = closedTo(state, at);
  if (closed) return refuse(closed);
  if (state.ordered.length > 0) return refuse("signature_in_progress");
  const left = stepsLeft(state);
  if (!isSameWork(left, steps)) return refuse("order_mismatch");
  if (JSON.stringify(left.map(shape)) === JSON.stringify(steps.map(shape))) return happened();
  const approvers = new Map(sealsOf(left).map(({ key, approver }) => [key, approver]));
  const ordered = steps.map((step): Step => {
    if (!("seal" in step)) return { signatories: [...step.signatories] };
    const approver = approvers.get(step.key);
    return { seal: true, ...(step.key !== undefined && { key: step.key }), ...(approver && { approver }) };
  });
  const changed: Event = { type: "OrderChanged", steps: ordered, by, at };
  return happened(changed, ...openCurrentStep(evolve(state, changed), at));
}

function isSameWork(left: readonly Step[], steps: readonly Step[]): boolean {
  if (steps.some((step) => "signatories" in step && step.signatories.length === 0)) return false;
  return JSON.stringify(workIn(left)) === JSON.stringify(workIn(steps));
}

function workIn(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => ("seal" in step ? [`seal ${step.key}`] : step.signatories)).sort();
}

function shape(step: Step): unknown {
  return "seal" in step ? step.key : step.signatories;
}

function sealsOf(steps: readonly Step[]): SealStep[] {
  return steps.flatMap((step) => ("seal" in step ? [step] : []));
}
