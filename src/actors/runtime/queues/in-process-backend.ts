import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  BackendFactory,
  IQueueBackend,
  JobJson,
  KeepJobs,
  MinimalJob,
  MoveToDelayedOpts,
  ParentKeyOpts,
  RetryJobOpts,
  RetryOptions,
} from "bullmq";
import { InProcessChanges } from "./in-process/changes.ts";
import type { BackendOptions, Role } from "./in-process/connection.ts";
import type { Ending } from "./in-process/ending.ts";
import { endJob, keepOf, setFields } from "./in-process/ending.ts";
import * as housekeeping from "./in-process/housekeeping.ts";
import { MemoryQueue } from "./in-process/memory-queue.ts";
import { unsupported } from "./in-process/refusals.ts";

type NextJob = [JobJson | null, string, number, number];
type Finished = { result: NextJob | undefined; finishedOn: number };

const defaultLockMs = 30_000;
const defaultStalledIntervalMs = 30_000;
const defaultBatch = 1_000;
const takenPerTurn = 32;

/**
 * BullMQ's backend over a queue in this process's memory, for jobs that may be lost. It has the behaviour of the
 * Redis backend except flows and job schedulers, which it refuses.
 */
export class InProcessBackend extends InProcessChanges implements IQueueBackend {
  #takenInTurn = 0;
  #nextTurn: Promise<void> | undefined;

  async addJob(job: JobJson, jobId: string, parent?: ParentKeyOpts): Promise<string> {
    if (parent?.parentKey || job.parentKey) throw unsupported("flows");
    if (job.repeatJobKey) throw unsupported("job schedulers");
    return this.queue.add(job, jobId);
  }

  async addJobs(
    entries: { job: JobJson; jobId: string; parentKeyOpts?: ParentKeyOpts }[],
  ): Promise<string[]> {
    return Promise.all(
      entries.map(({ job, jobId, parentKeyOpts }) => this.addJob(job, jobId, parentKeyOpts)),
    );
  }

  async moveToActive(token: string, name?: string): Promise<NextJob> {
    return this.#nextInTurn(token, name);
  }

