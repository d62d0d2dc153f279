import type { Instant } from "../ports.ts";

/** What a TSA was asked. */
export interface TimestampAsked {
  /** SHA-256. */
  digest: Uint8Array;
  nonce: bigint;
  /** An OID. */
  policy?: string;
}

/** What can be wrong with a TSA's answer, each a stable code. */
export type TsaFault =
  | "tsa_refused"
  | "tsa_malformed"
  | "tsa_wrong_nonce"
  | "tsa_wrong_imprint"
  | "tsa_wrong_policy"
  | "tsa_wrong_time"
  | "tsa_signature_invalid"
  | "tsa_certificate_invalid";

/** The bytes of RFC 3161; throws nothing. */
export interface TimestampCodec {
  request(asked: TimestampAsked): Uint8Array;
  /** The token in a TSA's answer, once it is what was asked, made about `now`, by a certificate for timestamps. */
  accept(
    reply: Uint8Array,
    asked: TimestampAsked,
    now: Instant,
  ): { ok: true; token: Uint8Array } | { ok: false; fault: TsaFault; detail: string };
}

/** Where one certificate's revocation is told, and how to ask. */
export interface RevocationQuestion {
  certificateDer: Uint8Array;
  issuerDer: Uint8Array;
  ocspUrls: readonly string[];
  crlUrls: readonly string[];
  ocspRequest: Uint8Array;
}

/** The bytes of CRLs and OCSP; throws nothing. */
export interface RevocationCodec {
  /** For each certificate of a chain, signer's first, that has its issuer in the chain and says where to ask. */
  questions(chainDer: readonly Uint8Array[]): RevocationQuestion[];
  /**
   * Until when a statement can be used again, if it says something of this certificate as of `now`, rightly signed;
   * undefined if not.
   */
  usableUntil(
    kind: "crl" | "ocsp",
    der: Uint8Array,
    question: RevocationQuestion,
    now: Instant,
  ): Instant | undefined;
}
