import type { Claimed } from "../claiming.ts";
import type { AwaitedAct, EffectOrder, Instant, Message, Receipt } from "../ports.ts";
import type { Bucket } from "../rates.ts";

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

/** All that one transaction writes; each list goes to its table as a set. */
export interface Changes {
  actors: (ActorRow & { expectedVersion: number })[];
  events: EventRow[];
  effects: Omit<EffectRow, "actorKind" | "attempts" | "faults" | "doubts" | "lapses" | "leaseUntil">[];
  timers: { actorId: string; name: string; generation: number; dueAt: Instant }[];
  clearedTimers: { actorId: string; name: string }[];
  /** What waits for members from now on, or waits otherwise than before. */
  awaited: (AwaitedAct & { actorId: string; firmId: string; since: Instant })[];
  /** What waits no longer. */
  unawaited: { actorId: string; act: string; key: string }[];
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
  /**
   * Those of these blobs that are removed or are being removed: who names them can have none of them. The others stay
   * for who names them in this transaction. Absent: nothing is ever removed.
   */
  gone?(sha256s: string[]): Promise<Set<string>>;
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
