import type { JobProgress, MinimalJob } from "bullmq";
import * as housekeeping from "./housekeeping.ts";
import { InProcessReads } from "./reads.ts";
import { missingJob, unsupported } from "./refusals.ts";

/** The part of BullMQ's backend that changes jobs where they stand, and the refusals of what hints never need. */
export class InProcessChanges extends InProcessReads {
  #job(jobId: string, command: string) {
    const job = this.queue.jobs.get(jobId);
    if (!job) throw missingJob(jobId, command);
    return job;
  }

  async extendLock(jobId: string, token: string, duration: number): Promise<number> {
    const job = this.queue.jobs.get(jobId);
    if (!job || job.lockToken !== token) return 0;
    job.lockedUntil = Date.now() + duration;
    job.suspect = false;
    return 1;
  }

  async extendLocks(jobIds: string[], tokens: string[], duration: number): Promise<string[]> {
    const extended = await Promise.all(jobIds.map((id, n) => this.extendLock(id, tokens[n] ?? "", duration)));
    return jobIds.filter((_, n) => extended[n] === 0);
  }

  async updateData<T, R, N extends string>(job: MinimalJob<T, R, N>, data: T): Promise<void> {
    this.#job(job.id ?? "", "updateData").data = JSON.stringify(data ?? {});
  }

  async updateProgress(jobId: string, progress: JobProgress): Promise<void> {
    this.#job(jobId, "updateProgress").progress = progress;
    this.queue.tell("progress", { jobId, data: JSON.stringify(progress) });
  }

  async addLog(jobId: string, logRow: string, keepLogs?: number): Promise<number> {
    const job = this.#job(jobId, "addLog");
    job.logs ??= [];
    job.logs.push(logRow);
    if (keepLogs && job.logs.length > keepLogs) job.logs = job.logs.slice(-keepLogs);
    return job.logs.length;
  }

  async clearLogs(jobId: string, keepLogs = 0): Promise<void> {
    const job = this.queue.jobs.get(jobId);
    if (job?.logs) job.logs = keepLogs > 0 ? job.logs.slice(-keepLogs) : undefined;
  }

  async changeDelay(jobId: string, delay: number): Promise<void> {
    const job = this.queue.inLane(jobId, "delayed", "changeDelay");
    this.queue.lanes.leave(job);
    this.queue.delay(job, delay);
  }

  async changePriority(jobId: string, priority = 0, lifo = false): Promise<void> {
    housekeeping.changePriority(this.queue, jobId, priority, lifo);
  }

  async remove(jobId: string, _removeChildren: boolean): Promise<number> {
    const job = this.queue.jobs.get(jobId);
    if (job && job.lockedUntil > Date.now()) return 0;
    if (job) this.queue.drop(job);
    return 1;
  }

  async removeDeduplicationKey(deduplicationId: string, jobId: string): Promise<number> {
    return this.queue.deduplication.release(deduplicationId, jobId);
  }

  async deleteDeduplicationKey(deduplicationId: string): Promise<number> {
    return this.queue.deduplication.release(deduplicationId);
  }

  async setRateLimit(expireTimeMs: number): Promise<void> {
    this.queue.rateLimit.close(expireTimeMs, Date.now());
  }

  async removeRateLimitKey(): Promise<number> {
    return this.queue.rateLimit.clear();
  }

  async removeDeprecatedPriorityKey(): Promise<number> {
    return 0;
  }

  async addFlow(): Promise<never> {
    throw unsupported("flows");
  }

  async moveToWaitingChildren(): Promise<never> {
    throw unsupported("flows");
  }

  async removeUnprocessedChildren(): Promise<never> {
    throw unsupported("flows");
  }

  async removeChildDependency(): Promise<never> {
    throw unsupported("flows");
  }

  async addJobScheduler(): Promise<never> {
    throw unsupported("job schedulers");
  }

  async updateJobSchedulerNextMillis(): Promise<never> {
    throw unsupported("job schedulers");
  }

  async removeJobScheduler(): Promise<never> {
    throw unsupported("job schedulers");
  }

  forQueue(): never {
    throw unsupported("flows");
  }
}
