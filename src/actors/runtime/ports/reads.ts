import type { Collecte } from "../../collecte/state.ts";
import type { MemberActs } from "../../member/state.ts";
import type { Instant, Receipt } from "../ports.ts";
import type { EffectRow } from "./journal.ts";

/** An effect with the state that it is about, as an effect handler sees it: a collecte's unless said. */
export interface EffectInHand<S = Collecte> {
  row: EffectRow;
  state: S;
}

// biome-ignore lint/suspicious/noExplicitAny: the runtime carries states of any law unread.
export type AnyEffectInHand = EffectInHand<any>;

export interface RecordedEvent {
  version: number;
  n: number;
  type: string;
  data: Record<string, unknown>;
  at: Instant;
}

export interface CollecteView {
  id: string;
  version: number;
  state: Collecte;
  createdAt: Instant;
  updatedAt: Instant;
}

/** Reads of the store; never waits for the writer. Every look-up by id also carries the firm. */
export interface Reads {
  collecte(firmId: string, id: string): Promise<CollecteView | undefined>;
  /** Newest first. `before` is the last page's last `{createdAt, id}`. */
  collectes(
    firmId: string,
    page: { limit: number; before?: { createdAt: Instant; id: string }; status?: string },
  ): Promise<CollecteView[]>;
  /** A member's codes and what they ordered; undefined before their first. */
  memberActs(firmId: string, memberId: string): Promise<MemberActs | undefined>;
  /** The record, oldest first. */
  history(firmId: string, id: string): Promise<RecordedEvent[]>;
  /**
   * What became of those of a firm's messages that are known; `accepted` while one waits. Absent: a message that never
   * was or is another firm's, and one whose refusal was not kept, because it was for now only or because the firm has
   * no such actor. Those may be sent again under the same id and are then decided anew.
   */
  receipts(firmId: string, messageIds: string[]): Promise<Map<string, Receipt>>;
  effect(id: string): Promise<AnyEffectInHand | undefined>;
  /** Whom a link's token is for; `tokenHash` is SHA-256 in hex. */
  link(tokenHash: string): Promise<LinkTarget | undefined>;
  /** How many messages wait in the mailbox, counted up to `most`. */
  mailWaiting(most: number): Promise<number>;
  /** Effects by kind and by what they wait for, each counted up to `most`. */
  effectCounts(kinds: string[], most: number): Promise<Record<string, EffectCounts>>;
  /** Parts in which messages wait and are due. */
  dueParts(now: Instant): Promise<number[]>;
  /**
   * Timers that are due, oldest first: they stay until the actor's own decision clears or moves them. `after` is the
   * last of the page before.
   */
  dueTimers(now: Instant, limit: number, after?: DueTimer): Promise<DueTimer[]>;
  /** Recomputes a record's hash chain: false if any event was edited, removed, added or swapped. */
  recordIsWhole(id: string): Promise<boolean>;
}

export interface EffectCounts {
  waiting: number;
  leased: number;
  /** Failed for good. */
  dead: number;
}

export interface DueTimer {
  actorId: string;
  kind: string;
  firmId: string;
  name: string;
  generation: number;
  dueAt: Instant;
}

export interface LinkTarget {
  firmId: string;
  collecteId: string;
  personId: string;
  purpose: "sign" | "download";
  generation: number;
}
