import type { DeduplicationOptions, JobJson } from "bullmq";
import type { StoredJob } from "./stored-job.ts";

interface Holder {
  jobId: string;
  /** ms since 1970; Infinity while it lasts as long as its job. */
  expiresAt: number;
}

/** What the keys of deduplication need from the queue around them. */
export interface DeduplicatedQueue {
  job(id: string): StoredJob | undefined;
  drop(job: StoredJob): void;
  redelay(job: StoredJob, delayMs: number): void;
  enqueue(id: string, json: JobJson): void;
  tell(event: string, jobId: string, facts: Record<string, string>): void;
}

const firstSweepAt = 1_024;

/**
 * Who holds each deduplication id, by the rules of BullMQ's Redis scripts: simple, ttl, extend, replace,
 * reschedule, and `keepLastIfActive`, which keeps the latest job added while the holder runs.
 */
export class Deduplication {
  readonly #queue: DeduplicatedQueue;
  readonly #holders = new Map<string, Holder>();
  readonly #nexts = new Map<string, { id: string; json: JobJson }>();
  #sweepAt = firstSweepAt;

  constructor(queue: DeduplicatedQueue) {
    this.#queue = queue;
  }

  /** Lets the job `id` hold its deduplication id (undefined), or answers with the id of the job that stands for it. */
  claim(id: string, json: JobJson, options: DeduplicationOptions): string | undefined {
    const now = Date.now();
    const holder = this.#current(options.id, now);
    if (!holder) {
      this.#hold(options, id, now);
      return undefined;
    }
    const held = this.#queue.job(holder.jobId);
    if (options.replace && held?.lane === "delayed") {
      this.#replace(held, holder, id, options, now);
      return undefined;
    }
    if (holder.expiresAt === Infinity && !held) {
      this.#nexts.delete(options.id);
      this.#hold(options, id, now);
      return undefined;
    }
    if (options.keepLastIfActive && held?.lane === "active") {
      this.#nexts.set(options.id, { id, json });
      holder.expiresAt = Infinity;
    } else if (!options.replace) {
      if (options.extend && options.ttl) this.#hold(options, holder.jobId, now);
      if (options.reschedule && held?.lane === "delayed") this.#queue.redelay(held, json.opts.delay ?? 0);
    }
    this.#tell(holder.jobId, options.id, id);
    return holder.jobId;
  }

  /** Frees the id held by a job that has ended, and enqueues what was kept for its end. */
  finished(job: StoredJob): void {
    const id = job.deduplicationId;
    if (id === undefined) return;
    const holder = this.#holders.get(id);
    if (holder?.expiresAt === Infinity && holder.jobId === job.id) this.#holders.delete(id);
    const next = this.#nexts.get(id);
    if (!next) return;
    this.#nexts.delete(id);
    if (this.#queue.job(next.id)) return;
    const options = next.json.opts.deduplication;
    if (options) this.#hold(options, next.id, Date.now());
    this.#queue.enqueue(next.id, { ...next.json, timestamp: Date.now() });
  }

  /** Frees the id held by a job that was removed; what was kept for its end goes with it. */
  removed(job: StoredJob): void {
    if (job.deduplicationId !== undefined) this.release(job.deduplicationId, job.id);
  }

  /** The id of the holding job, or null. */
  holder(deduplicationId: string): string | null {
    return this.#current(deduplicationId, Date.now())?.jobId ?? null;
  }

  /** Forgets a deduplication id, whoever holds it or only if `jobId` does; answers with the number forgotten. */
  release(deduplicationId: string, jobId?: string): number {
    const holder = this.#current(deduplicationId, Date.now());
    if (!holder || (jobId !== undefined && holder.jobId !== jobId)) return 0;
    this.#holders.delete(deduplicationId);
    if (jobId !== undefined) this.#nexts.delete(deduplicationId);
    return 1;
  }

  clear(): void {
    this.#holders.clear();
    this.#nexts.clear();
  }

  #replace(held: StoredJob, holder: Holder, id: string, options: DeduplicationOptions, now: number): void {
    const { expiresAt } = holder;
    this.#queue.drop(held);
    this.#hold(options, id, now);
    const fresh = this.#holders.get(options.id);
    if (fresh && options.ttl && !options.extend && !options.keepLastIfActive) fresh.expiresAt = expiresAt;
    this.#tell(id, options.id, held.id);
  }

  #tell(jobId: string, deduplicationId: string, deduplicatedJobId: string): void {
    this.#queue.tell("deduplicated", jobId, { deduplicationId, deduplicatedJobId });
  }

  #hold(options: DeduplicationOptions, jobId: string, now: number): void {
    const lasting = options.keepLastIfActive || !options.ttl || options.ttl <= 0;
    this.#holders.set(options.id, { jobId, expiresAt: lasting ? Infinity : now + (options.ttl ?? 0) });
    if (this.#holders.size > this.#sweepAt) this.#sweep(now);
  }

  #current(deduplicationId: string, now: number): Holder | undefined {
    const holder = this.#holders.get(deduplicationId);
    if (!holder || holder.expiresAt > now) return holder;
    this.#holders.delete(deduplicationId);
    return undefined;
  }

  /** Ids with a ttl have no job to free them: swept each time the map doubles, so at O(1) a claim. */
  #sweep(now: number): void {
    for (const [id, holder] of this.#holders) if (holder.expiresAt <= now) this.#holders.delete(id);
    this.#sweepAt = Math.max(firstSweepAt, 2 * this.#holders.size);
  }
}
