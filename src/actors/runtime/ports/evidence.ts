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
  /** The PDF. Throws `Terminal("blob_missing")`. */
  open(firmId: string, collecteId: string, sha256: string): Promise<Uint8Array>;
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
