import { createHash, type Hash } from "node:crypto";
import { baseState } from "./base-states.ts";
import { eachChunk } from "./digests.ts";
import type { OpenDocument } from "./open-document.ts";
import type { PdfSource } from "./pdf/source.ts";

/**
 * The SHA-256 of a document as it stands, kept open: what follows its bytes, revisions of any kind, is added without
 * reading them again. Never changes: what adds answers another one.
 */
export class DocumentDigest {
  readonly #state: Hash;

  private constructor(state: Hash) {
    this.#state = state;
  }

  /** Reads all of it, once. */
  static of(source: PdfSource): DocumentDigest {
    const state = createHash("sha256");
    eachChunk(source, (chunk) => state.update(chunk));
    return new DocumentDigest(state);
  }

  /** Reads what this thread has not read yet: all of it, or what follows its base. */
  static ofDocument({ base, rest }: OpenDocument): DocumentDigest {
    return new DocumentDigest(baseState(base).copy().update(rest));
  }

  /** Of the document itself, in hex. */
  sha256(): string {
    return this.#state.copy().digest("hex");
  }

  /** The document grown by a tail. */
  grown(tail: Uint8Array): DocumentDigest {
    return new DocumentDigest(this.#state.copy().update(tail));
  }

  /** What a signature in `tail` is over: the document and the tail, without the gap from `gapStart` to `gapEnd`. */
  around(tail: Uint8Array, gapStart: number, gapEnd: number): Uint8Array {
    return this.#state.copy().update(tail.subarray(0, gapStart)).update(tail.subarray(gapEnd)).digest();
  }
}
