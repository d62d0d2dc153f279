import { type Collecte, type Ordered, type Signatory, sealKey } from "../actors/collecte/state.ts";
import type { CollecteView, RecordedEvent } from "../actors/runtime/ports.ts";

/** An instant as the API says it: ISO 8601 in UTC. */
export function iso(instant: number): string {
  return new Date(instant).toISOString();
}

/** A strong entity tag (RFC 9110, 8.8.3): another after every decision. */
export function etagOf({ version }: Pick<CollecteView, "version">): string {
  return `"${version}"`;
}

/** The file name that a document was uploaded with, as a member to spread. */
export function nameOf({ personal }: Collecte, documentId: string): { name?: string } {
  const name = personal.documentNames?.[documentId];
  return name === undefined ? {} : { name };
}

/** A collecte as its firm sees it: never a token, a code's digest or a session. */
export function shownCollecte({ id, state, createdAt }: CollecteView) {
  return {
    id,
    state: state.status,
    title: state.personal.title,
    message: state.personal.message ?? "",
    language: state.language,
    level: state.level ?? "B-B",
    createdAt: iso(createdAt),
    ...(state.launchedAt !== undefined && { launchedAt: iso(state.launchedAt) }),
    ...(state.expiresAt !== undefined && { expiresAt: iso(state.expiresAt) }),
    ...(state.trouble && { trouble: { code: state.trouble.code, at: iso(state.trouble.at) } }),
    ...(state.pending && {
      pending: { code: state.pending.code, reason: state.pending.reason, at: iso(state.pending.at) },
    }),
    ...(state.endedAt !== undefined && { endedAt: iso(state.endedAt) }),
    ...(state.personal.refusalReason !== undefined && { refusalReason: state.personal.refusalReason }),
    documents: state.documents.map((document) => ({
      id: document.id,
      ...nameOf(state, document.id),
      sha256: document.head,
      originalSha256: document.original,
      ...(document.repairedFrom !== undefined && { repairedFrom: document.repairedFrom }),
      bytes: document.bytes,
      pages: document.pages,
      revisions: document.revisions,
      ...(document.level !== undefined && { level: document.level }),
    })),
    steps: state.steps.map((step, index) =>
      "seal" in step
        ? {
            seal: true,
            key: sealKey(step, index),
            ...(step.approver && { approver: step.approver.memberId }),
            status: sealStatus(state, index, sealKey(step, index)),
            ...stampsOf(state, (by) => "seal" in by && by.seal === sealKey(step, index)),
          }
        : { signatories: step.signatories.map((signatoryId) => shownSignatory(state, signatoryId)) },
    ),
    currentStep: state.currentStep,
    copies: state.copies.map((copyId) => ({
      id: copyId,
      name: state.personal.people[copyId]?.name ?? "",
      email: state.personal.people[copyId]?.email ?? "",
    })),
  };
}

function shownSignatory(state: Collecte, id: string) {
  const person = state.personal.people[id];
  const signatory: Signatory | undefined = state.signatories[id];
  return {
    id,
    firstName: person?.firstName ?? "",
    lastName: person?.lastName ?? "",
    email: person?.email ?? "",
    phone: person?.phone ?? "",
    ...(signatory?.memberId !== undefined && { member: signatory.memberId }),
    status: signatory?.status ?? "waiting",
    locked: signatory?.locked ?? false,
    ...(signatory?.signedAt !== undefined && { signedAt: iso(signatory.signedAt) }),
    ...stampsOf(state, (by) => "signatoryId" in by && by.signatoryId === id),
    ...(signatory?.level !== undefined && { level: signatory.level }),
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

/** What the firm may read of each event. A field that isn't listed stays inside. */
const shownFields: Readonly<Record<string, readonly string[]>> = {
  CollecteCreated: ["documents", "steps", "level"],
  CollecteLaunched: ["expiresAt"],
  SignatoryInvited: ["signatoryId"],
  ConsentGiven: ["signatoryId", "documents", "consentText"],
  OtpIssued: ["signatoryId", "documents", "expiresAt"],
  OtpFailed: ["signatoryId"],
  SignatoryLocked: ["signatoryId"],
  OtpConsumed: ["signatoryId"],
  SignatureOrdered: ["signatoryId", "documents"],
  SignatureApplied: ["signatoryId", "documents", "level"],
  SealOrdered: ["step"],
  SealApplied: ["step", "documents", "level"],
  SigningFailed: ["by", "code"],
  SigningDelayed: ["by", "code", "reason"],
  CollecteRefused: ["signatoryId"],
  CollecteExpired: [],
  CollecteCompleted: [],
  NotificationSent: ["channel", "notice", "to", "reference"],
  NotificationDelivered: ["channel", "notice", "to", "reference"],
  NotificationFailed: ["channel", "notice", "to", "reference"],
};

/** The record as its firm sees it, oldest first. */
export function shownHistory(events: RecordedEvent[]) {
  return events.map((event) => {
    const shown: Record<string, unknown> = { at: iso(event.at), type: event.type };
    for (const field of shownFields[event.type] ?? []) {
      const value = event.data[field];
      if (value !== undefined) shown[field] = field === "expiresAt" ? iso(Number(value)) : value;
    }
    const reason = event.type === "CollecteRefused" ? reasonOf(event.data["personal"]) : undefined;
    return reason === undefined ? shown : { ...shown, reason };
  });
}

function reasonOf(personal: unknown): string | undefined {
  if (typeof personal !== "object" || personal === null || !("reason" in personal)) return undefined;
  return typeof personal.reason === "string" ? personal.reason : undefined;
}
