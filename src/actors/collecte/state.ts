/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

export type CollecteStatus = "none" | "draft" | "launched" | "completed" | "refused" | "expired";

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
}

export interface CollecteDocument {
  id: string;
  /** SHA-256 (hex) of the bytes that were uploaded, or written anew from the upload before anybody saw them. */
  original: string;
  /** SHA-256 (hex) of the upload, where it was written anew. */
  repairedFrom?: string;
  /** SHA-256 (hex) of the bytes now: the original, or its latest signed revision. */
  head: string;
  bytes: number;
  pages: number;
  revisions: number;
}

export type Step = { signatories: string[] } | { seal: true };

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
  signedAt?: Instant;
}

/** A signature or seal that was ordered and whose bytes are not in the documents yet. */
export type Ordered = { signatoryId: string } | { seal: number };

export interface Notification {
  channel: "mail" | "sms";
  notice: string;
  to: string;
  status: "sent" | "failed";
  at: Instant;
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
  /** By effect id. */
  notifications: Record<string, Notification>;
  createdAt: Instant;
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

/** Once ended, a collecte never moves again. */
export function hasEnded(state: Collecte): boolean {
  return state.status === "completed" || state.status === "refused" || state.status === "expired";
}

/**
 * Whether these are documents that the current step may have shown. Signatories of one step sign in any order: the
 * signature of one adds a revision and changes nothing that the others have read, so it does not void their codes.
 */
export function wereShown(state: Collecte, documents: readonly string[]): boolean {
  return state.shownInStep.some(
    (shown) => shown.length === documents.length && shown.every((digest, i) => digest === documents[i]),
  );
}

/** The ordered digests of what a signatory would sign now. */
export function documentHeads(state: Collecte): string[] {
  return state.documents.map((document) => document.head);
}
