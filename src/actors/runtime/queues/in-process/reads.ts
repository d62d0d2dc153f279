import type { JobJson, JobState, JobType } from "bullmq";
import { InProcessConnection } from "./connection.ts";
import { laneOf } from "./housekeeping.ts";
import { unsupported } from "./refusals.ts";

/** The half of BullMQ's backend that looks, and the queue's metadata. Flows and schedulers are seen as none. */
export class InProcessReads extends InProcessConnection {
  async getState(jobId: string): Promise<JobState | "unknown"> {
    return this.queue.jobs.get(jobId)?.lane ?? "unknown";
  }

  async isJobInState(state: string, jobId: string): Promise<boolean> {
    const lane = this.queue.jobs.get(jobId)?.lane;
    return lane !== undefined && lane === laneOf(state);
  }

  async isFinished(jobId: string, returnValue?: boolean): Promise<number | [number, string]> {
    const job = this.queue.jobs.get(jobId);
    const answer = (status: number, value: string): number | [number, string] =>
      returnValue ? [status, value] : status;
    if (!job) return answer(-1, `Missing key for job ${this.toKey(jobId)}. isFinished`);
    if (job.lane === "completed") return answer(1, job.returnvalue ?? "null");
    if (job.lane === "failed") return answer(2, job.failedReason ?? "");
    return answer(0, "");
  }

  async isMaxed(): Promise<boolean> {
    return this.queue.maxed;
  }

  async getJobData(jobId: string): Promise<JobJson | undefined> {
    return this.queue.jobs.get(jobId)?.json;
  }

  async getDeduplicationJobId(deduplicationId: string): Promise<string | null> {
    return this.queue.deduplication.holder(deduplicationId);
  }

  async getJobLogs(jobId: string, start: number, end: number, asc: boolean) {
    const logs = this.queue.jobs.get(jobId)?.logs ?? [];
    const ordered = asc ? logs : [...logs].reverse();
    const from = start < 0 ? Math.max(logs.length + start, 0) : start;
    const to = end < 0 ? logs.length + end : end;
    return { logs: ordered.slice(from, to + 1), count: logs.length };
  }

  async getRateLimitTtl(maxJobs?: number): Promise<number> {
    const max = maxJobs || Number(this.queue.meta.get("max"));
    const now = Date.now();
    return max ? this.queue.rateLimit.waitMs(max, now) : this.queue.rateLimit.leftMs(now);
  }

  async getCounts(types: JobType[], delayedTimestamp?: number): Promise<number[]> {
    return types.map((type) => {
      const lane = laneOf(type);
      if (!lane) return 0;
      if (lane !== "delayed" || delayedTimestamp === undefined) return this.queue.lanes[lane].size;
      return [...this.queue.lanes.delayed].filter((job) => job.rank < delayedTimestamp).length;
    });
  }

  async getCountsPerPriority(priorities: number[]): Promise<number[]> {
    const counts = new Map<number, number>([[0, this.queue.lanes.waiting.size]]);
    for (const { priority } of this.queue.lanes.prioritized) {
      counts.set(priority, (counts.get(priority) ?? 0) + 1);
    }
    return priorities.map((priority) => counts.get(priority) ?? 0);
  }

  async getRanges(types: JobType[], start = 0, end = 1, asc = false): Promise<[string][]> {
    const ranges = types.map((type) => {
      const lane = laneOf(type);
      return lane ? this.queue.lanes.range(lane, start, end, asc).map((job) => job.id) : [];
    });
    return ranges as [string][];
  }

  async getMetrics(type: "completed" | "failed", start = 0, end = -1): Promise<[string[], string[], number]> {
    return this.queue.metrics[type].read(start, end);
  }

  async setQueueMeta(values: Record<string, string | number>): Promise<number> {
    for (const [field, value] of Object.entries(values)) this.queue.meta.set(field, String(value));
    this.queue.wakeOne();
    return Object.keys(values).length;
  }

  async getQueueMetaField(field: string): Promise<string | null> {
    return this.queue.meta.get(field) ?? null;
  }

  async getQueueMetaFields(fields: string[]): Promise<(string | null)[]> {
    return fields.map((field) => this.queue.meta.get(field) ?? null);
  }

  async getQueueMeta(): Promise<Record<string, string>> {
    return Object.fromEntries(this.queue.meta);
  }

  async removeQueueMetaFields(fields: string[]): Promise<number> {
    const removed = fields.filter((field) => this.queue.meta.delete(field)).length;
    this.queue.wakeOne();
    return removed;
  }

  async hasQueueMetaField(field: string): Promise<boolean> {
    return this.queue.meta.has(field);
  }

  async getDependencyCounts(_jobId: string, types: string[]): Promise<number[]> {
    return types.map(() => 0);
  }

  async getDependencies() {
    return { processed: {}, unprocessed: [], ignored: {}, failed: [] };
  }

  async getProcessedChildrenValues(): Promise<Record<string, string>> {
    return {};
  }

  async getIgnoredChildrenFailures(): Promise<Record<string, string>> {
    return {};
  }

  async getJobScheduler(): Promise<[unknown, string | null]> {
    return [null, null];
  }

  async isJobScheduler(): Promise<boolean> {
    return false;
  }

  async getJobSchedulerData(): Promise<Record<string, string>> {
    return {};
  }

  async getJobSchedulersRange(): Promise<string[]> {
    return [];
  }

  async getJobSchedulersCount(): Promise<number> {
    return 0;
  }

  async paginate(): Promise<never> {
    throw unsupported("paginate");
  }
}
