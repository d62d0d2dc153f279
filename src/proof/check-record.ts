import { hash } from "node:crypto";
import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import type { StoredEvent } from "../actors/runtime/ports.ts";
import { hashOf } from "../store/chain.ts";
import type { DocumentStates } from "./document-states.ts";
import { documentStates } from "./document-states.ts";
import { type ExportedRecord, eventsOf, keyOf, recordFormat, sealOf } from "./record.ts";
import { exportedRecord } from "./record-schema.ts";

/** What may be wrong with a record, each a stable code (docs/evidence-format.md). */
export type RecordFault =
  | "not_a_record"
  | "not_canonical"
  | "digest_mismatch"
  | "chain_broken"
  | "events_missing"
  | "head_mismatch"
  | "personal_unreadable"
  | "documents_broken"
  | "certificate_mismatch";

/** A record judged by itself: whoever can write it anew from its first event can write one that passes. */
export interface CheckedRecord {
  faults: RecordFault[];
  record?: ExportedRecord;
  documents: DocumentStates;
}

/** Judges the text of a record; never throws. */
export function checkRecordText(text: string): CheckedRecord {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { faults: ["not_a_record"], documents: {} };
  }
  const read = exportedRecord.safeParse(parsed);
  if (!read.success || read.data.format !== recordFormat) return { faults: ["not_a_record"], documents: {} };
  const record = read.data as ExportedRecord;
  // One text for one record: not a blank may be otherwise.
  const isCanonical = canonicalJson(parsed) === text;
  const checked = checkRecord(record);
  return isCanonical ? checked : { ...checked, faults: ["not_canonical", ...checked.faults] };
}

/** Judges a record that has been read. */
function checkRecord(record: ExportedRecord): CheckedRecord {
  const { sha256, ...rest } = record;
  const faults: RecordFault[] = [];
  if (sealOf(rest) !== sha256) faults.push("digest_mismatch");
  const last = chainEnd(record.collecte.id, record.events);
  if (last === undefined) faults.push("chain_broken");
  if (!isGapless(record.events)) faults.push("events_missing");
  const { version, hash: head, events } = record.head;
  const end = record.events.at(-1);
  if (end?.hash !== head || end.version !== version || record.events.length !== events)
    faults.push("head_mismatch");
  if (faults.includes("chain_broken")) return { faults, record, documents: {} };
  const documents = statesOrUndefined(record.events);
  if (documents === undefined) faults.push("documents_broken");
  if (!opens(record)) faults.push("personal_unreadable");
  if (!certificatesAreThose(record)) faults.push("certificate_mismatch");
  return { faults, record, documents: documents ?? {} };
}

/** Undefined too when an event is not what its type says: a chain can be made over anything. */
function statesOrUndefined(events: readonly StoredEvent[]): DocumentStates | undefined {
  try {
    return documentStates(events);
  } catch {
    return undefined;
  }
}

/** The hash of the last event, if each is chained to the one before it and the first to nothing. */
export function chainEnd(actorId: string, events: readonly StoredEvent[]): string | undefined {
  let head = "";
  for (const event of events) {
    if (event.previousHash !== head || hashOf({ ...event, actorId }, head) !== event.hash) return undefined;
    head = event.hash;
  }
  return head === "" ? undefined : head;
}

/** Decisions are numbered from 1 and their events from 0, without a gap. */
function isGapless(events: readonly StoredEvent[]): boolean {
  return events.every(({ version, n }, i) => {
    const before = events[i - 1];
    if (before === undefined) return version === 1 && n === 0;
    return before.version === version ? n === before.n + 1 : version === before.version + 1 && n === 0;
  });
}

function opens(record: ExportedRecord): boolean {
  try {
    eventsOf(record.events, keyOf(record));
    return true;
  } catch {
    return false;
  }
}

/** Each certificate is the one that its digest names. */
function certificatesAreThose({ certificates }: ExportedRecord): boolean {
  return certificates.every(({ sha256, der }) => hash("sha256", Buffer.from(der, "base64")) === sha256);
}
