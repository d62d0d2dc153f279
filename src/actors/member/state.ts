/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** What a code was asked for; it is good for nothing else. */
export type Purpose = "certificate";

/** A one-time code that was sent and not used. */
export interface MemberOtp {
  id: string;
  purpose: Purpose;
  salt: string;
  /** HMAC-SHA-256 (hex) of salt and code under a pepper that is not in the database. */
  mac: string;
  sessionId: string;
  /** SHA-256 (hex) of all that it is for, in its order: any change voids it. */
  bound: string[];
  issuedAt: Instant;
  expiresAt: Instant;
  failures: number;
}

/** A certificate that was ordered with a code, and what became of it. */
export interface CertificateOrder {
  codeId: string;
  orderedAt: Instant;
  issued?: { sha256: string; serialHex: string; notAfter: Instant };
  /** Why it could not be made. */
  failed?: string;
}

/** What a member does with codes: one book of them over all purposes, so that the limits are one person's. */
export interface MemberActs {
  status: "none" | "known";
  memberId: string;
  firmId: string;
  otp?: MemberOtp;
  /** Codes of the last 30 minutes and wrong codes of the last 24 hours. */
  otpIssuedAt: Instant[];
  otpFailedAt: Instant[];
  locked: boolean;
  certificate?: CertificateOrder;
  /** By effect id. */
  notifications: Record<string, { status: "sent" | "failed"; at: Instant }>;
}

/** Before its first event, it is this. */
export const nothing: MemberActs = {
  status: "none",
  memberId: "",
  firmId: "",
  otpIssuedAt: [],
  otpFailedAt: [],
  locked: false,
  notifications: {},
};

/** The actor of a member's acts. */
export function actsOf(memberId: string): string {
  return `acts_${memberId}`;
}
