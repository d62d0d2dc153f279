import { type Collecte, type Ordered, type Signatory, sealKey } from "../actors/collecte/state.ts";
import { reflectedAt } from "../actors/collecte/turn.ts";
import { iso } from "./instants.ts";

/** The plan, with who has done what of it. */
export function shownSteps(state: Collecte) {
  return state.steps.map((step, index) =>
    "seal" in step
      ? {
          seal: true,
          key: sealKey(step, index),
          ...(step.approver && { approver: step.approver.memberId, approverPerson: step.approver.id }),
          status: sealStatus(state, index, sealKey(step, index)),
          ...stampsOf(state, (by) => "seal" in by && by.seal === sealKey(step, index)),
          ...(step.approver && shownNotifications(state, step.approver.id)),
        }
      : { signatories: step.signatories.map((signatoryId) => shownSignatory(state, signatoryId)) },
  );
}

function shownSignatory(state: Collecte, id: string) {
  const signatory: Signatory | undefined = state.signatories[id];
  return {
    id,
    ...shownPerson(state, id),
    ...(signatory?.memberId !== undefined && { member: signatory.memberId }),
    status: signatory?.status ?? "waiting",
    locked: signatory?.locked ?? false,
    ...(signatory?.invitedAt !== undefined && { invitedAt: iso(signatory.invitedAt) }),
    ...(signatory && shownReflection(state, signatory)),
    ...(signatory?.signedAt !== undefined && { signedAt: iso(signatory.signedAt) }),
    ...(signatory?.signs && { signedBy: signatory.signs }),
    ...stampsOf(state, (by) => "signatoryId" in by && by.signatoryId === id),
    ...(signatory?.level !== undefined && { level: signatory.level }),
    ...shownNotifications(state, id),
  };
}

/** From when on they may sign, where the firm has chosen a time to reflect. */
export function shownReflection(state: Collecte, signatory: Signatory) {
  const from = signatory.status === "invited" ? reflectedAt(state, signatory) : undefined;
  return from === undefined ? {} : { maySignFrom: iso(from) };
}

function shownPerson({ personal }: Collecte, id: string) {
  const person = personal.people[id];
  return {
    firstName: person?.firstName ?? "",
    lastName: person?.lastName ?? "",
    email: person?.email ?? "",
    phone: person?.phone ?? "",
  };
}

/** What was sent to them and what became of it, oldest first. */
export function shownNotifications({ notifications }: Collecte, personId: string) {
  const theirs = Object.values(notifications)
    .filter(({ to }) => to === personId)
    .sort((one, other) => one.at - other.at);
  if (theirs.length === 0) return {};
  return {
    notifications: theirs.map(({ channel, notice, status, at }) => ({
      channel,
      notice,
      status,
      at: iso(at),
    })),
  };
}

/** Those whose place somebody else has taken before they signed. */
export function shownReplaced(state: Collecte) {
  if (!state.replaced) return {};
  return {
    replaced: state.replaced.map((id) => ({
      id,
      ...shownPerson(state, id),
      ...shownNotifications(state, id),
    })),
  };
}

function stampsOf(state: Collecte, isTheirs: (by: Ordered) => boolean) {
  const theirs = (state.stamps ?? []).filter(({ by }) => isTheirs(by));
  return theirs.length === 0 ? {} : { stamp: theirs.map(({ by: _theirs, ...stamp }) => stamp) };
}

function sealStatus(state: Collecte, index: number, key: number): "waiting" | "sealing" | "sealed" {
  if (index < state.currentStep) return "sealed";
  return state.ordered.some((ordered) => "seal" in ordered && ordered.seal === key) ? "sealing" : "waiting";
}
