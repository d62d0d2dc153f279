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
  /**
   * The same id again changes nothing. Throws `Retryable("document_leaving")` while the same bytes are being removed;
   * after it has resolved, a blob that was there before it and is there now stays.
   */
  add(document: StoredDocument): Promise<void>;
  /** In the order of the ids; those of other firms are missing. */
  find(firmId: string, ids: string[]): Promise<StoredDocument[]>;
}

/** A blob where a worker can read it: a file, or a folder of two (see `SignTask.share`). */
export interface BorrowedBlob {
  path: string;
  /** It may vanish from there from now on. Twice is fine; never throws. */
  release(): Promise<void>;
}

/**
 * Content-addressed documents. What may be mended by another try throws `Retryable`, also where nothing else is said:
 * `disk_full`, `file_inaccessible`, and of an object store `blobs_unreachable`, `blobs_refused`, `blobs_unconfirmed`.
 */
export interface Blobs {
  /** A path for a new document near the blobs, to be handed to `adopt` or `discard`. */
  temporaryPath(): string;
  /** Removes a temporary document; removing what isn't there is fine. */
  discard(temporaryPath: string): Promise<void>;
  /**
   * Makes a finished, fsynced document (a file, or a folder of two: see `SignTask.share`) the blob of that SHA-256;
   * durable once it resolves. Twice is fine, and makes the blob young again for `sweep`.
   */
  adopt(temporaryPath: string, sha256: string): Promise<void>;
  /** The blob on this machine's disk until it is released. Throws `Terminal` `blob_missing` or `blob_damaged`. */
  borrow(sha256: string): Promise<BorrowedBlob>;
  /** Throws `Terminal` `blob_missing` or `blob_damaged`; what it answered can be read to its end, also after `remove`. */
  open(sha256: string): Promise<{ stream: Readable; bytes: number }>;
  /** Whether it is kept: asked of where it is kept, not of a cache. */
  has(sha256: string): Promise<boolean>;
  /**
   * Durably gone once it resolves; from the caches of other processes, where there are any, within the hour.
   * Removing what isn't there is fine. The caller knows that no other document has these bytes.
   */
  remove(sha256: string): Promise<void>;
  /**
   * Removes what nothing names: blobs that were adopted longer ago than this, by a process that died or failed before
   * it could tell of them, unfinished uploads, and temporary documents of an hour ago. `known` is asked of some hundred at a time and answers with those
   * that are named. Answers how many blobs were removed.
   */
  sweep(
    known: (sha256s: readonly string[]) => Promise<ReadonlySet<string>>,
    olderThanMs: number,
  ): Promise<number>;
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
