import type { Readable } from "node:stream";
import type { Collecte } from "../collecte/state.ts";
import type { Claimed } from "./claiming.ts";
import type { Bucket } from "./rates.ts";

/*
 * The interfaces through which actors, effects and the door meet the rest.
 *
 * actor      one collecte (later: a batch, a parapheur), alone in writing its own events
 * part       hash(actor id) mod 64, for ever: what a drain locks
 * message    a command with an id, on its way to an actor
 * receipt    what became of a message; the same id always gets the same receipt
 * effect     a row of the outbox: something to do in the outside world, once
 * hint       a queue job: ids only, may be lost, doubled or late without harm
 */

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
  command: { type: string; at: Instant };
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

export interface ActorRow {
  id: string;
  kind: string;
  firmId: string;
  version: number;
  state: unknown;
  headHash: string;
  createdAt: Instant;
  updatedAt: Instant;
  /** The stored state can't be read: its messages wait and then are dead letters, the others go on. */
  damaged?: true;
}

export interface EventRow {
  actorId: string;
  version: number;
  /** Place among the events of the same decision, from 0. */
  n: number;
  messageId: string;
  type: string;
  data: unknown;
  at: Instant;
}

export interface EffectRow {
  /** `{actorId}.{version}.{n}`: the idempotency key of the act. */
  id: string;
  actorId: string;
  actorKind: string;
  firmId: string;
  kind: string;
  payload: EffectOrder & Record<string, unknown>;
  /** How often it was leased. */
  attempts: number;
  /** How often it failed for no known reason: a fault of ours, or of what it works on. */
  faults: number;
  /** How often nobody could tell whether the act had happened. */
  doubts: number;
  /** How many leases ran out, one after the other, without the act that they were for having come to an end. */
  lapses: number;
  dueAt: Instant;
  leaseUntil: Instant | null;
}

export interface MailboxRow {
  seq: number;
  message: Message;
  attempts: number;
}

/** All that one transaction writes; each list goes to its table in one statement. */
export interface Changes {
  actors: (ActorRow & { expectedVersion: number })[];
  events: EventRow[];
  effects: Omit<EffectRow, "actorKind" | "attempts" | "faults" | "doubts" | "lapses" | "leaseUntil">[];
  timers: { actorId: string; name: string; generation: number; dueAt: Instant }[];
  clearedTimers: { actorId: string; name: string }[];
  /** Of messages that waited in the mailbox also those that say "come back later": whoever asks must find an answer. */
  receipts: Receipt[];
  /** Receipts that said "come back later" and are over, as they were read; others under the same id stay. */
  forgotten: { messageId: string; at: Instant }[];
  park: { message: Message; part: number; at: Instant; attempts: number; notBefore: Instant }[];
  drained: number[];
  deadLetters: { message: Message; error: string; at: Instant }[];
  settled: string[];
  postponed: {
    id: string;
    attempts: number;
    faults: number;
    doubts: number;
    lapses: number;
    dueAt: Instant;
    error: string;
  }[];
  /** Leases that are prolonged, and so are of acts that have begun. */
  renewed: { id: string; attempts: number; leaseUntil: Instant }[];
  /** Leases given back unused. */
  returned: { id: string; attempts: number }[];
  buried: { id: string; attempts: number; error: string }[];
}

