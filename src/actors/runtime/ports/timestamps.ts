import type { Instant } from "../ports.ts";
import type { KeyMaterial } from "./firms.ts";
import type { RevocationEvidence, StepFailure } from "./levels.ts";

/**
 * A timestamp authority (RFC 3161). Answers the DER of a token over this SHA-256, checked: its imprint, its nonce, its
 * signature and the TSA's certificate. Throws `Retryable` whatever is wrong: a TSA may be mended.
 */
export interface Tsa {
  stamp(digest: Uint8Array): Promise<Uint8Array>;
}

/** What a token of our own is to say. */
export interface StampOrder {
  /** SHA-256. */
  digest: Uint8Array;
  policy: string;
  at: Instant;
}

/** Signs timestamp tokens in worker threads; results are values, never exceptions. */
export interface StampingPool {
  stamp(key: KeyMaterial, order: StampOrder): Promise<{ ok: true; token: Uint8Array } | StepFailure>;
}

/**
 * What authorities say of the certificates of a chain, signer's first, by statements made now or still fresh. Throws
 * `Retryable` when one can't be asked.
 */
export interface RevocationSource {
  evidenceFor(chainDer: readonly Uint8Array[]): Promise<RevocationEvidence>;
}
