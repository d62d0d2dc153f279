import type { JobJson } from "bullmq";
import { Deduplication } from "./deduplication.ts";
import { EventLog } from "./event-log.ts";
import type { End } from "./lanes.ts";
import { Lanes } from "./lanes.ts";
import { Metrics } from "./metrics.ts";
import { RateLimit } from "./rate-limit.ts";
import { missingJob, notInState, notLocked } from "./refusals.ts";
import type { Claim, Lane } from "./stored-job.ts";
import { StoredJob } from "./stored-job.ts";

const longestTimerMs = 2 ** 31 - 1;
const defaultEventsKept = 10_000;

/**
 * One queue in memory, shared by all the backends of its name in a space. Nothing in it waits: every
 * operation is one synchronous step, which is what BullMQ's Redis scripts are.
 */
export class MemoryQueue {
  readonly name: string;
  readonly jobs = new Map<string, StoredJob>();
  readonly lanes = new Lanes();
  readonly meta = new Map<string, string>();
  readonly events = new EventLog();
  readonly rateLimit = new RateLimit();
  readonly metrics = { completed: new Metrics(), failed: new Metrics() };
  readonly deduplication: Deduplication;
  /** Workers waiting for a job, in order of arrival. Each is woken once, then must come again. */
  readonly sleepers = new Set<() => void>();
  /** The names of the connected workers and event readers, by connection. */
  readonly clients = new Map<object, string>();
  /** ms since 1970 before which no stalled check is due, whichever worker asks. */
  nextStalledCheckAt = 0;
  #ids = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(name: string) {
    this.name = name;
    this.deduplication = new Deduplication({
      job: (id) => this.jobs.get(id),
      drop: (job) => this.drop(job),
      redelay: (job, delayMs) => {
        this.lanes.leave(job);
        this.delay(job, delayMs);
      },
      enqueue: (id, json) => this.enqueue(new StoredJob(id, json)),
      tell: (event, jobId, facts) => this.tell(event, { jobId, ...facts }),
    });
  }

  tell(event: string, facts: Record<string, string | number> = {}): void {
    this.events.tell(event, facts, Number(this.meta.get("opts.maxLenEvents") ?? defaultEventsKept));
  }

  /** Adds a job; answers with its id, or with the id of the job that stands for it already. */
  add(json: JobJson, customId: string | undefined): string {
    this.#ids += 1;
    const id = customId || json.id || String(this.#ids);
    if (this.jobs.has(id)) {
      this.tell("duplicated", { jobId: id });
      return id;
    }
    const { deduplication } = json.opts;
    const standing = deduplication && this.deduplication.claim(id, json, deduplication);
    if (standing !== undefined) return standing;
    this.enqueue(new StoredJob(id, json));
    return id;
  }

  enqueue(job: StoredJob): void {
    this.jobs.set(job.id, job);
    this.tell("added", { jobId: job.id, name: job.name });
    if (job.delay > 0) this.delay(job, job.delay, job.timestamp);
    else this.wait(job, job.opts.lifo ? "front" : "back");
  }

  /** Puts a job, which is in no lane, where workers take from, and wakes one of them. */
  wait(job: StoredJob, end: End, from?: string): void {
    if (job.priority > 0) this.lanes.enter(job, "prioritized", end, job.priority);
    else this.lanes.enter(job, "waiting", end);
    this.tell("waiting", from === undefined ? { jobId: job.id } : { jobId: job.id, prev: from });
    this.wakeOne();
  }

  /** Puts a job, which is in no lane, aside until `delayMs` after `from`. */
  delay(job: StoredJob, delayMs: number, from = Date.now()): void {
    job.delay = delayMs;
    const dueAt = from + Math.max(delayMs, 0);
    this.lanes.enter(job, "delayed", "back", dueAt);
    this.tell("delayed", { jobId: job.id, delay: dueAt });
    this.#armTimer();
  }

  /** True while workers may take jobs: neither paused nor at the queue's own limit of concurrency. */
  get open(): boolean {
    return !this.meta.has("paused") && !this.maxed;
  }

  get maxed(): boolean {
    const most = this.meta.get("concurrency");
    return most !== undefined && this.lanes.active.size >= Number(most);
  }

  get runnable(): boolean {
    return this.open && this.lanes.next !== undefined;
  }

  wakeOne(): void {
    if (this.sleepers.size === 0 || !this.runnable) return;
    for (const wake of this.sleepers) {
      this.sleepers.delete(wake);
      wake();
      return;
    }
  }

  /** Gives the next job to a worker, locked; wakes another worker when more can run. */
  take(claim: Claim, now: number): StoredJob | undefined {
    const job = this.open ? this.lanes.next : undefined;
    if (!job) return undefined;
    this.lanes.leave(job);
    this.lanes.enter(job, "active");
    job.lock(claim, now);
    job.processedOn = now;
    job.attemptsStarted += 1;
    if (claim.workerName) job.processedBy = claim.workerName;
    this.tell("active", { jobId: job.id, prev: "waiting" });
    this.wakeOne();
    return job;
  }

  /**
   * Takes an active job out of its lane for the worker that holds it. A lock that ran out still counts while
   * nobody else took the job: in one process only a blocked event loop can have let it.
   */
  release(jobId: string, token: string | undefined, command: string): StoredJob {
    const job = this.jobs.get(jobId);
    if (!job) throw missingJob(jobId, command);
    if (token !== undefined && token !== "0" && job.lockToken !== token) {
      throw notLocked(jobId, job.lockToken !== undefined, command);
    }
    if (job.lane !== "active") throw notInState(jobId, "active", command);
    job.unlock();
    this.lanes.leave(job);
    return job;
  }

  /** The job, in the lane that the command needs. */
  inLane(jobId: string, lane: Lane, command: string): StoredJob {
    const job = this.jobs.get(jobId);
    if (!job) throw missingJob(jobId, command);
    if (job.lane !== lane) throw notInState(jobId, lane, command);
    return job;
  }

  /** Removes a job from wherever it is, and frees its deduplication id. */
  drop(job: StoredJob): void {
    const from = job.lane ?? "unknown";
    this.lanes.leave(job);
    this.jobs.delete(job.id);
    job.unlock();
    this.deduplication.removed(job);
    this.tell("removed", { jobId: job.id, prev: from });
  }

  /** Lets the delayed jobs that are due wait for a worker. */
  promoteDue(now: number): void {
    for (let job = this.lanes.delayed.first; job && job.rank <= now; job = this.lanes.delayed.first) {
      this.promote(job);
    }
  }

  promote(job: StoredJob): void {
    this.lanes.leave(job);
    job.delay = 0;
    this.wait(job, "back", "delayed");
  }

  /** Forgets everything, as if the queue had never been. */
  clear(): void {
    for (const job of this.jobs.values()) this.lanes.leave(job);
    this.jobs.clear();
    this.meta.clear();
    this.deduplication.clear();
    this.rateLimit.clear();
    this.metrics.completed = new Metrics();
    this.metrics.failed = new Metrics();
    this.#ids = 0;
  }

  #armTimer(): void {
    const next = this.lanes.delayed.first;
    if (!next || this.#timerAt <= next.rank) return;
    clearTimeout(this.#timer);
    this.#timerAt = next.rank;
    const inMs = Math.min(Math.max(next.rank - Date.now(), 0), longestTimerMs);
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.promoteDue(Date.now());
      this.#armTimer();
    }, inMs).unref();
  }
}
