import type { PadesLevel } from "./levels.ts";
import type { By, Instant, Trace } from "./state.ts";

/*
 * What goes on beside the course of a collecte, mostly after its end: accesses, evidence, retention.
 */

/** Somebody opened documents by their link. The same person, session, act and documents again change nothing. */
export interface RecordAccess {
  type: "RecordAccess";
  personId: string;
  sessionId: string;
  act: "read" | "downloaded";
  /** Document ids. */
  documents: string[];
  at: Instant;
  personal: { trace: Trace };
}

/** The evidence file is made, read back and stored. */
export interface RecordEvidence {
  type: "RecordEvidence";
  /** Of the file as it is stored. */
  sha256: string;
  bytes: number;
  level: PadesLevel;
  at: Instant;
}

/** The documents have left: the engine pushed them where the firm keeps them, or the firm says that it has them. */
export interface RecordDelivery {
  type: "RecordDelivery";
  how: "pushed" | "fetched";
  by?: By;
  at: Instant;
}

/** The calendar says that the purge is near and the documents have not left. */
export interface AnnouncePurge {
  type: "AnnouncePurge";
  at: Instant;
}

/** The calendar says that the documents' month is over. */
export interface PurgeCollecte {
  type: "PurgeCollecte";
  at: Instant;
}

/** The documents are gone. */
export interface RecordPurge {
  type: "RecordPurge";
  /** How many stored files were removed; those that others need stay. */
  removed: number;
  kept: number;
  at: Instant;
}

/** The calendar says that the evidence file's period is over. */
export interface ForgetPeople {
  type: "ForgetPeople";
  at: Instant;
}

/** Evidence, delivery, purge or forgetting failed for good. */
export interface RecordUpkeepFailure {
  type: "RecordUpkeepFailure";
  what: "evidence" | "deliver" | "purge" | "forget";
  code: string;
  at: Instant;
}

export type UpkeepCommand =
  | RecordAccess
  | RecordEvidence
  | RecordDelivery
  | AnnouncePurge
  | PurgeCollecte
  | RecordPurge
  | ForgetPeople
  | RecordUpkeepFailure;
