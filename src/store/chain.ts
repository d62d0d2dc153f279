import { hash } from "node:crypto";

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

/** The row of a link, with what it was chained to. */
export interface EventColumns {
  version: number;
  n: number;
  message_id: string;
  type: string;
  data: string;
  at: number;
  previous_hash: string;
  hash: string;
}

/** SHA-256 (hex) over the event and the hash before it: an edit, a swap or a gap breaks every later hash. */
export function hashOf(event: ChainedEvent, previousHash: string): string {
  const { actorId, version, n, messageId, type, data, at } = event;
  const line = JSON.stringify([previousHash, actorId, version, n, messageId, type, at, data]);
  return hash("sha256", line);
}
