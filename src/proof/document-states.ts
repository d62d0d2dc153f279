import type { StoredEvent } from "../actors/runtime/ports.ts";

/** What is known of each document by its id: SHA-256 (hex) of each of its states, the first as it was frozen. */
export type DocumentStates = Record<string, string[]>;

interface DocumentEvents {
  /** And DraftRevised, of which the last says what was frozen. */
  CollecteCreated: { documents: { id: string; sha256: string }[] };
  SignatureApplied: { documents: { id: string; before: string; after: string }[] };
}

/** Follows the documents through a record; undefined when a signature was made on another state than the last, or the plan was put anew after the launch. */
export function documentStates(events: readonly StoredEvent[]): DocumentStates | undefined {
  let states: DocumentStates = {};
  let isFrozen = false;
  for (const { type, data } of events) {
    if (type === "CollecteLaunched") isFrozen = true;
    if (type === "CollecteCreated" || type === "DraftRevised") {
      if (isFrozen) return undefined;
      states = {};
      for (const { id, sha256 } of (JSON.parse(data) as DocumentEvents["CollecteCreated"]).documents)
        states[id] = [sha256];
    } else if (type === "SignatureApplied" || type === "SealApplied") {
      for (const { id, before, after } of (JSON.parse(data) as DocumentEvents["SignatureApplied"])
        .documents) {
        if (states[id]?.at(-1) !== before) return undefined;
        states[id].push(after);
      }
    }
  }
  return states;
}

/** SHA-256 and serial number of each certificate that a record says was signed with. */
export function certificatesUsed(events: readonly StoredEvent[]): { sha256: string; serialHex: string }[] {
  const used = events
    .filter(({ type }) => type === "SignatureApplied" || type === "SealApplied")
    .flatMap(({ data }) => (JSON.parse(data) as { documents: { certificate: Certificate }[] }).documents)
    .map(({ certificate }) => certificate);
  return [...new Map(used.map((one) => [one.sha256, one])).values()];
}

interface Certificate {
  sha256: string;
  serialHex: string;
}
