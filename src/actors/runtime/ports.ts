/*
 * The interfaces through which actors, effects and the door meet the rest.
 *
 * actor      one collecte, one member's codes, or one session of the parapheur: alone in writing its own events
 * part       hash(actor id) mod 64, for ever: what a drain locks
 * message    a command with an id, on its way to an actor
 * receipt    what became of a message; the same id always gets the same receipt
 * effect     a row of the outbox: something to do in the outside world, once
 * hint       a queue job: ids only, may be lost, doubled or late without harm
 */

export * from "./ports/calendar.ts";
export * from "./ports/contacts.ts";
export * from "./ports/documents.ts";
export * from "./ports/evidence.ts";
export * from "./ports/firm-marks.ts";
export * from "./ports/firms.ts";
export * from "./ports/journal.ts";
export * from "./ports/levels.ts";
export * from "./ports/members.ts";
export * from "./ports/object-stores.ts";
export * from "./ports/outside.ts";
export * from "./ports/owners.ts";
export * from "./ports/paper.ts";
export * from "./ports/parapheur.ts";
export * from "./ports/publication.ts";
export * from "./ports/reads.ts";
export * from "./ports/records.ts";
export * from "./ports/retention.ts";
export * from "./ports/sign-in.ts";
export * from "./ports/signing.ts";
export * from "./ports/sms.ts";
export * from "./ports/spreadsheets.ts";
export * from "./ports/timestamps.ts";
export * from "./ports/trust-codecs.ts";

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

export interface Clock {
  now(): Instant;
}

/** Allow-listed facts about the engine's own doings; never a person, a code, a link or a document. */
export interface Log {
  info(facts: Record<string, unknown>, message: string): void;
  warn(facts: Record<string, unknown>, message: string): void;
  error(facts: Record<string, unknown>, message: string): void;
}

/** A law: pure functions over its own state, commands and events. */
export interface Decider<S, C, E> {
  readonly kind: string;
  readonly nothing: S;
  decide(state: S, command: C): { happened: E[]; refused?: string; facts?: Record<string, number> };
  evolve(state: S, event: E): S;
  effectsOf(event: E, after: S, command: C): EffectOrder[];
  timersOf(state: S): { name: string; dueAt: Instant }[];
  onTimer(name: string, at: Instant): C;
  /** SHA-256 of the blobs that must be there for this command to be possible. */
  needs?(command: C): string[];
  /** Acts of members that wait now, for their lists; a law without any leaves it out. */
  awaitedOf?(state: S): AwaitedAct[];
}

/** Something that waits for a member; `key` tells it from others of the same actor and act. */
export interface AwaitedAct {
  memberId: string;
  act: "sign" | "seal";
  key: string;
  dueAt: Instant;
  documentType?: string;
}

/** What a decider asks of the outside world; `link` makes the journal register that link's token. */
export interface EffectOrder {
  kind: string;
  to?: string;
  link?: { purpose: "sign" | "download"; generation: number };
}

export interface Message {
  /** Known ids change nothing. */
  id: string;
  actorId: string;
  kind: string;
  firmId: string;
  /** With `ifVersion`, it is decided only if the actor has that version still; else refused as `version_changed`. */
  command: { type: string; at: Instant; ifVersion?: number };
  /** Digest of the request that an Idempotency-Key came with: the same key with another request is an error. */
  fingerprint?: string;
}

/** What became of a message. */
export type Outcome =
  | { status: "done"; version: number }
  | { status: "refused"; code: string; facts: Record<string, number>; version: number }
  /** Durably accepted, not decided yet: another process drains this actor's part. */
  | { status: "accepted" };

export interface Receipt {
  messageId: string;
  actorId: string;
  fingerprint: string | null;
  outcome: Outcome;
  at: Instant;
}

/** The runtime as the door and the effects see it. */
export interface Mailbox {
  /**
   * Accepts a message and answers once it is durable, with its outcome when it could be decided at once.
   * May be called again with the same id: the first outcome is the answer, if it is kept (see `Reads.receipts`).
   * Throws `Overloaded`, `KeyReused`.
   */
  accept(message: Message): Promise<Outcome>;
}
