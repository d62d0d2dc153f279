import type { Instant } from "../ports.ts";

/** An event as its row is stored: `data` is canonical JSON in which `personal` is ciphertext. */
export interface StoredEvent {
  version: number;
  n: number;
  messageId: string;
  type: string;
  data: string;
  at: Instant;
  previousHash: string;
  hash: string;
}

/** A whole record as it is stored, of one moment. */
export interface StoredRecord {
  actorId: string;
  kind: string;
  firmId: string;
  version: number;
  headHash: string;
  /** Opens what is personal; absent once it was destroyed. */
  key?: Uint8Array;
  events: StoredEvent[];
}

/** Where an actor's record stood at a moment. */
export interface Head {
  actorId: string;
  version: number;
  hash: string;
}

/** Records as they are stored, for those who prove what they say. */
export interface Records {
  /** Undefined when the firm has no such actor. */
  record(firmId: string, id: string): Promise<StoredRecord | undefined>;
  /** All records, by ascending id, `limit` at a time; `after` is the id of the last one seen. */
  page(after: string, limit: number): Promise<StoredRecord[]>;
}

/** One hour's tree of heads: its root, and what is stamped. */
export interface HeadsRoot {
  hour: number;
  count: number;
  /** SHA-256 (hex), RFC 9162 §2.1. */
  root: string;
  /** SHA-256 (hex) of the statement of the root before; empty for the first. */
  previous: string;
  /** A timestamp token over SHA-256 of the statement, in DER; absent while it waits for the TSA. */
  token?: Uint8Array;
}

/** The hourly trees: each has as leaves the heads that moved since the tree before. */
export interface HeadTrees {
  /** Heads that are in no finished tree yet, by ascending id; `after` is the id of the last one seen. */
  moved(after: string, limit: number): Promise<Head[]>;
  /** Leaves of a tree that is being made; they count from `position` on. */
  addLeaves(hour: number, position: number, heads: readonly Head[]): Promise<void>;
  /** Forgets the leaves of a tree that nobody finished. */
  discardUnfinished(): Promise<void>;
  /**
   * Finishes the tree of this hour, if it has as many leaves as that; `subtrees` are the roots of each `leavesASubtree`
   * of them. Twice is fine.
   */
  finish(root: HeadsRoot, subtrees: readonly string[]): Promise<void>;
  keepToken(hour: number, token: Uint8Array): Promise<void>;
  last(): Promise<HeadsRoot | undefined>;
  /** By ascending hour, `limit` at a time; `after` is the hour of the last one seen. */
  roots(after: number, limit: number): Promise<HeadsRoot[]>;
  unstamped(): Promise<HeadsRoot[]>;
  /** Of one tree, by position from `from` on. */
  leaves(hour: number, from: number, limit: number): Promise<Head[]>;
  /** The newest leaf of an actor in a finished tree, its tree, and the roots of that tree's subtrees. */
  leafOf(
    actorId: string,
  ): Promise<{ root: HeadsRoot; position: number; head: Head; subtrees: string[] } | undefined>;
}
