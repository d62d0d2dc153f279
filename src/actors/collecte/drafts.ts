import type { ReviseDraft } from "./commands.ts";
import type { Event } from "./events.ts";
import { dayMs, draftDays } from "./numbers.ts";
import type { ByRight, Plan } from "./plan.ts";
import { type Decision, happened, type RefusalCode, refuse } from "./refusals.ts";
import type { Collecte, Instant } from "./state.ts";

/** A plan that could never be carried out. */
export function unsoundPlan({ documents, steps, personal }: Plan): RefusalCode | undefined {
  if (documents.length === 0) return "no_documents";
  const asked = steps.flatMap((step) => {
    if ("signatories" in step) return [step.signatories];
    return step.approver ? [[step.approver.id]] : [];
  });
  const people = asked.flat();
  if (steps.length === 0 || asked.some(({ length }) => length === 0)) return "no_steps";
  // Who stood twice would be invited to the first place and awaited at the last.
  if (new Set(people).size < people.length) return "no_steps";
  return people.every((id) => Object.hasOwn(personal.people, id)) ? undefined : "unknown_signatory";
}

/** Until the launch nothing is frozen: the whole plan is put anew. */
export function reviseDraft(state: Collecte, command: ReviseDraft): Decision {
  if (state.status === "none") return refuse("not_found");
  if (state.status !== "draft") return refuse("not_draft");
  if (isNotAsJudged(state, command)) return refuse("draft_changed");
  const refused = unsoundPlan(command);
  if (refused) return refuse(refused);
  const { judgedFor: _, ...plan } = command;
  return happened({ ...plan, type: "DraftRevised" });
}

/** Whether the draft has become one that the delegation it is done by may not be for. */
export function isNotAsJudged(state: Collecte, { judgedFor }: ByRight): boolean {
  if (judgedFor === undefined) return false;
  const { documentType, sealsAtOnce } = judgedFor;
  return state.status !== "draft" || documentType !== state.documentType || sealsAtOnce !== hasOwnSeal(state);
}

/** Whether a seal that nobody approves is made when its turn comes. */
export function hasOwnSeal({ steps }: Pick<Collecte, "steps">): boolean {
  return steps.some((step) => "seal" in step && !step.approver);
}

/** When a draft that nobody touches is given up: its documents would else be kept for ever. */
export function abandonAt({ status, createdAt, revisedAt, terms }: Collecte): Instant | undefined {
  if (status !== "draft") return undefined;
  return (revisedAt ?? createdAt) + (terms?.draftDays ?? draftDays) * dayMs;
}

export function abandonDraft(state: Collecte, at: Instant): Decision {
  if (state.status === "none") return refuse("not_found");
  if (state.status !== "draft") return refuse("not_draft");
  const due = abandonAt(state);
  return due === undefined || at < due ? refuse("not_due") : happened({ type: "DraftAbandoned", at });
}

type Planned = Extract<Event, { type: "CollecteCreated" | "DraftRevised" }>;

/** A draft's documents of before that it has no more go with it when it is purged. */
export function droppedBy({ documents, dropped = [] }: Collecte, event: Planned): Collecte["dropped"] {
  const kept = new Set(event.documents.map(({ id }) => id));
  const before = [...dropped, ...documents.map(({ id, original }) => ({ id, original }))];
  const gone = before.filter(({ id }) => !kept.has(id));
  return gone.length > 0 ? gone : undefined;
}