export interface JournalTransaction {
  /**
   * Takes these parts until the transaction ends, and answers those that it got: in the others somebody else decides just
   * now, so that messages for them can only be parked. Never waits.
   */
  hold(parts: number[]): Promise<Set<number>>;
  /** Likewise, those of the kinds whose effects this transaction may claim: one does at a time. Never waits. */
  holdKinds(kinds: string[]): Promise<Set<string>>;
  /** Receipts of those of the ids that are known; of a message that waits in the mailbox, that it was accepted. */
  receipts(messageIds: string[]): Promise<Map<string, Receipt>>;
  /** Those of the parts in which messages wait. */
  waitingParts(parts: number[]): Promise<Set<number>>;
  /** Due messages of these parts in the order of their acceptance. */
  mail(parts: number[], now: Instant, limit: number): Promise<MailboxRow[]>;
  actors(ids: string[]): Promise<Map<string, ActorRow>>;
  /** Throws `VersionConflict`, and nothing is written, when another writer was faster. */
  write(changes: Changes): Promise<void>;
  /**
   * Takes away leases of these kinds that ran out, or that end later than any lease may (the clock was set back). The
   * effects are due again, as `released` in lapses.ts says. Answers the kind of each, and whether its act had begun.
   */
  release(kinds: string[], now: Instant): Promise<{ kind: string; isBegun: boolean }[]>;
  /**
   * Leases, of each kind in `limits`, up to `limit - leased` due effects, and no more than `most`, oldest first within a
   * firm, and firm by firm in turn: the firms that have the fewest in hand first, then those after the firm that was
   * served last. What is due further ahead than any pause lasts is due now: the clock was set back.
   */
  claim(
    limits: Readonly<Record<string, number>>,
    now: Instant,
    leaseMs: number,
    most?: Readonly<Record<string, number>>,
  ): Promise<Claimed[]>;
  /** What is left of the rates of these kinds; only who holds a kind may keep what it makes of it. */
  buckets(kinds: string[]): Promise<Map<string, Bucket>>;
  keepBuckets(buckets: ReadonlyMap<string, Bucket>): Promise<void>;
}

/**
 * The hot path of the store. One transaction at a time in each lane of a process; durable once it resolves. Throws
 * `Retryable("store_unavailable")`: then nothing was written, or all of it, and receipts tell.
 */
export interface Journal {
  /** How many transactions may run at once; 1 unless said. */
  readonly lanes?: number;
  transaction<T>(work: (tx: JournalTransaction) => Promise<T>, lane?: number): Promise<T>;
}

/** What a process that asked for a slot may do: run it, wait for who runs it, or rest until the next one. */
export type Turn = "yours" | "taken" | "done";

/**
 * Which sweeps were run, over all processes: of each sweep each slot once, and one slot at a time. Slots are numbered
 * by the clock. Who takes one holds it until `until`; after that anybody may take it.
 */
export interface Calendar {
  /**
   * Asks for a slot under a name of one's own, new each time. A lease that ends later than any lease may, and a slot
   * that was done further in the future than clocks differ, are from before the clock was set back: they bar nobody.
   */
  take(sweep: string, slot: number, holder: string, now: Instant, until: Instant): Promise<Turn>;
  /** Holds it longer; false when somebody else has it by now. */
  keep(sweep: string, holder: string, until: Instant): Promise<boolean>;
  /** Says that the slot was run. Changes nothing when somebody else has it by now. */
  done(sweep: string, slot: number, holder: string): Promise<void>;
}

/** So many slots ahead of one's own a slot may have been done by a process whose clock is ahead. */
export const slotsAhead = 2;

/** An effect with the state that it is about, as an effect handler sees it. */
export interface EffectInHand {
  row: EffectRow;
  state: Collecte;
}

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
  /** The record, oldest first. */
  history(firmId: string, id: string): Promise<RecordedEvent[]>;
  /**
   * What became of those of a firm's messages that are known; `accepted` while one waits. Absent: a message that never
   * was or is another firm's, and one whose refusal was not kept, because it was for now only or because the firm has
   * no such actor. Those may be sent again under the same id and are then decided anew.
   */
  receipts(firmId: string, messageIds: string[]): Promise<Map<string, Receipt>>;
  effect(id: string): Promise<EffectInHand | undefined>;
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

export interface StoredDocument {
  id: string;
  firmId: string;
  name?: string;
  sha256: string;
  bytes: number;
  pages: number;
}

export interface Documents {
  /** The same id again changes nothing. */
  add(document: StoredDocument): Promise<void>;
  /** In the order of the ids; those of other firms are missing. */
  find(firmId: string, ids: string[]): Promise<StoredDocument[]>;
}

export interface Firm {
  id: string;
  name: string;
  /** Told of refusals and expiries. */
  email: string;
  /** ISO 3166-1 alpha-2: in which country a national phone number is read. */
  country: string;
}

