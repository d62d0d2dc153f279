import type { Event } from "../actors/collecte/events.ts";
import type { RecordedEvent } from "../actors/runtime/ports.ts";
import { iso } from "./instants.ts";

/**
 * What the firm may read of each event; `by` says by which key, member and delegation it was ordered. A field that isn't
 * listed stays inside: what proves a code or a session, and where people's acts came from, which is the evidence file's.
 */
export const shownFields: Readonly<Record<Event["type"], readonly string[]>> = {
  CollecteCreated: ["documents", "steps", "level", "documentType", "terms", "by"],
  DraftRevised: ["documents", "steps", "level", "documentType", "terms", "by"],
  DraftAbandoned: [],
  CollecteLaunched: ["expiresAt", "by"],
  SignatoryInvited: ["signatoryId"],
  ConsentGiven: ["signatoryId", "documents", "consentText"],
  OtpIssued: ["signatoryId", "documents", "expiresAt"],
  OtpFailed: ["signatoryId"],
  SignatoryLocked: ["signatoryId"],
  SignatoryUnlocked: ["signatoryId", "by"],
  OtpConsumed: ["signatoryId"],
  SignatureOrdered: ["signatoryId", "documents", "memberId", "delegationId"],
  SignatureApplied: ["signatoryId", "documents", "level"],
  SealAwaited: ["step", "memberId"],
  SealOrdered: ["step", "memberId", "delegationId", "documents"],
  SealApplied: ["step", "documents", "level"],
  SigningFailed: ["by", "code"],
  SigningDelayed: ["by", "code", "reason"],
  SigningRetried: ["by"],
  OrderChanged: ["steps", "by"],
  SignatoryReplaced: ["signatoryId", "replacementId", "memberId", "by"],
  PersonCorrected: ["personId", "by"],
  SignatoriesReminded: ["reminded", "scheduled", "expiresAt", "by"],
  CollecteRefused: ["signatoryId"],
  CollecteCancelled: ["by"],
  CollecteExpired: [],
  CollecteCompleted: [],
  NotificationSent: ["channel", "notice", "to", "reference"],
  NotificationDelivered: ["channel", "notice", "to", "reference"],
  NotificationFailed: ["channel", "notice", "to", "reference"],
  DocumentsAccessed: ["personId", "act", "documents"],
  EvidenceFiled: ["sha256", "bytes", "level"],
  DocumentsDelivered: ["how", "by"],
  PurgeAnnounced: ["purgeAt"],
  PurgeBegun: [],
  CollectePurged: ["removed", "kept"],
  PeopleForgotten: [],
  UpkeepFailed: ["what", "code"],
};

/** What of `personal` the firm may read: what it said itself, and the reason that a signatory gave it. */
export const shownPersonal: Partial<Record<Event["type"], readonly string[]>> = {
  CollecteRefused: ["reason"],
  CollecteCancelled: ["reason"],
  SignatoryReplaced: ["person"],
  PersonCorrected: ["email", "phone"],
};

const instants: ReadonlySet<string> = new Set(["expiresAt", "purgeAt"]);

/** The record as its firm sees it, oldest first. */
export function shownHistory(events: RecordedEvent[]) {
  return events.map(({ at, type, data }) => {
    const known = type as Event["type"];
    return {
      at: iso(at),
      type,
      ...chosen(data, shownFields[known] ?? []),
      ...chosen(data["personal"], shownPersonal[known] ?? []),
    };
  });
}

/** What is said about people is gone once they are forgotten. */
function chosen(from: unknown, fields: readonly string[]): Record<string, unknown> {
  const data = typeof from === "object" && from !== null ? (from as Record<string, unknown>) : {};
  const shown = fields.filter((field) => data[field] !== undefined);
  return Object.fromEntries(
    shown.map((field) => [field, instants.has(field) ? iso(Number(data[field])) : data[field]]),
  );
}
