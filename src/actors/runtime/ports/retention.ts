import type { Instant } from "../ports.ts";

/** What leaves: of a collecte its documents or its evidence files, or blobs that were to be removed before. */
export interface Leaving {
  /** Whose use of them ends. */
  of?: { actorId: string; firmId: string; what: "documents" | "evidence" };
  /** Ids of uploads that go too, once no other collecte has them. */
  uploads: string[];
  sha256s: string[];
}

/** So long the removal of condemned blobs is left to who condemned them. */
export const removalMs = 60_000;

/** What the store knows of who needs what, and how it forgets. Each may be called again: nothing happens twice. */
export interface Retention {
  /**
   * In one transaction: ends these uses, and condemns what nobody else needs: no other collecte and no upload, of any
   * firm. What is condemned can't be named again before `gone` says that it is removed. Throws
   * `Retryable("removal_in_hand")` while somebody else removes one of them.
   */
  leave(leaving: Leaving, now: Instant): Promise<{ condemned: string[]; kept: string[] }>;
  /** They are removed: from now on the same bytes may be uploaded anew. */
  gone(sha256s: string[], now: Instant): Promise<void>;
  /** Evidence files that this actor names. */
  evidenceOf(actorId: string): Promise<string[]>;
  /** Removes an actor's links and what is kept of its messages and effects that failed for good. */
  clear(actorId: string): Promise<void>;
  /**
   * Removes the certificates that are kept of its documents too. After this nobody reads what was said about people, in
   * this process at once, in others within two hours.
   */
  destroyKey(actorId: string): Promise<void>;
  /** Those that something names, or that are being removed. */
  named(sha256s: readonly string[]): Promise<Set<string>>;
  /** Some uploads that are older and that no collecte has. */
  staleUploads(before: Instant, limit: number): Promise<{ id: string; firmId: string; sha256: string }[]>;
  /** Blobs whose removal began and was not ended by who began it. */
  leftovers(now: Instant): Promise<string[]>;
  /** Removes older receipts, some at a time, and what is remembered of removed blobs; answers how many receipts. */
  dropReceipts(before: Instant): Promise<number>;
  /**
   * Destroys the keys of sessions of the parapheur that are older: where each act came from is on the record of its collecte
   * and is forgotten with that. Answers how many.
   */
  forgetSessions(before: Instant): Promise<number>;
  /** Makes what was deleted unreadable in the files of the database, as far as it can. */
  scrub(): Promise<void>;
}

/** Since when purges are held, because the clock leapt by so much, ahead or back. */
export interface Hold {
  since: Instant;
  leapMs: number;
}

/** How far the clock may go between two looks, and how long it must then go steadily. */
export interface WatchRules {
  leapMs: number;
  steadyMs: number;
}

/** Remembers, for all processes, what time it was. */
export interface TimeWatch {
  /** Notes that it is now; answers whether purges are held. */
  beat(now: Instant, rules: WatchRules): Promise<Hold | undefined>;
  look(): Promise<{ seenAt: Instant; hold?: Hold } | undefined>;
  /** An operator says that the clock is right; false when nothing was held. */
  resume(now: Instant): Promise<boolean>;
}