export interface Member {
  id: string;
  firmId: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
}

export interface ApiKeyOwner {
  keyId: string;
  firmId: string;
}

/** Firms, their members and their keys. */
export interface Directory {
  firm(id: string): Promise<Firm | undefined>;
  members(firmId: string): Promise<Member[]>;
  member(firmId: string, id: string): Promise<Member | undefined>;
  /** By SHA-256 (hex) of the key; revoked keys are not found. */
  apiKey(hash: string): Promise<ApiKeyOwner | undefined>;
}

/** A private key in use. `pkcs8` is DER; `keyId` names it in caches. */
export interface KeyMaterial {
  keyId: string;
  pkcs8: Uint8Array;
  certificateDer: Uint8Array;
  /** The certificates between this one and the root, without the root. */
  chainDer: Uint8Array[];
}

/** Whose key signs what. Throws `Terminal("no_certificate")`. */
export interface Keyring {
  rootDer(): Promise<Uint8Array>;
  issuingAuthority(): Promise<KeyMaterial>;
  /** A member's or a firm's own certificate. */
  ownedBy(ownerId: string): Promise<KeyMaterial>;
}

export type SignerSpec =
  /** A P-256 key made in the worker, certified by the authority, used once and forgotten. */
  | {
      kind: "one-use";
      authority: KeyMaterial;
      rootDer: Uint8Array;
      subject: { givenName: string; surname: string; country?: string; serialNumber?: string };
    }
  | { kind: "kept"; key: KeyMaterial; rootDer: Uint8Array };

export interface SignTask {
  path: string;
  /** The size of the document, where it is known: it saves the pool from asking. */
  bytes?: number;
  outPath: string;
  signer: SignerSpec;
  signingTime: Instant;
  /** Shown by PDF readers as the signer. */
  name: string;
  reason?: string;
}

export type SignResult =
  | {
      ok: true;
      sha256: string;
      bytes: number;
      revisionBytes: number;
      before: string;
      /** The signer's: SHA-256 and serial number in lower-case hex, the latter without leading zero bytes. */
      certificate: { sha256: string; serialHex: string };
      level: "B-B";
      fieldName: string;
    }
  | { ok: false; code: string; detail?: string };

/** Signs in worker threads; results are values, never exceptions. What is answered ok was read back and checked. */
export interface SigningPool {
  sign(task: SignTask): Promise<SignResult>;
}

export type Inspection = { ok: true; pages: number } | { ok: false; code: string; detail?: string };

/** Opens an unknown PDF in a process of its own that may die. Throws `Overloaded` when too many wait. */
export interface Inspector {
  inspect(path: string, limits: { maxBytes: number; maxPages: number }): Promise<Inspection>;
}

/** Content-addressed documents. */
export interface Blobs {
  /** A path for a new file beside the blobs, to be handed to `adopt` or `discard`. */
  temporaryPath(): string;
  /** Removes a temporary file; removing what isn't there is fine. */
  discard(temporaryPath: string): Promise<void>;
  /** Makes a finished, fsynced temporary file the blob of that SHA-256; durable once it resolves. Twice is fine. */
  adopt(temporaryPath: string, sha256: string): Promise<void>;
  /** Where a worker can read the blob. */
  path(sha256: string): string;
  /** Throws `Terminal("blob_missing")`. */
  open(sha256: string): Promise<{ stream: Readable; bytes: number }>;
  /** Removing what isn't there is fine. */
  remove(sha256: string): Promise<void>;
}

export interface MailMessage {
  /** Also the idempotency key: a second try carries the same Message-ID. */
  messageId: string;
  to: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
}

/** Throws `Retryable` (away, 4xx) or `Terminal` (5xx for this recipient). */
export interface Mailer {
  send(mail: MailMessage): Promise<{ reference: string }>;
}

export interface Sms {
  idempotencyKey: string;
  /** E.164. */
  to: string;
  text: string;
}

/** Throws `Retryable` or `Terminal`. */
export interface SmsGateway {
  send(sms: Sms): Promise<{ reference: string }>;
}
