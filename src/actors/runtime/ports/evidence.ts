import type { PadesLevel } from "../../collecte/levels.ts";
import type { Collecte } from "../../collecte/state.ts";
import type { Instant } from "../ports.ts";

/** Evidence files. Nothing of one is kept in the clear: what is stored is sealed under the collecte's own key. */
export interface EvidenceFiles {
  /**
   * Makes the file of the record as it stands, seals and stamps it, reads it back and stores it; `sha256` and `bytes` are of what
   * is stored. Twice makes two. Throws `Retryable` or `Terminal`.
   */
  make(of: {
    firmId: string;
    collecteId: string;
    state: Collecte;
  }): Promise<{ sha256: string; bytes: number; level: PadesLevel }>;
  /**
   * To be called before documents are removed: unless the evidence file is there, keeps the certificates of their signatures for
   * the one that is made later. Twice is fine. Throws `Retryable`, or what reading a document throws.
   */
  keepCertificates(of: { firmId: string; collecteId: string; state: Collecte }): Promise<void>;
  /** The PDF. Throws `Terminal("blob_missing")`. */
  open(firmId: string, collecteId: string, sha256: string): Promise<Uint8Array>;
}

/** What the evidence file of a collecte needs of documents that went before it was made, sealed under the collecte's key. */
export interface KeptCertificates {
  /** What was kept first stays: later there may be fewer documents to read. */
  keep(actorId: string, sealed: Uint8Array): Promise<void>;
  of(actorId: string): Promise<Uint8Array | undefined>;
}

/** A line of a summary: what happened when, in words. */
export interface SummaryLine {
  at: Instant;
  type: string;
  text: string;
  details: string[];
}

/** What the door shows of records: read at any time, and made of the record alone. */
export interface Proofs {
  evidence: Pick<EvidenceFiles, "open">;
  /** Undefined when the firm has no such collecte. */
  summary(firmId: string, collecteId: string, language: "fr" | "en"): Promise<SummaryLine[] | undefined>;
  /** The same as a PDF, unsealed. */
  summaryPdf(firmId: string, collecteId: string, language: "fr" | "en"): Promise<Uint8Array | undefined>;
  /** The newest proof that the record is in an hourly tree; undefined before its first. */
  inclusion(collecteId: string): Promise<object | undefined>;
}
