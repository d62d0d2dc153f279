import type { PadesLevel } from "./levels.ts";

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** What an accepted signature waits for: a timestamp, or what authorities say of certificates. */
export type PendingCode = "timestamp_pending" | "evidence_pending";

/** How a collecte may end. */
export type Ending = "completed" | "refused" | "expired" | "cancelled";

export type CollecteStatus = "none" | "draft" | "launched" | Ending | "purged";

/** Who ordered something: a program by its key, a member, or a member by another's delegation. */
export interface By {
  keyId?: string;
  memberId?: string;
  delegationId?: string;
}

/** Where an act came from: evidence about a person, so encrypted at rest. */
export interface Trace {
  ip?: string;
  userAgent?: string;
}

/** Somebody with an address. Everything about people lives under `personal`, which the store encrypts. */
export interface Person {
  name: string;
  firstName?: string;
  lastName?: string;
  email: string;
  /** E.164, signatories only. */
  phone?: string;
}

/** What is said about people: encrypted at rest with the collecte's own key. */
export interface PersonalState {
  title: string;
  message?: string;
  /** By signatory or copy id. */
  people: Record<string, Person>;
  /** File names, by document id. */
  documentNames?: Record<string, string>;
  refusalReason?: string;
  cancellationReason?: string;
}

export interface CollecteDocument {
  id: string;
  /** SHA-256 (hex) of the bytes that were uploaded, or written anew from the upload before anybody saw them. */
  original: string;
  /** SHA-256 (hex) of the upload, where it was written anew. */
  repairedFrom?: string;
  /** SHA-256 (hex) of the bytes now: the original, or its latest signed revision. */
  head: string;
  /** SHA-256 (hex) of what it was before each of its revisions, the original first. */
  past?: string[];
  bytes: number;
  pages: number;
  revisions: number;
  /** Of its last signature, as it was read in the finished file. */
  level?: PadesLevel;
}

/**
 * `key` names a seal for ever, wherever an order change puts it: the index that its step had at first, which it is when
 * absent. A seal with an approver, who is in `people` under their id, is not made before that member says so.
 */
export interface SealStep {
  seal: true;
  key?: number;
  approver?: { id: string; memberId: string };
}

export type Step = { signatories: string[] } | SealStep;

/**
 * Where a signature or seal shows: on a page of a document, in points from the lower left corner as a reader shows it, or
 * in an empty signature field that the document has.
 */
export type Stamp = { by: Ordered; document: string } & (
  | { page: number; box: { left: number; bottom: number; width: number; height: number } }
  | { field: string }
);

/** A one-time code that was sent and not used. The code itself is nowhere: only its keyed digest. */
export interface Otp {
  id: string;
  salt: string;
  /** HMAC-SHA-256 (hex) of salt and code under a pepper that is not in the database. */
  mac: string;
  sessionId: string;
  /** Ordered SHA-256 of the documents that the signatory consented to sign. */
  documents: string[];
  issuedAt: Instant;
  expiresAt: Instant;
  failures: number;
}

export interface Signatory {
  id: string;
  step: number;
  /** Set when the signatory is a member of the firm: they sign with their own certificate. */
  memberId?: string;
  status: "waiting" | "invited" | "signing" | "signed";
  /** Which link is alive: 0 before the invitation. */
  linkGeneration: number;
  otp?: Otp;
  /** Codes of the last 30 minutes and wrong codes of the last 24 hours. */
  otpIssuedAt: Instant[];
  otpFailedAt: Instant[];
  locked: boolean;
  /** When they were last invited. */
  invitedAt?: Instant;
  /** When they were first invited at the address that they have: their time to reflect begins. */
  reflectsSince?: Instant;
  /** How many codes were ever sent to them: after the first one that arrived their phone can't be corrected. */
  codes?: number;
  /** The member who signs in their place, by which delegation. */
  signs?: { memberId: string; delegationId?: string };
  signedAt?: Instant;
  /** As read in the finished files when they signed; what comes later may raise it. */
  level?: PadesLevel;
}

/** A signature, or the seal of that key, that was ordered and whose bytes are not in the documents yet. */
export type Ordered = { signatoryId: string } | { seal: number };

/** Whether both mean the same signatory, or the same seal. */
export function isSameOrdered(a: Ordered, b: Ordered): boolean {
  if ("seal" in a) return "seal" in b && a.seal === b.seal;
  return "signatoryId" in b && a.signatoryId === b.signatoryId;
}

export interface Notification {
  channel: "mail" | "sms";
  notice: string;
  to: string;
  status: "sent" | "delivered" | "failed";
  /** It failed in a way that does not say whether it has arrived. */
  isDoubtful?: true;
  at: Instant;
}

/** Somebody can't be reached: for the preparer to mend, by one correction. */
export interface Task {
  /** Signatory or copy id. */
  personId: string;
  channel: "mail" | "sms";
  notice: string;
  /** Of the failure. */
  code: string;
  at: Instant;
}

