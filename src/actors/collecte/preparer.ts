import { inviteAgain } from "./advance.ts";
import { isNotAsJudged } from "./drafts.ts";
import type { Event } from "./events.ts";
import { evolve } from "./evolve.ts";
import { prolongationMs } from "./numbers.ts";
import { stepsLeft } from "./order-change.ts";
import type {
  CancelCollecte,
  CorrectPerson,
  RemindSignatories,
  ReplaceSignatory,
  RetrySigning,
  UnlockSignatory,
} from "./preparer-commands.ts";
import { type Decision, happened, type RefusalCode, refuse } from "./refusals.ts";
import { nextReminderAt } from "./reminders.ts";
import { awaitedNow, type Collecte, type Person, type Signatory } from "./state.ts";
import { codesOf } from "./told.ts";
import { closedTo, deadlineOf, notOpen, signatoryOf, stranger } from "./turn.ts";

/** The link and the codes of who is replaced die at once; who comes is invited when it is their turn. */
export function replaceSignatory(state: Collecte, command: ReplaceSignatory): Decision {
  const { signatoryId, memberId, by, at, personal } = command;
  const closed = closedTo(state, at);
  if (closed) return refuse(closed);
  const signatory = signatoryOf(state, signatoryId);
  if (!signatory) return refuse(stranger(state, signatoryId));
  if (signatory.status === "signed") return refuse("already_signed");
  if (signatory.status === "signing") return refuse("signature_in_progress");
  const replacementId = newSignatoryId(state);
  const replaced: Event = {
    type: "SignatoryReplaced",
    signatoryId,
    replacementId,
    ...(memberId !== undefined && { memberId }),
    by,
    at,
    personal: { person: personal.person },
  };
  return happened(replaced, ...inviteAgain(evolve(state, replaced), signatory.status, replacementId, at));
}

/** `s1`, `s2`, … go on: nobody ever gets the id of somebody else. */
function newSignatoryId({ personal }: Collecte): string {
  const used = Object.keys(personal.people).map((id) => Number(/^s(\d+)$/.exec(id)?.[1] ?? 0));
  return `s${Math.max(0, ...used) + 1}`;
}

/**
 * Of who has not signed, e-mail or phone; of others, where the signed documents are sent. What went to the old address
 * opens nothing any more.
 */
export function correctPerson(state: Collecte, command: CorrectPerson): Decision {
  const { personId, by, at, personal } = command;
  const person = personOf(state, personId);
  if (typeof person === "string") return refuse(person);
  const signatory = signatoryOf(state, personId);
  const mayBeMended = state.status === "launched" || (state.status === "completed" && !state.purgingAt);
  if (!mayBeMended) return refuse(notOpen(state));
  const email = personal.email === person.email ? undefined : personal.email;
  const phone = personal.phone === person.phone ? undefined : personal.phone;
  if (email === undefined && phone === undefined) return happened();
  if (signatory?.status === "signing") return refuse("signature_in_progress");
  const hasSigned = signatory === undefined || signatory.status === "signed";
  const closed = hasSigned ? undefined : closedTo(state, at);
  if (closed) return refuse(closed);
  // Whoever could say where a member's link and code go would sign with that member's own certificate.
  if (!hasSigned && signatory.memberId !== undefined) return refuse("member_address");
  if (phone !== undefined) {
    if (hasSigned) return refuse("already_signed");
    if (hasCodeArrived(state, signatory)) return refuse("phone_frozen");
  }
  const corrected: Event = {
    type: "PersonCorrected",
    personId,
    by,
    at,
    personal: { ...(email !== undefined && { email }), ...(phone !== undefined && { phone }) },
  };
  const invitations = signatory ? inviteAgain(evolve(state, corrected), signatory.status, personId, at) : [];
  return happened(corrected, ...invitations);
}

/** Somebody of this collecte to whom something may still be sent. */
function personOf(state: Collecte, personId: string): Person | RefusalCode {
  const approvers = stepsLeft(state).map((step) => ("seal" in step ? step.approver?.id : undefined));
  const isKnown =
    signatoryOf(state, personId) !== undefined ||
    state.copies.includes(personId) ||
    approvers.includes(personId);
  return (isKnown && state.personal.people[personId]) || stranger(state, personId);
}

/** The phone is frozen from the first code on, unless no code can have reached it. */
export function hasCodeArrived({ notifications }: Collecte, signatory: Signatory): boolean {
  const failed = Object.values(notifications).filter(
    ({ channel, to, status, isDoubtful }) =>
      channel === "sms" && to === signatory.id && status === "failed" && !isDoubtful,
  );
  return codesOf(signatory) > failed.length;
}

/** Tells those whose turn it is again, and prolongs the deadline by 15 days from what it is. */
export function remind(state: Collecte, { scheduled, by, at }: RemindSignatories): Decision {
  const closed = closedTo(state, at);
  if (closed) return refuse(closed);
  const reminded = awaitedNow(state);
  if (reminded.length === 0) return refuse("nobody_to_remind");
  const due = scheduled ? nextReminderAt(state) : at;
  if (due === undefined || at < due) return refuse("not_due");
  return happened({
    type: "SignatoriesReminded",
    reminded,
    scheduled: scheduled === true,
    expiresAt: deadlineOf(state) + prolongationMs,
    ...(by && { by }),
    at,
  });
}

export function cancel(state: Collecte, command: CancelCollecte): Decision {
  const { by, at, personal } = command;
  const closed = state.status === "draft" ? undefined : closedTo(state, at);
  if (closed) return refuse(closed);
  if (isNotAsJudged(state, command)) return refuse("draft_changed");
  // A signature that was accepted can't be taken back: it is finished first.
  if (state.ordered.length > 0 && !state.trouble) return refuse("signature_in_progress");
  return happened({ type: "CollecteCancelled", by, at, personal: { reason: personal.reason } });
}

export function unlock(state: Collecte, { signatoryId, by, at }: UnlockSignatory): Decision {
  const closed = closedTo(state, at);
  if (closed) return refuse(closed);
  const signatory = signatoryOf(state, signatoryId);
  if (!signatory) return refuse(stranger(state, signatoryId));
  return signatory.locked ? happened({ type: "SignatoryUnlocked", signatoryId, by, at }) : happened();
}

/** Not after the deadline, which ends what could not be made. */
export function retrySigning(state: Collecte, { by, at }: RetrySigning): Decision {
  const closed = closedTo(state, at);
  if (closed) return refuse(closed);
  return state.trouble ? happened({ type: "SigningRetried", by, at }) : refuse("nothing_failed");
}
