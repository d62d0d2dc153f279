import { createHash } from "node:crypto";

/** One link of a collecte's record, as it is stored. */
export interface ChainedEvent {
  actorId: string;
  version: number;
  n: number;
  messageId: string;
  type: string;
  /** Canonical JSON, personal values as ciphertext. */
  data: string;
  at: number;
}

/** SHA-256 (hex) over the event and the hash before it: an edit, a swap or a gap breaks every later hash. */
export function hashOf(event: ChainedEvent, previousHash: string): string {
  const { actorId, version, n, messageId, type, data, at } = event;
  const line = JSON.stringify([previousHash, actorId, version, n, messageId, type, at, data]);
  return createHash("sha256").update(line).digest("hex");
}

/** JSON with sorted keys and no spaces: one text for one value (RFC 8785 for the values that events hold). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
