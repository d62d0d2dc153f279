import { inviteAgain } from "./advance.ts";
import type { Event } from "./events.ts";
import { evolve } from "./evolve.ts";
import { prolongationMs } from "./numbers.ts";
import type {
  CancelCollecte,
  CorrectPerson,
  RemindSignatories,
  ReplaceSignatory,
  RetrySigning,
  UnlockSignatory,
} from "./preparer-commands.ts";
import { type Decision, happened, refuse } from "./refusals.ts";
import { nextReminderAt } from "./reminders.ts";
import { awaitedNow, type Collecte, hasEnded } from "./state.ts";
import { closedTo, notOpen, stranger } from "./turn.ts";

/** The link and the codes of who is replaced die at once; who comes is invited when it is their turn. */
export function replaceSignatory(state: Collecte, command: ReplaceSignatory): Decision {
  const { signatoryId, memberId, by, at, personal } = command;
  const closed = closedTo(state, at);
  if (closed) return refuse(closed);
  const signatory = state.signatories[signatoryId];
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
  const person = state.personal.people[personId];
  const signatory = state.signatories[personId];
  if (!person || !(signatory || state.copies.includes(personId))) return refuse(stranger(state, personId));
  const isOver = hasEnded(state) && state.status !== "completed";
  if (isOver || state.status === "draft") return refuse(notOpen(state));
  const email = personal.email === person.email ? undefined : personal.email;
  const phone = personal.phone === person.phone ? undefined : personal.phone;
  if (email === undefined && phone === undefined) return happened();
  if (phone !== undefined) {
    if (!signatory || signatory.status === "signed") return refuse("already_signed");
    if (hasCodeArrived(state, personId)) return refuse("phone_frozen");
  }
  if (signatory?.status === "signing") return refuse("signature_in_progress");
  const corrected: Event = {
    type: "PersonCorrected",
    personId,
    by,
    at,
    personal: { ...(email !== undefined && { email }), ...(phone !== undefined && { phone }) },
  };
  const status = signatory?.status ?? "waiting";
  return happened(corrected, ...inviteAgain(evolve(state, corrected), status, personId, at));
}

/** The phone is frozen from the first code on, unless no code has ever reached it. */
export function hasCodeArrived(state: Collecte, signatoryId: string): boolean {
  const failed = Object.values(state.notifications).filter(
    ({ channel, to, status }) => channel === "sms" && to === signatoryId && status === "failed",
  );
  return (state.signatories[signatoryId]?.codes ?? 0) > failed.length;
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
    expiresAt: (state.expiresAt ?? at) + prolongationMs,
    ...(by && { by }),
    at,
  });
}

export function cancel(state: Collecte, { by, at, personal }: CancelCollecte): Decision {
  if (state.status !== "draft" && state.status !== "launched") return refuse(notOpen(state));
  // A signature that was accepted can't be taken back: it is finished first.
  if (state.ordered.length > 0 && !state.trouble) return refuse("signature_in_progress");
  return happened({ type: "CollecteCancelled", by, at, personal: { reason: personal.reason } });
}

export function unlock(state: Collecte, { signatoryId, by, at }: UnlockSignatory): Decision {
  if (state.status !== "launched") return refuse(notOpen(state));
  const signatory = state.signatories[signatoryId];
  if (!signatory) return refuse(stranger(state, signatoryId));
  return signatory.locked ? happened({ type: "SignatoryUnlocked", signatoryId, by, at }) : happened();
}

export function retrySigning(state: Collecte, { by, at }: RetrySigning): Decision {
  if (state.status !== "launched") return refuse(notOpen(state));
  return state.trouble ? happened({ type: "SigningRetried", by, at }) : refuse("nothing_failed");
}
