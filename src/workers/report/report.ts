import type { PadesLevel } from "../../actors/runtime/ports.ts";
import type { ChangedAfter } from "../pdf/change.ts";
import type { Permission } from "../pdf/restrictions.ts";
import type { ReportProblem } from "./problems.ts";
import type { Indication, Verdict } from "./verdict.ts";

/** A certificate's facts; times are milliseconds since 1970, as all times of a report. */
export interface CertificateFacts {
  serialHex: string;
  notBefore: number;
  notAfter: number;
  sha256: string;
  issuer: string;
}

/** What is known of a certificate's revocation at the time it was judged at. */
export interface RevocationFacts {
  status: "good" | "revoked" | "unknown";
  revokedAt?: number;
  reason?: string;
  source?: "crl" | "ocsp";
  thisUpdate?: number;
}

/** What an authority says of a time: by a timestamp of one signature, or of the document. */
export interface TimestampFacts {
  at: number;
  tsa: string;
  problems: string[];
  /** Whether the time is proven: the token checks, and its authority is trusted. */
  isProof: boolean;
  revocation: RevocationFacts;
}

/** One signature or seal, judged. `level` is "unknown" when it is not a PAdES baseline signature. */
export interface SignatureReport {
  fieldName: string;
  kind: "signature" | "seal";
  signer: { commonName: string; organization?: string };
  /** As the signer claims it. */
  signedAt?: number;
  /** The earliest time at which the signature is proven to have existed. */
  provenAt?: number;
  /** When its certificates were judged at: the proven time, or the time asked, or the claimed one. */
  judgedAt: number;
  level: PadesLevel | "unknown";
  verdict: Verdict;
  indication: Indication;
  problems: ReportProblem[];
  coversWholeFile: boolean;
  changedAfter: ChangedAfter;
  /** Fields that were filled since. */
  filledAfter: string[];
  /** What the signature, or a certification before it, allows to change after it (ISO 32000-2, table 257). */
  allows?: Permission;
  timestamp?: TimestampFacts;
  revocation: RevocationFacts;
  certificate?: CertificateFacts;
}

/** A document timestamp (EN 319 142-1, 5.4.3), judged. */
export interface DocumentTimestampReport extends Omit<TimestampFacts, "problems"> {
  fieldName: string;
  verdict: Verdict;
  indication: Indication;
  problems: string[];
  coversWholeFile: boolean;
  changedAfter: ChangedAfter;
}

/** A document judged: as bad as its worst signature. `problems` are those of the document itself, by stable code. */
export interface VerifyReport {
  bytes: number;
  sha256: string;
  signatures: SignatureReport[];
  documentTimestamps: DocumentTimestampReport[];
  verdict: Verdict;
  indication: Indication;
  problems: string[];
}

/**
 * Whom to trust, and as of when (milliseconds since 1970) all that no timestamp proves is judged; without `at`, it is at
 * the time that the signer claims, which shows no more than that a signature is coherent with itself: right for reading
 * back what was just made.
 */
export interface VerifyOptions {
  trustDer: readonly Uint8Array[];
  at?: number;
}
