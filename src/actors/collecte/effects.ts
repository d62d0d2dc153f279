import type { Command } from "./commands.ts";
import { abandonAt } from "./drafts.ts";
import type { Event } from "./events.ts";
import { nextReminderAt } from "./reminders.ts";
import { announceAt, forgetAt, purgeAt } from "./retention.ts";
import { awaitedNow, type Collecte, type Instant, type Ordered } from "./state.ts";
import { isFirstTask } from "./tasks.ts";
import { downloadGeneration } from "./told.ts";

/** A link that a mail carries. Its token is made when the mail is ordered and kept only as SHA-256. */
export interface Link {
  purpose: "sign" | "download";
  generation: number;
}

/** One notice to one person. */
export type MailEffect =
  | { kind: "mail"; notice: "invitation" | "reminder" | "completed"; to: string; link: Link }
  | { kind: "mail"; notice: "seal_awaited" | "closed" | "released"; to: string }
  | { kind: "mail"; notice: PreparerNotice; to: "preparer"; about?: string };

/** What must happen in the outside world. Ids only: who and where is read when it is done. */
export type Effect =
  | MailEffect
  | { kind: "sms"; notice: "otp"; to: string; otpId: string; sealedCode: string }
  | { kind: "sign"; signatoryId: string }
  | { kind: "seal"; step: number }
  | { kind: "evidence" | "deliver" | "purge" | "forget" };

/** `about` is the id of a person, of an effect, or of what failed. */
type PreparerNotice =
  | "refused"
  | "expired"
  | "trouble"
  | "locked"
  | "unreachable"
  | "purge_soon"
  | "upkeep_failed";

/** What an event calls for. `after` is the state once all the events of its decision have happened. */
export function effectsOf(event: Event, after: Collecte, command: Command): Effect[] {
  switch (event.type) {
    case "SignatoryInvited":
      return [
        {
          kind: "mail",
          notice: "invitation",
          to: event.signatoryId,
          link: { purpose: "sign", generation: event.linkGeneration },
        },
      ];
    case "OtpIssued":
      if (command.type !== "GiveConsent") return [];
      return [
        {
          kind: "sms",
          notice: "otp",
          to: event.signatoryId,
          otpId: event.otpId,
          sealedCode: command.otp.sealedCode,
        },
      ];
    case "SignatureOrdered":
    case "SealOrdered":
      return after.ordered.length === 1 ? after.ordered.map(make) : [];
    case "SignatureApplied":
      // A seal that this signature led to is ordered by its own event.
      return after.ordered
        .slice(0, 1)
        .filter((next) => "signatoryId" in next)
        .map(make);
    case "SigningRetried":
      return after.ordered.slice(0, 1).map(make);
    case "SealAwaited":
      return [{ kind: "mail", notice: "seal_awaited", to: event.approverId }];
    case "SignatoriesReminded":
      return event.reminded.map((id) => reminder(after, id));
    case "SignatoryReplaced": {
      // Only who was asked to sign is told that it is no longer theirs.
      const wasAsked = Object.values(after.notifications).some(
        ({ to, channel, status }) => to === event.signatoryId && channel === "mail" && status !== "failed",
      );
      return wasAsked ? [{ kind: "mail", notice: "released", to: event.signatoryId }] : [];
    }
    case "PersonCorrected":
      if (after.status === "completed") return [completed(after, event.personId)];
      return isApproverAwaited(after, event.personId) ? [reminder(after, event.personId)] : [];
    case "SignatoryLocked":
      return [toPreparer("locked", event.signatoryId)];
    case "CollecteCompleted":
      return [
        ...[...Object.keys(after.signatories), ...after.copies].map((to) => completed(after, to)),
        { kind: "evidence" },
        ...(after.terms?.delivery === "pushed" ? [{ kind: "deliver" } as const] : []),
      ];
    case "CollecteRefused":
      return [toPreparer("refused"), ...closed(after, event.signatoryId), { kind: "evidence" }];
    case "CollecteExpired":
      return [toPreparer("expired"), ...closed(after), { kind: "evidence" }];
    case "DraftAbandoned":
    case "CollecteCancelled":
      return [...closed(after), { kind: "evidence" }];
    case "SigningFailed":
      return [toPreparer("trouble")];
    case "NotificationFailed":
      return isFirstTask(after, event.effectId) ? [toPreparer("unreachable", event.effectId)] : [];
    case "PurgeAnnounced":
      return [toPreparer("purge_soon")];
    case "PurgeBegun":
      return [{ kind: "purge" }];
    case "CollectePurged":
      return [{ kind: "evidence" }];
    case "PeopleForgotten":
      return [{ kind: "forget" }];
    case "UpkeepFailed":
      return event.what === "deliver" ? [toPreparer("upkeep_failed", event.what)] : [];
    default:
      return [];
  }
}

export type TimerName = "draft" | "expiry" | "reminder" | "purge_warning" | "purge" | "forget";

/** What the calendar must bring back, and when: the whole list for this state. */
export function timersOf(state: Collecte): { name: TimerName; dueAt: Instant }[] {
  const due: Partial<Record<TimerName, Instant | undefined>> = {
    draft: abandonAt(state),
    expiry: state.status === "launched" ? state.expiresAt : undefined,
    reminder: nextReminderAt(state),
    purge_warning: announceAt(state),
    purge: purgeAt(state),
    forget: forgetAt(state),
  };
  return Object.entries(due).flatMap(([name, dueAt]) =>
    dueAt === undefined ? [] : [{ name: name as TimerName, dueAt }],
  );
}

function toPreparer(notice: PreparerNotice, about?: string): Effect {
  return { kind: "mail", notice, to: "preparer", ...(about !== undefined && { about }) };
}

function completed(state: Collecte, to: string): Effect {
  const link: Link = { purpose: "download", generation: downloadGeneration(state, to) };
  return { kind: "mail", notice: "completed", to, link };
}

function reminder(state: Collecte, to: string): Effect {
  const signatory = state.signatories[to];
  if (!signatory) return { kind: "mail", notice: "seal_awaited", to };
  return {
    kind: "mail",
    notice: "reminder",
    to,
    link: { purpose: "sign", generation: signatory.linkGeneration },
  };
}

/** A signatory is told by their own invitation. */
function isApproverAwaited(state: Collecte, personId: string): boolean {
  return state.signatories[personId] === undefined && awaitedNow(state).includes(personId);
}

/** Those who were ever asked to sign learn that it is over, but for who ended it. */
function closed({ signatories }: Collecte, but?: string): Effect[] {
  return Object.values(signatories)
    .filter(({ id, linkGeneration }) => id !== but && linkGeneration > 0)
    .map(({ id }) => ({ kind: "mail", notice: "closed", to: id }));
}

function make(ordered: Ordered): Effect {
  return "seal" in ordered
    ? { kind: "seal", step: ordered.seal }
    : { kind: "sign", signatoryId: ordered.signatoryId };
}
