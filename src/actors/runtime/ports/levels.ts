import type { KeyMaterial } from "./firms.ts";
import type { SigningPool, SignResult, SignTask } from "./signing.ts";

/** What a check of signatures needs besides them: lists and answers of their authorities, in DER. */
export interface RevocationEvidence {
  crls: Uint8Array[];
  ocsps: Uint8Array[];
}

/** A step that could not be done; `tokenBytes` of `token_too_large`: the place that this TSA's tokens need. */
export interface StepFailure {
  ok: false;
  code: string;
  detail?: string;
  tokenBytes?: number;
}

/**
 * Revisions made in memory, that are to follow a document of this SHA-256. The last of them may wait for a timestamp
 * token over `imprint` (SHA-256): of the signature `cms`, or of the whole document when there is none.
 */
export interface Draft {
  ok: true;
  before: string;
  tail: Uint8Array;
  /** The signer's. */
  certificateDer: Uint8Array;
  awaited?: {
    imprint: Uint8Array;
    /** Where `<` of /Contents stands in `tail`, and for how many digits there is room. */
    contentsStart: number;
    contentsHexLength: number;
    cms?: Uint8Array;
  };
}

/**
 * A signature or timestamp in a document: each chain leads from its signer's, or its token's signer's, certificate as
 * far up as is known. `isOurs`: the engine must find evidence for it; for others' it may.
 */
export interface SignatureToProve {
  /** The whole /Contents, padding included. */
  contents: Uint8Array;
  isOurs: boolean;
  chains: Uint8Array[][];
}

/** What was found for one of them. */
export interface ProvenSignature extends RevocationEvidence {
  contents: Uint8Array;
  certificates: Uint8Array[];
}

/** A draft with its token, and all that the document's signatures will need evidence for. */
export interface Gathered {
  ok: true;
  draft: Draft;
  signatures: SignatureToProve[];
}

/** Our own timestamp unit, for a thread that stamps what it has just made. */
export interface StampingUnit {
  key: KeyMaterial;
  /** The policy that tokens state: an OID. */
  policy: string;
  /** How far the engine's clock is ahead of the machine's: a token tells the time at which it is made. */
  aheadMs: number;
}

/** `isOfUnit`: our timestamp unit could not stamp, and nothing is wrong with the document. */
export type StampedFailure = StepFailure & { isOfUnit?: true };

/**
 * The steps of `LevelPool` up to evidence, and those after it, each as one, with tokens of our own unit: nobody else has
 * to be asked between them. Of `token_too_large`, `tokenBytes` is the token's own size.
 */
export interface StampedPool {
  /** `prepare` and `gather`; `tokenBytes` in the answer is how large the token was. */
  gatherStamped(
    task: SignTask,
    tokenBytes: number,
    unit: StampingUnit,
  ): Promise<(Gathered & { tokenBytes: number }) | StampedFailure>;
  /** `archive` under a document timestamp, and `finish`. */
  finishStamped(
    task: SignTask,
    draft: Draft,
    evidence: readonly ProvenSignature[],
    tokenBytes: number,
    unit: StampingUnit,
  ): Promise<SignResult | StampedFailure>;
}

/**
 * Signing in steps between which nobody waits in a thread: a TSA and authorities are asked in the meantime. Results are
 * values, never exceptions; between steps all is in memory, so nothing is left behind by who stops half-way.
 */
export interface LevelPool extends SigningPool {
  /** The revision of a signature, with room for a token of `tokenBytes`. */
  prepare(task: SignTask, tokenBytes: number): Promise<Draft | StepFailure>;
  /** Puts the token in; may answer `token_too_large`. */
  gather(task: SignTask, draft: Draft, token: Uint8Array): Promise<Gathered | StepFailure>;
  /** Adds the revision of the security store; given `tokenBytes`, with a document timestamp to come. */
  archive(
    task: SignTask,
    draft: Draft,
    evidence: readonly ProvenSignature[],
    tokenBytes?: number,
  ): Promise<Draft | StepFailure>;
  /** Puts the token in, if one is awaited; writes, reads back and checks. May answer `token_too_large`. */
  finish(task: SignTask, draft: Draft, token?: Uint8Array): Promise<SignResult | StepFailure>;
}
