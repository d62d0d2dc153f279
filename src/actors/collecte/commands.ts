import type { PadesLevel } from "./levels.ts";
import type { ByRight, Plan } from "./plan.ts";
import type { PreparerCommand } from "./preparer-commands.ts";
import type { By, Instant, PendingCode, Trace } from "./state.ts";
import type { UpkeepCommand } from "./upkeep-commands.ts";

/** A draft is made. */
export interface CreateCollecte extends Plan {
  type: "CreateCollecte";
  firmId: string;
  by?: By;
}

/** A draft as it is from now on: all of it, in place of what it was. */
export interface ReviseDraft extends Plan, ByRight {
  type: "ReviseDraft";
  by: By;
}

/** The calendar says that nobody has touched a draft for too long. */
export interface AbandonDraft {
  type: "AbandonDraft";
  at: Instant;
}

export interface LaunchCollecte extends ByRight {
  type: "LaunchCollecte";
  by?: By;
  at: Instant;
}

/** The box is ticked: « j'ai bien lu les informations du document et je souhaite maintenant signer ». */
export interface GiveConsent {
  type: "GiveConsent";
  signatoryId: string;
  linkGeneration: number;
  sessionId: string;
  /** Ordered SHA-256 of the documents as they were shown. */
  documents: string[];
  /** Which wording was ticked. */
  consentText: string;
  /** Chance comes from outside. `sealedCode` goes to the outbox only, encrypted. */
  otp: { id: string; salt: string; mac: string; sealedCode: string };
  /** Whether the code lives for 10 minutes instead of 30. */
  isStrict?: boolean;
  at: Instant;
  personal: { trace: Trace };
}

export interface SignDocuments {
  type: "SignDocuments";
  signatoryId: string;
  linkGeneration: number;
  sessionId: string;
  otpId: string;
  /** HMAC of the code that was typed, under that OTP's salt. */
  mac: string;
  at: Instant;
  personal: { trace: Trace };
}

/** A member signs what their parapheur showed them, with its code, for themselves or by a delegation. */
export interface SignAsMember {
  type: "SignAsMember";
  signatoryId: string;
  /** Whose certificate signs. */
  memberId: string;
  delegationId?: string;
  /** The parapheur's session, and the code that was right. */
  sessionId: string;
  otpId: string;
  /** Ordered SHA-256 of the documents as they were shown. */
  documents: string[];
  consentText: string;
  at: Instant;
  personal: { trace: Trace };
}

/** The member whom a seal waits for, or who has their delegation, has the firm's seal made. */
export interface SealAsMember {
  type: "SealAsMember";
  seal: number;
  memberId: string;
  delegationId?: string;
  sessionId: string;
  otpId: string;
  documents: string[];
  at: Instant;
  personal: { trace: Trace };
}

export interface RefuseToSign {
  type: "RefuseToSign";
  signatoryId: string;
  linkGeneration: number;
  at: Instant;
  personal: { reason?: string; trace: Trace };
}

export interface SignedDocument {
  id: string;
  before: string;
  after: string;
  bytes: number;
  /** That of the key which signed this document: a client's is made for it and used once. */
  certificate: { sha256: string; serialHex: string };
}

/** What the signing effect learnt: the revisions are made, read back and stored. */
export interface RecordSignature {
  type: "RecordSignature";
  by: { signatoryId: string } | { seal: number };
  documents: SignedDocument[];
  level: PadesLevel;
  /** The clock has leapt: by `at` alone nothing ends. */
  isInDoubt?: true;
  at: Instant;
}

export interface RecordSigningFailure {
  type: "RecordSigningFailure";
  by: { signatoryId: string } | { seal: number };
  code: string;
  at: Instant;
}

/** The signature is accepted and waits for others: a TSA or an authority can't be asked. It goes on being tried. */
export interface RecordSigningDelay {
  type: "RecordSigningDelay";
  by: { signatoryId: string } | { seal: number };
  code: PendingCode;
  /** The code of the failure. */
  reason: string;
  at: Instant;
}

/** What a mail or SMS effect learnt, or a gateway told later: that it arrived, or that it did not after all. */
export interface RecordNotification {
  type: "RecordNotification";
  effectId: string;
  channel: "mail" | "sms";
  notice: string;
  to: string;
  status: "sent" | "delivered" | "failed";
  /** The Message-ID, or the SMS gateway's reference; or the code of the failure. */
  reference: string;
  at: Instant;
}

/** The calendar says that the deadline has come; the law judges again. */
export interface ExpireCollecte {
  type: "ExpireCollecte";
  at: Instant;
}

export type Command =
  | CreateCollecte
  | ReviseDraft
  | AbandonDraft
  | LaunchCollecte
  | GiveConsent
  | SignDocuments
  | SignAsMember
  | SealAsMember
  | RefuseToSign
  | RecordSignature
  | RecordSigningFailure
  | RecordSigningDelay
  | RecordNotification
  | ExpireCollecte
  | PreparerCommand
  | UpkeepCommand;
