import type { KeepJobs } from "bullmq";
import type { MemoryQueue } from "./memory-queue.ts";
import type { StoredJob } from "./stored-job.ts";

/** How a job ended: its result as JSON, or the reason of its failure, and which ended jobs to keep. */
export interface Ending {
  outcome: "completed" | "failed";
  value: string;
  keep: KeepJobs;
  attempts: number;
  metricsPoints: number | undefined;
}

/** What BullMQ means by `removeOnComplete` and `removeOnFail`: the job's own, then the worker's, then keep all. */
export function keepOf(
  own: boolean | number | KeepJobs | undefined,
  workers: KeepJobs | undefined,
): KeepJobs {
  if (own === undefined) return workers ?? { count: -1 };
  if (typeof own === "object") return own;
  if (typeof own === "number") return { count: own };
  return { count: own ? 0 : -1 };
}

/** Sets the fields that a failed attempt reports. */
export function setFields(job: StoredJob, fields: Record<string, unknown> | undefined): void {
  if (typeof fields?.["failedReason"] === "string") job.failedReason = fields["failedReason"];
  if (typeof fields?.["stacktrace"] === "string") job.stacktrace = fields["stacktrace"];
}

/** Ends a job that was just released; answers with the time recorded. */
export function endJob(queue: MemoryQueue, job: StoredJob, ending: Ending): number {
  const now = Date.now();
  const { outcome, value } = ending;
  queue.deduplication.finished(job);
  job.attemptsMade += 1;
  if (ending.keep.count === 0) {
    queue.jobs.delete(job.id);
  } else {
    job.finishedOn = now;
    if (outcome === "completed") {
      job.returnvalue = value;
    } else {
      job.failedReason = value;
      job.deferredFailure = undefined;
    }
    queue.lanes.enter(job, outcome);
    forgetOld(queue, outcome, ending.keep, now);
  }
  const facts = outcome === "completed" ? { returnvalue: value } : { failedReason: value };
  queue.tell(outcome, { jobId: job.id, ...facts, prev: "active" });
  if (outcome === "failed" && job.attemptsMade >= ending.attempts) {
    queue.tell("retries-exhausted", { jobId: job.id, attemptsMade: job.attemptsMade });
  }
  if (ending.metricsPoints) queue.metrics[outcome].record(ending.metricsPoints, now);
  return now;
}

function forgetOld(queue: MemoryQueue, outcome: "completed" | "failed", keep: KeepJobs, now: number): void {
  const ended = queue.lanes[outcome];
  const forget = (job: StoredJob): void => {
    queue.lanes.leave(job);
    queue.jobs.delete(job.id);
  };
  if ("age" in keep) {
    const lastAt = now - keep.age * 1_000;
    let left = keep.limit ?? 1_000;
    for (let job = ended.first; job && left > 0 && (job.finishedOn ?? 0) <= lastAt; job = ended.first) {
      forget(job);
      left -= 1;
    }
  }
  const { count } = keep;
  if (count === undefined || count < 0) return;
  for (let job = ended.first; job && ended.size > count; job = ended.first) forget(job);
}
