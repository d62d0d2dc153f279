import type { Instant } from "../ports.ts";
import type { KeyMaterial } from "./firms.ts";

export type SignerSpec =
  /** A P-256 key made in the worker, certified by the authority, used once and forgotten. */
  | {
      kind: "one-use";
      authority: KeyMaterial;
      rootDer: Uint8Array;
      subject: { givenName: string; surname: string; country?: string; serialNumber?: string };
    }
  | { kind: "kept"; key: KeyMaterial; rootDer: Uint8Array };

export interface SignTask {
  path: string;
  /** The size of the document, where it is known: it saves the pool from asking. */
  bytes?: number;
  outPath: string;
  signer: SignerSpec;
  signingTime: Instant;
  /** Shown by PDF readers as the signer. */
  name: string;
  reason?: string;
}

export type SignResult =
  | {
      ok: true;
      sha256: string;
      bytes: number;
      revisionBytes: number;
      before: string;
      /** The signer's: SHA-256 and serial number in lower-case hex, the latter without leading zero bytes. */
      certificate: { sha256: string; serialHex: string };
      level: "B-B";
      fieldName: string;
    }
  | { ok: false; code: string; detail?: string };

/** Signs in worker threads; results are values, never exceptions. What is answered ok was read back and checked. */
export interface SigningPool {
  sign(task: SignTask): Promise<SignResult>;
}
