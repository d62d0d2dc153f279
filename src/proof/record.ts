import { hash } from "node:crypto";
import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import type { RecordedEvent, StoredEvent, StoredRecord } from "../actors/runtime/ports.ts";
import { open } from "../actors/runtime/secrets.ts";
import type { InclusionProof } from "./inclusion.ts";

/** docs/evidence-format.md describes it field by field. */
export const recordFormat = "collecte-record/1";

/** Of the pages of evidence files: what is told, and where it stands. Another one whenever either changes. */
export const pagesVersion = 2;

/** A record as it leaves the engine: all that is needed to check it, and to read it. */
export interface ExportedRecord {
  format: typeof recordFormat;
  /** Milliseconds since 1970, as all times here. */
  madeAt: number;
  pages: number;
  collecte: { id: string; firmId: string; language: "fr" | "en" };
  firm: { name: string };
  /** Names of members, by id. */
  members: Record<string, string>;
  events: StoredEvent[];
  head: { version: number; hash: string; events: number };
  /** AES-256-GCM, Base64: opens what is personal; absent once it was destroyed. */
  key?: string;
  /** Those of the signatures, and above them, by SHA-256 of their DER. */
  certificates: { sha256: string; der: string }[];
  inclusion?: InclusionProof;
  /** SHA-256 of all the rest in canonical form. */
  sha256: string;
}

/** What the record's rows do not say. */
export type RecordContext = Pick<ExportedRecord, "madeAt" | "firm" | "members"> & {
  language: "fr" | "en";
  certificates: readonly Uint8Array[];
  inclusion?: InclusionProof;
};

/** The record in the form in which it leaves the engine. */
export function exportRecord(
  { actorId, firmId, version, headHash, key, events }: StoredRecord,
  { language, certificates, inclusion, ...context }: RecordContext,
): ExportedRecord {
  const exported: Omit<ExportedRecord, "sha256"> = {
    format: recordFormat,
    pages: pagesVersion,
    ...context,
    collecte: { id: actorId, firmId, language },
    events,
    head: { version, hash: headHash, events: events.length },
    ...(key !== undefined && { key: Buffer.from(key).toString("base64") }),
    certificates: certificates.map((der) => ({
      sha256: hash("sha256", der),
      der: Buffer.from(der).toString("base64"),
    })),
    ...(inclusion !== undefined && { inclusion }),
  };
  return { ...exported, sha256: sealOf(exported) };
}

/** Tells an edit of what no hash chain covers; it proves nothing, since who edits can compute it too. */
export function sealOf(exported: Omit<ExportedRecord, "sha256">): string {
  return hash("sha256", canonicalJson(exported));
}

/** The record's events as the law knows them; what is personal stays ciphertext without a key. Throws when one can't be opened. */
export function eventsOf(events: readonly StoredEvent[], key: Uint8Array | undefined): RecordedEvent[] {
  return events.map(({ version, n, type, data, at }) => {
    const read = JSON.parse(data) as Record<string, unknown>;
    const { personal } = read;
    if (key === undefined || typeof personal !== "string") return { version, n, type, data: read, at };
    const opened = JSON.parse(open(key, Buffer.from(personal, "base64")).toString());
    return { version, n, type, data: { ...read, personal: opened }, at };
  });
}

/** The key that the record carries, to be given to `eventsOf`. */
export function keyOf({ key }: Pick<ExportedRecord, "key">): Uint8Array | undefined {
  return key === undefined ? undefined : Buffer.from(key, "base64");
}
