import type { Command } from "./commands.ts";
import type { Event } from "./events.ts";
import type { Collecte, Instant, Ordered } from "./state.ts";

/** A link that a mail carries. Its token is made when the mail is ordered and kept only as SHA-256. */
export interface Link {
  purpose: "sign" | "download";
  generation: number;
}

/** What must happen in the outside world. Ids only: who and where is read when it is done. */
export type Effect =
  | { kind: "mail"; notice: "invitation" | "completed"; to: string; link: Link }
  | { kind: "mail"; notice: "refused" | "expired" | "trouble"; to: "preparer" }
  | { kind: "sms"; notice: "otp"; to: string; otpId: string; sealedCode: string }
  | { kind: "sign"; signatoryId: string }
  | { kind: "seal"; step: number };

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
    case "CollecteCompleted":
      return [...Object.keys(after.signatories), ...after.copies].map((to) => ({
        kind: "mail",
        notice: "completed",
        to,
        link: { purpose: "download", generation: 1 },
      }));
    case "CollecteRefused":
      return [{ kind: "mail", notice: "refused", to: "preparer" }];
    case "SigningFailed":
      return [{ kind: "mail", notice: "trouble", to: "preparer" }];
    case "CollecteExpired":
      return [{ kind: "mail", notice: "expired", to: "preparer" }];
    default:
      return [];
  }
}

/** What the calendar must bring back, and when: the whole list for this state. */
export function timersOf(state: Collecte): { name: "expiry"; dueAt: Instant }[] {
  if (state.status !== "launched" || state.expiresAt === undefined) return [];
  return [{ name: "expiry", dueAt: state.expiresAt }];
}

function make(ordered: Ordered): Effect {
  return "seal" in ordered
    ? { kind: "seal", step: ordered.seal }
    : { kind: "sign", signatoryId: ordered.signatoryId };
}
