import type { Readable } from "node:stream";

/** An uploaded document; `sha256` and `bytes` are of what is kept, shown and signed. */
export interface StoredDocument {
  id: string;
  firmId: string;
  name?: string;
  sha256: string;
  bytes: number;
  pages: number;
  /** SHA-256 (hex) of what was uploaded, where that was written anew: it was damaged, or it was to be neutralised. */
  repairedFrom?: string;
  neutralised?: boolean;
}

export interface Documents {
  /** The same id again changes nothing. */
  add(document: StoredDocument): Promise<void>;
  /** In the order of the ids; those of other firms are missing. */
  find(firmId: string, ids: string[]): Promise<StoredDocument[]>;
}

/** Content-addressed documents. */
export interface Blobs {
  /** A path for a new document beside the blobs, to be handed to `adopt` or `discard`. */
  temporaryPath(): string;
  /** Removes a temporary document; removing what isn't there is fine. */
  discard(temporaryPath: string): Promise<void>;
  /**
   * Makes a finished, fsynced document (a file, or a folder of two: see `SignTask.share`) the blob of that SHA-256;
   * durable once it resolves. Twice is fine.
   */
  adopt(temporaryPath: string, sha256: string): Promise<void>;
  /** Where a worker can read the blob: a file, or a folder of two. */
  path(sha256: string): string;
  /** Throws `Terminal("blob_missing")`. */
  open(sha256: string): Promise<{ stream: Readable; bytes: number }>;
  /** Removing what isn't there is fine. */
  remove(sha256: string): Promise<void>;
}

/** A report on a document's signatures; what else it holds goes to who asked, as it is. */
export interface Verification {
  verdict: string;
  problems: readonly string[];
}

/** Judges the signatures of an unknown PDF in a process of its own that may die. Throws `Overloaded` when too many wait. */
export interface DocumentVerifier {
  /** As of now, trusting the engine's own roots and its TSA's. */
  verify(path: string): Promise<Verification>;
}

/** `rewritten`: the file was written anew, and these bytes are what was inspected. */
export type Inspection =
  | { ok: true; pages: number; rewritten?: { sha256: string; bytes: number } }
  | { ok: false; code: string; detail?: string };

/** Opens an unknown PDF in a process of its own that may die. Throws `Overloaded` when too many wait. */
export interface Inspector {
  /**
   * With `rewrite`, a damaged file without signature is written anew, with `neutralise` a sound one too; the answer
   * then has `rewritten`, and the file is at `rewrite.to`, fsynced, where nothing was.
   */
  inspect(
    path: string,
    limits: { maxBytes: number; maxPages: number; allowEmbeddedFiles?: boolean },
    rewrite?: { to: string; neutralise?: boolean },
  ): Promise<Inspection>;
}
