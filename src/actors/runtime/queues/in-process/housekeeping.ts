import type { End } from "./lanes.ts";
import type { MemoryQueue } from "./memory-queue.ts";
import { missingJob } from "./refusals.ts";
import type { Lane, StoredJob } from "./stored-job.ts";

/** BullMQ's name of a state, as its getters and `clean` use it, to ours; undefined for one that we never have. */
export function laneOf(state: string): Lane | undefined {
  switch (state) {
    case "wait":
    case "waiting":
      return "waiting";
    case "prioritized":
    case "delayed":
    case "active":
    case "completed":
    case "failed":
      return state;
    default:
      return undefined;
  }
}

/** Removes the jobs that wait, and the delayed ones if asked. */
export function drain(queue: MemoryQueue, delayedToo: boolean): void {
  for (const lane of ["waiting", "prioritized"] as const) {
    for (const job of queue.lanes.range(lane, 0, -1, true)) queue.drop(job);
  }
  if (delayedToo) for (const job of queue.lanes.range("delayed", 0, -1, true)) queue.drop(job);
}

/** Removes jobs of a state not younger than `timestamp`, `limit` at most (0: all); answers with their ids. */
export function clean(queue: MemoryQueue, state: string, timestamp: number, limit: number): string[] {
  const lane = laneOf(state);
  if (!lane) return [];
  const now = Date.now();
  const cleaned: string[] = [];
  const sorted = lane === "prioritized" || lane === "delayed";
  for (const job of sorted ? queue.lanes[lane].sorted() : queue.lanes[lane]) {
    if (limit > 0 && cleaned.length >= limit) break;
    if (lane === "active" && job.lockedUntil > now) continue;
    if (lastChangeOf(job, lane) > timestamp) continue;
    queue.drop(job);
    cleaned.push(job.id);
  }
  queue.tell("cleaned", { count: cleaned.length });
  return cleaned;
}

function lastChangeOf(job: StoredJob, lane: Lane): number {
  if (lane === "prioritized") return job.timestamp;
  if (lane === "delayed") return job.processedOn ?? job.timestamp;
  return job.finishedOn ?? job.processedOn ?? job.timestamp;
}

/** Destroys a paused queue; active jobs stop it unless forced. */
export function obliterate(queue: MemoryQueue, force: boolean): void {
  if (!queue.meta.has("paused")) throw new Error("Cannot obliterate non-paused queue");
  if (queue.lanes.active.size > 0 && !force) throw new Error("Cannot obliterate queue with active jobs");
  queue.clear();
}

/** Lets an ended job run again; its result or failure is forgotten. */
export function revive(queue: MemoryQueue, job: StoredJob, end: End): void {
  const from = job.lane ?? "unknown";
  queue.lanes.leave(job);
  job.finishedOn = undefined;
  job.processedOn = undefined;
  if (from === "completed") job.returnvalue = undefined;
  else job.failedReason = undefined;
  queue.wait(job, end, from);
}

/** Lets up to `count` jobs ended by `timestamp` run again; answers with 1 while there may be more, else 0. */
export function reviveAll(
  queue: MemoryQueue,
  lane: "completed" | "failed",
  count: number,
  timestamp: number,
): number {
  let left = count;
  for (const job of queue.lanes[lane]) {
    if (left <= 0 || (job.finishedOn ?? 0) > timestamp) break;
    revive(queue, job, "back");
    left -= 1;
  }
  return left <= 0 ? 1 : 0;
}

/** Lets up to `count` delayed jobs run now; answers with 1 while there may be more, else 0. */
export function promoteAll(queue: MemoryQueue, count: number): number {
  let left = count;
  for (let job = queue.lanes.delayed.first; job && left > 0; job = queue.lanes.delayed.first) {
    queue.promote(job);
    left -= 1;
  }
  return left <= 0 ? 1 : 0;
}

/**
 * Lets active jobs run again whose lock has run out and that were already active at the last check: so a job
 * is only given back after one whole interval without a sign of life. Answers with their ids.
 */
export function recoverStalled(queue: MemoryQueue, mostTimes: number, intervalMs: number): string[] {
  const now = Date.now();
  if (now < queue.nextStalledCheckAt) return [];
  queue.nextStalledCheckAt = now + intervalMs;
  const stalled: string[] = [];
  for (const job of queue.lanes.active) {
    if (!job.suspect || job.lockedUntil > now) {
      job.suspect = true;
      continue;
    }
    queue.lanes.leave(job);
    job.unlock();
    job.stalledCounter += 1;
    if (job.stalledCounter > mostTimes) job.deferredFailure = "job stalled more than allowable limit";
    queue.wait(job, "front", "active");
    queue.tell("stalled", { jobId: job.id });
    stalled.push(job.id);
  }
  return stalled;
}

/** Changes the priority of a job, and its place if it waits; in front of its equals when `lifo`. */
export function changePriority(queue: MemoryQueue, jobId: string, priority: number, lifo: boolean): void {
  const job = queue.jobs.get(jobId);
  if (!job) throw missingJob(jobId, "changePriority");
  job.priority = priority;
  if (job.lane !== "waiting" && job.lane !== "prioritized") return;
  queue.lanes.leave(job);
  queue.wait(job, lifo ? "front" : "back");
}