  async moveToCompleted<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    returnValue: R,
    removeOnComplete: boolean | number | KeepJobs,
    token: string,
    fetchNext: boolean,
  ): Promise<Finished> {
    const value = JSON.stringify(returnValue) ?? "null";
    const keep = keepOf(removeOnComplete, this.options.removeOnComplete);
    return this.#end(job, { outcome: "completed", value, keep }, token, fetchNext);
  }

  async moveToFailed<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    failedReason: string,
    removeOnFail: boolean | number | KeepJobs,
    token: string,
    fetchNext: boolean,
    fields?: Record<string, unknown>,
  ): Promise<Finished> {
    const keep = keepOf(removeOnFail, this.options.removeOnFail);
    return this.#end(job, { outcome: "failed", value: failedReason, keep }, token, fetchNext, fields);
  }

  async moveToDelayed(
    jobId: string,
    timestamp: number,
    delay: number,
    token?: string,
    opts: MoveToDelayedOpts = {},
  ): Promise<NextJob | undefined> {
    const job = this.queue.release(jobId, token, "moveToDelayed");
    setFields(job, opts.fieldsToUpdate);
    if (!opts.skipAttempt) job.attemptsMade += 1;
    this.queue.delay(job, delay, timestamp);
    if (!opts.fetchNext || this.closing || token === undefined) {
      this.queue.wakeOne();
      return undefined;
    }
    const next = await this.#nextInTurn(token, this.options.name);
    return next[0] ? next : undefined;
  }

  async moveJobFromActiveToWait(jobId: string, token?: string): Promise<number> {
    const job = this.queue.release(jobId, token, "moveJobFromActiveToWait");
    this.queue.wait(job, "front", "active");
    return Math.max(this.queue.rateLimit.leftMs(Date.now()), 0);
  }

  async retryJob(jobId: string, lifo: boolean, token?: string, opts?: RetryJobOpts): Promise<void> {
    const job = this.queue.release(jobId, token, "retryJob");
    setFields(job, opts?.fieldsToUpdate);
    job.attemptsMade += 1;
    this.queue.wait(job, lifo ? "front" : "back", "active");
  }

  async retryFinishedJob<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    state: "failed" | "completed",
    opts: RetryOptions = {},
  ): Promise<void> {
    const stored = this.queue.inLane(job.id ?? "", state, "reprocessJob");
    if (opts.resetAttemptsMade) stored.attemptsMade = 0;
    if (opts.resetAttemptsStarted) stored.attemptsStarted = 0;
    housekeeping.revive(this.queue, stored, job.opts.lifo ? "front" : "back");
  }

  async promote(jobId: string): Promise<void> {
    this.queue.promote(this.queue.inLane(jobId, "delayed", "promote"));
  }

  async moveStalledJobsToWait(): Promise<string[]> {
    const { maxStalledCount = 1, stalledInterval = defaultStalledIntervalMs } = this.options;
    return housekeeping.recoverStalled(this.queue, maxStalledCount, stalledInterval);
  }

  async retryFinishedJobs(
    state: "completed" | "failed" = "failed",
    count = defaultBatch,
    timestamp = Date.now(),
  ) {
    return housekeeping.reviveAll(this.queue, state, count, timestamp);
  }

  async promoteJobs(count = defaultBatch): Promise<number> {
    return housekeeping.promoteAll(this.queue, count);
  }

  async pause(pause: boolean): Promise<void> {
    if (pause) this.queue.meta.set("paused", "1");
    else this.queue.meta.delete("paused");
    this.queue.tell(pause ? "paused" : "resumed");
    this.queue.wakeOne();
  }

  async drain(delayed: boolean): Promise<void> {
    housekeeping.drain(this.queue, delayed);
  }

  async cleanJobsByState(state: string, timestamp: number, limit = 0): Promise<string[]> {
    return housekeeping.clean(this.queue, state, timestamp, limit);
  }

  async obliterate(opts: { force: boolean; count: number }): Promise<number> {
    housekeeping.obliterate(this.queue, opts.force);
    return 0;
  }

  async removeOrphanedJobs(): Promise<number> {
    return 0;
  }

  async #end<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    ending: Pick<Ending, "outcome" | "value" | "keep">,
    token: string,
    fetchNext: boolean,
    fields?: Record<string, unknown>,
  ): Promise<Finished> {
    const stored = this.queue.release(job.id ?? "", token, "moveToFinished");
    setFields(stored, fields);
    const attempts = job.opts.attempts ?? 0;
    const finishedOn = endJob(this.queue, stored, {
      ...ending,
      attempts,
      metricsPoints: this.options.metrics?.maxDataPoints,
    });
    const result = fetchNext && !this.closing ? await this.#nextInTurn(token, this.options.name) : undefined;
    if (!result) this.queue.wakeOne();
    const { lanes } = this.queue;
    if (!result?.[0] && !lanes.next && lanes.active.size === 0) this.queue.tell("drained");
    return { result, finishedOn };
  }

  /** Without a server to wait for, quick jobs would run one after the other and let nothing else in. */
  #nextInTurn(token: string, workerName: string | undefined): NextJob | Promise<NextJob> {
    this.#takenInTurn += 1;
    if (!this.#nextTurn && this.#takenInTurn >= takenPerTurn) {
      this.#takenInTurn = 0;
      this.#nextTurn = nextTurn().then(() => {
        this.#nextTurn = undefined;
      });
    }
    return this.#nextTurn?.then(() => this.#next(token, workerName)) ?? this.#next(token, workerName);
  }

  /** `[job, id, ms to wait for the rate limit, time of the next delayed job]`, as the Redis scripts answer. */
  #next(token: string, workerName: string | undefined): NextJob {
    const now = Date.now();
    const { queue, options } = this;
    queue.promoteDue(now);
    const max = Number(queue.meta.get("max")) || options.limiter?.max;
    const waitMs = queue.rateLimit.waitMs(max, now);
    if (waitMs > 0) return [null, "", waitMs, 0];
    const job = queue.take({ token, lockMs: options.lockDuration ?? defaultLockMs, workerName }, now);
    if (!job) return [null, "", 0, queue.open ? (queue.lanes.delayed.first?.rank ?? 0) : 0];
    if (max && job.deferredFailure === undefined) {
      queue.rateLimit.count(options.limiter?.duration ?? Number(queue.meta.get("duration")), now);
    }
    return [job.json, job.id, 0, 0];
  }
}

/**
 * A space of in-process queues: every Queue, Worker and QueueEvents made with the returned factory shares one
 * queue per name; another space shares nothing with it. Pass `connection: {}`.
 */
export function createInProcessSpace(): BackendFactory<InProcessBackend, object> {
  const queues = new Map<string, MemoryQueue>();
  return (name, options, { blocking = false, withBlockingConnection = false } = {}) => {
    let queue = queues.get(name);
    if (!queue) {
      queue = new MemoryQueue(name);
      queues.set(name, queue);
    }
    const role: Role = withBlockingConnection ? "worker" : blocking ? "reader" : "producer";
    return new InProcessBackend(queue, options as BackendOptions, role);
  };
}
