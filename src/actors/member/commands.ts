import type { Instant, Purpose } from "./state.ts";

/** Where an act came from: evidence about a person, so encrypted at rest. */
export interface Trace {
  ip?: string;
  userAgent?: string;
}

/** A code is asked for, to be sent to the member's phone. */
export interface AskForCode {
  type: "AskForCode";
  memberId: string;
  firmId: string;
  purpose: Purpose;
  /** The member's session, or the key of the program that acts for them. */
  sessionId: string;
  /** SHA-256 (hex) of all that the code is for. */
  bound: string[];
  /** Of a code for the parapheur: the session that it signs. */
  parapheurId?: string;
  language: "fr" | "en";
  /** Chance comes from outside. `sealedCode` goes to the outbox only, encrypted. */
  otp: { id: string; salt: string; mac: string; sealedCode: string };
  /** Whether the code lives for 10 minutes instead of 30. */
  isStrict?: boolean;
  at: Instant;
  personal: { trace: Trace };
}

/** The code orders what it was asked for. */
export interface UseCode {
  type: "UseCode";
  purpose: Purpose;
  otpId: string;
  sessionId: string;
  bound: string[];
  /** HMAC of the code that was typed, under that code's salt. */
  mac: string;
  at: Instant;
  personal: { trace: Trace };
}

/** An expert, or the operator, lets a locked member try again. */
export interface UnlockMember {
  type: "UnlockMember";
  by: { keyId?: string; memberId?: string };
  at: Instant;
}

export interface RecordCertificate {
  type: "RecordCertificate";
  codeId: string;
  issued: { sha256: string; serialHex: string; notAfter: Instant };
  at: Instant;
}

export interface RecordCertificateFailure {
  type: "RecordCertificateFailure";
  codeId: string;
  code: string;
  at: Instant;
}

/** What an SMS effect learnt. */
export interface RecordMemberNotification {
  type: "RecordMemberNotification";
  effectId: string;
  status: "sent" | "failed";
  /** The gateway's reference, or the code of the failure. */
  reference: string;
  at: Instant;
}

export type MemberCommand =
  | AskForCode
  | UseCode
  | UnlockMember
  | RecordCertificate
  | RecordCertificateFailure
  | RecordMemberNotification;
