import type { PadesLevel } from "./levels.ts";
import type { Instant, PersonalState, Stamp, Step, Terms } from "./state.ts";

/** A document as it was uploaded, or as it was written anew: `repairedFrom` is then the SHA-256 of the upload. */
interface NewDocument {
  id: string;
  sha256: string;
  bytes: number;
  pages: number;
  repairedFrom?: string;
}

/** All that a draft is: who makes or revises one says it whole, and so do the events. */
export interface Plan {
  language: "fr" | "en";
  documents: NewDocument[];
  /** Signatory ids are keys of `personal.people`. */
  steps: Step[];
  stamps?: Stamp[];
  copies: string[];
  /** Signatory id → member id, for those who sign with their own certificate. */
  members: Record<string, string>;
  /** What its documents are to have in the end. Absent from records of before there were levels: B-B. */
  level?: PadesLevel;
  documentType?: string;
  terms?: Terms;
  at: Instant;
  personal: Omit<PersonalState, "refusalReason" | "cancellationReason">;
}

/** What is done to a draft by a delegation, while others may revise it. */
export interface ByRight {
  /** What the delegation was judged for. */
  judgedFor?: { documentType?: string; sealsAtOnce: boolean };
}
