import type { Instant } from "../ports.ts";

/** What is answered, and how long a cache may keep it. */
export interface Published {
  der: Uint8Array;
  freshUntil: Instant;
}

/**
 * What authorities tell everybody: their certificates, and what they revoked. An authority is named by its subject key
 * identifier in lower-case hex.
 */
export interface Publication {
  /** Undefined: no authority of ours. */
  certificate(authority: string): Promise<Uint8Array | undefined>;
  /** Undefined: no authority of ours, or none whose list was ever made. */
  crl(authority: string): Promise<Published | undefined>;
  /** Answers any bytes, at worst by a refusal of RFC 6960 §4.2.1; what may not be cached is stale at once. */
  ocsp(requestDer: Uint8Array): Promise<Published>;
}
