import type { JobJson, JobProgress, JobsOptions } from "bullmq";
import type { Linked } from "./linked-list.ts";
import type { Ranked } from "./rank-heap.ts";

/** The states a stored job can be in; BullMQ says "wait" as well as "waiting". */
export type Lane = "waiting" | "prioritized" | "delayed" | "active" | "completed" | "failed";

/** What a worker claims a job with. */
export interface Claim {
  token: string;
  lockMs: number;
  workerName: string | undefined;
}

/**
 * A job as the queue keeps it: the fields of BullMQ's `JobJson` under their own names, so that it is handed
 * to `Job.fromJSON` without a copy, and its place in the queue.
 */
export class StoredJob implements Linked<StoredJob>, Ranked {
  readonly id: string;
  readonly name: string;
  readonly opts: JobsOptions;
  readonly timestamp: number;
  readonly deduplicationId: string | undefined;
  data: string;
  delay: number;
  priority: number;
  progress: JobProgress;
  attemptsMade = 0;
  attemptsStarted = 0;
  stalledCounter = 0;
  processedOn: number | undefined = undefined;
  finishedOn: number | undefined = undefined;
  failedReason: string | undefined = undefined;
  stacktrace: string | undefined = undefined;
  returnvalue: string | undefined = undefined;
  deferredFailure: string | undefined = undefined;
  processedBy: string | undefined = undefined;

  logs: string[] | undefined = undefined;
  lane: Lane | undefined = undefined;
  previous: StoredJob | undefined = undefined;
  next: StoredJob | undefined = undefined;
  rank = 0;
  sequence = 0;
  slot = -1;
  lockToken: string | undefined = undefined;
  lockedUntil = 0;
  /** Seen active without a sign of life by the last stalled check. */
  suspect = false;

  constructor(id: string, json: JobJson) {
    this.id = id;
    this.name = json.name;
    this.data = json.data;
    this.opts = json.opts;
    this.timestamp = json.timestamp;
    this.delay = json.delay ?? json.opts.delay ?? 0;
    this.priority = json.priority ?? json.opts.priority ?? 0;
    this.progress = json.progress;
    this.deduplicationId = json.deduplicationId;
  }

  /** The same object under BullMQ's type: `Job.fromJSON` takes an undefined field for an absent one. */
  get json(): JobJson {
    return this as unknown as JobJson;
  }

  lock(claim: Claim, now: number): void {
    this.lockToken = claim.token;
    this.lockedUntil = now + claim.lockMs;
    this.suspect = false;
  }

  unlock(): void {
    this.lockToken = undefined;
    this.lockedUntil = 0;
    this.suspect = false;
  }
}
