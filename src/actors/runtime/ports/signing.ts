import type { PadesLevel } from "../../collecte/levels.ts";
import type { Instant } from "../ports.ts";
import type { KeyMaterial } from "./firms.ts";

export type { PadesLevel };

export type SignerSpec =
  /** A P-256 key made in the worker, certified by the authority, used once and forgotten. */
  | {
      kind: "one-use";
      authority: KeyMaterial;
      rootDer: Uint8Array;
      subject: { givenName: string; surname: string; country?: string; serialNumber?: string };
    }
  | { kind: "kept"; key: KeyMaterial; rootDer: Uint8Array };

/** A rectangle on a page as a reader shows it (cropped and turned), in points from its lower left corner. */
export interface PageBox {
  /** From 1. */
  page: number;
  left: number;
  bottom: number;
  width: number;
  height: number;
}

/** What a visible signature shows, and where: in a new field, or in an empty one that the document has. */
export interface Appearance {
  at: PageBox | { fieldName: string };
  lines: readonly string[];
  /** A PNG or a JPEG. */
  logo?: Uint8Array;
}

export interface SignTask {
  path: string;
  /** The size of the document, where it is known: it saves the pool from asking. */
  bytes?: number;
  /** Its SHA-256, where it is known: the document goes to the thread that knows it best. */
  sha256?: string;
  outPath: string;
  /**
   * A large document may share the bytes it has with the one it is made from: `outPath` is then a folder of two
   * files, `base` and `rest`, which pool and blobs take for one document. Else it is always a file.
   */
  share?: boolean;
  signer: SignerSpec;
  /** Further anchors for the check of what was made: those of timestamps. */
  trustDer?: readonly Uint8Array[];
  signingTime: Instant;
  /** Shown by PDF readers as the signer. */
  name: string;
  reason?: string;
  /** Invisible without. */
  appearance?: Appearance;
  /** Empty fields for signatures to come, made with the first one: a visible field added later casts doubt on it. */
  fields?: readonly { fieldName: string; box: PageBox }[];
  /** The first signature may certify (DocMDP, P 2): from then on only signatures and form filling. */
  certify?: boolean;
  /** The last may lock all fields (FieldMDP, All). */
  lock?: boolean;
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
      /** As read back from the finished file. */
      level: PadesLevel;
      fieldName: string;
    }
  | { ok: false; code: string; detail?: string };

/** Signs in worker threads; results are values, never exceptions. What is answered ok was read back and checked. */
export interface SigningPool {
  sign(task: SignTask): Promise<SignResult>;
}