/** Of one firm's choices, what was so when the collecte was made. */
export interface Terms {
  /** How long a client must have been invited before a code is sent to them. */
  reflectionMs?: number;
  reminders?: { everyDays: number; most: number };
  /** For how many years after the end the evidence file is kept: 5 unless said. */
  evidenceYears?: number;
  /** After how many days without a change a draft is given up: 90 unless said. */
  draftDays?: number;
  /** How the documents leave before they are purged, if the firm has said. */
  delivery?: "pushed" | "fetched";
}

export interface Collecte {
  status: CollecteStatus;
  firmId: string;
  language: "fr" | "en";
  documents: CollecteDocument[];
  steps: Step[];
  /** Those of the whole plan; signatures without one are invisible. */
  stamps?: Stamp[];
  currentStep: number;
  /** What the documents are to have in the end: B-B unless said. */
  level?: PadesLevel;
  /**
   * What the signatories of the current step may have been shown: the ordered digests when the step began, and after
   * each signature of the step since.
   */
  shownInStep: string[][];
  signatories: Record<string, Signatory>;
  copies: string[];
  /** First is being made, the others wait: two revisions can't be appended to one document at once. */
  ordered: Ordered[];
  /** The first of `ordered` could not be made. It stays ordered, for another try once the cause is mended. */
  trouble?: { code: string; at: Instant };
  /** The first of `ordered` waits for others; unlike trouble, the deadline does not end it. */
  pending?: { code: PendingCode; reason: string; at: Instant };
  /** By effect id. */
  notifications: Record<string, Notification>;
  /** By the id of the effect that failed. */
  tasks?: Record<string, Task>;
  /** When an address was last corrected, by person and channel: what went to the one before is nobody's task. */
  mended?: Record<string, Partial<Record<Task["channel"], Instant>>>;
  /** What the firm calls documents of this kind; delegations may name it. */
  documentType?: string;
  terms?: Terms;
  /** Who made it: told of what happens. */
  preparer?: By;
  /** Those who were replaced before they signed; still in `people`. */
  replaced?: string[];
  reminded?: { at: Instant; scheduled: number };
  /** Since when the approver of the current seal is waited for. */
  sealAwaitedAt?: Instant;
  /** Which download link is alive, by signatory or copy id: 1 unless said. */
  downloads?: Record<string, number>;
  /** Accesses that are on the record, the newest last. */
  accesses?: string[];
  evidence?: { sha256: string; bytes: number; level: PadesLevel; at: Instant };
  deliveredAt?: Instant;
  /** When the preparer was told that the documents will be purged before they have left. */
  purgeAnnouncedAt?: Instant;
  /** When the documents began to be removed. */
  purgingAt?: Instant;
  purgedAt?: Instant;
  /** How it had ended before it was purged. */
  endedAs?: Ending;
  /** When what is said about people was given up. */
  forgottenAt?: Instant;
  /** What failed of the upkeep after the end, by its name. */
  upkeep?: Record<string, { code: string; at: Instant }>;
  createdAt: Instant;
  /** When the draft was last revised. */
  revisedAt?: Instant;
  /** Documents that the draft had and has no more: purged with the others. */
  dropped?: { id: string; original: string }[];
  /** It was cancelled because nobody had touched the draft for too long. */
  abandoned?: true;
  launchedAt?: Instant;
  expiresAt?: Instant;
  endedAt?: Instant;
  /** Signatory id, of a refused collecte. */
  refusedBy?: string;
  personal: PersonalState;
}

/** Before its first event, a collecte is this. */
export const nothing: Collecte = {
  status: "none",
  firmId: "",
  language: "fr",
  documents: [],
  steps: [],
  currentStep: 0,
  shownInStep: [],
  signatories: {},
  copies: [],
  ordered: [],
  notifications: {},
  createdAt: 0,
  personal: { title: "", people: {} },
};

const ends: readonly CollecteStatus[] = ["completed", "refused", "expired", "cancelled", "purged"];

/** Once ended, nothing of a collecte moves but its upkeep: notices, accesses, evidence, retention. */
export function hasEnded(state: Collecte): boolean {
  return ends.includes(state.status);
}

/** The key of the seal of this step. */
export function sealKey(step: SealStep, index: number): number {
  return step.key ?? index;
}

/** Whose act is awaited now, by their ids in `people`: signatories who were invited, or the approver of a seal. */
export function awaitedNow(state: Collecte): string[] {
  const step = state.steps[state.currentStep];
  if (state.status !== "launched" || !step) return [];
  if ("seal" in step) return step.approver && state.ordered.length === 0 ? [step.approver.id] : [];
  return step.signatories.filter((id) => state.signatories[id]?.status === "invited");
}

/**
 * Whether these are documents that the current step may have shown. Signatories of one step sign in any order: the
 * signature of one adds a revision and changes nothing that the others have read, so it does not void their codes.
 */
export function wereShown(state: Collecte, documents: readonly string[]): boolean {
  return state.shownInStep.some((shown) => areSameDocuments(shown, documents));
}

/** Whether these ordered digests are the same. */
export function areSameDocuments(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((digest, i) => digest === others[i]);
}

/** The ordered digests of what a signatory would sign now. */
export function documentHeads(state: Collecte): string[] {
  return state.documents.map((document) => document.head);
}
