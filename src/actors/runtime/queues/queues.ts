import type { BackendFactory, Queue } from "bullmq";
import { createRedisBackend } from "bullmq";
import type { Log } from "../ports.ts";
import { BullHintQueue } from "./bull-hint-queue.ts";
import { closeCluster, connectCluster } from "./cluster-connection.ts";
import type { QueueAway } from "./errors.ts";
import { createInProcessSpace } from "./in-process-backend.ts";
import { QuietLog } from "./quiet-log.ts";
import { redisAddress, serverOptions } from "./redis-address.ts";
import { checkRedis } from "./redis-check.ts";
import { SpreadQueue } from "./spread-queue.ts";

/** How a hint is queued. */
export interface HintOptions {
  /**
   * Hints of one key keep their order and know each other by `jobId` or `deduplicationId`; on a cluster those of
   * different keys may be on different nodes. Unless said it is the deduplication id, or the job's own id.
   */
  key?: string;
  /**
   * The job's own id: while a job with it waits or runs, adding it again changes nothing. BullMQ refuses integers
   * and ids with one colon. Such a job leaves no trace when it fails, since a kept failure would swallow the next hint.
   */
  jobId?: string;
  /** Hints with the same id are one job as long as it waits or runs. */
  deduplicationId?: string;
  /** With `deduplicationId`: a hint that comes while its job runs makes one more job at its end. */
  keepLastIfActive?: boolean;
  delayMs?: number;
  /** Tries in all, with exponential backoff from half a second; one unless said. */
  attempts?: number;
  /** 1 runs first; jobs without priority run before all that have one. */
  priority?: number;
}

export interface Hint {
  name: string;
  /** Ids only: never a person, a code or a document. */
  data: object;
  options?: HintOptions;
}

export interface WorkOptions {
  /** How many jobs run at once in this process. */
  concurrency: number;
  /**
   * A job whose worker shows no sign of life is given up instead of being given to another: whoever made it will make it
   * again when that is right. Its worker may still be at it, cut off from the queue alone.
   */
  givesOnce?: boolean;
}

export interface QueueWorker {
  /** Takes no more jobs, waits for the running handlers, then lets go. May be called twice. */
  close(): Promise<void>;
}

/** A queue of jobs that may be lost, doubled or late without harm: the store is the truth. */
export interface HintQueue {
  /** Fails with {@link QueueAway} within 2 s when the queue does not answer: the sweeper makes the job again. */
  add(name: string, data: object, options?: HintOptions): Promise<void>;
  /** Adds all, those of one key in order, or fails as `add` does; some may then have been added. */
  addAll(hints: Hint[]): Promise<void>;
  /**
   * Gives jobs to the handler, `concurrency` at once in this worker. A handler that throws is tried again as the job says, except
   * when it throws a Terminal; only the `code` of what it threw goes into the queue.
   */
  work(
    handler: (job: { id: string; name: string; data: unknown }) => Promise<void>,
    options: WorkOptions,
  ): Promise<QueueWorker>;
  /** Jobs by state, those with a priority among the waiting. Fails as `add` does. */
  counts(): Promise<{ waiting: number; active: number; delayed: number; failed: number; completed: number }>;
  /** The BullMQ queues themselves, for the operators' board: one, or several on a cluster. */
  readonly bulls: readonly Queue[];
}

export interface Queues {
  readonly kind: "in-process" | "redis" | "redis-cluster";
  /**
   * Fails with QueueRefused when Redis can't serve: it would evict jobs, or refuses the credentials. A Redis, or
   * a node of one, that is away passes: it is judged, in the log, when it comes.
   */
  ready(): Promise<void>;
  /** The queue of that name; the same object each time. */
  queue(name: string): HintQueue;
  /** Closes all workers, gracefully, then all queues. May be called twice. */
  close(): Promise<void>;
}

/**
 * A slot belongs to one node, and a queue to one slot, so on a cluster a queue is several, `{wake0}` to `{wake3}`. All
 * engines must agree on the number. With four, each of two, three or four nodes with even shares of the slots has some
 * of `wake` and some of `effects`; every further one costs each engine a few connections.
 */
const queuesOnCluster = 4;

/** Queues on Redis when there is a URL (throws QueueRefused when it isn't one), else in this process's memory. */
export function createQueues({ redisUrl, log }: { redisUrl?: string | undefined; log: Log }): Queues {
  const address = redisUrl === undefined ? undefined : redisAddress(redisUrl);
  const cluster = address?.isCluster ? connectCluster(address, new QuietLog(log, "redis")) : undefined;
  const redis = cluster ?? (address && serverOptions(address));
  const factory: BackendFactory = redis ? createRedisBackend : createInProcessSpace();
  const queues = new Map<string, BullHintQueue | SpreadQueue>();
  let checked: Promise<void> | undefined;
  let closed: Promise<void> | undefined;

  function create(name: string): BullHintQueue | SpreadQueue {
    const quiet = new QuietLog(log, name);
    const one = (tag: string) => new BullHintQueue(redis ? `{${tag}}` : tag, redis, factory, quiet);
    if (!cluster) return one(name);
    return new SpreadQueue(Array.from({ length: queuesOnCluster }, (_, n) => one(`${name}${n}`)));
  }

  async function close(): Promise<void> {
    await Promise.all([...queues.values()].map((queue) => queue.close()));
    if (cluster) await closeCluster(cluster);
  }

  return {
    kind: cluster ? "redis-cluster" : redis ? "redis" : "in-process",
    ready() {
      checked ??= address ? checkRedis(address, log) : Promise.resolve();
      return checked;
    },
    queue(name) {
      let queue = queues.get(name);
      if (!queue) {
        queue = create(name);
        queues.set(name, queue);
      }
      return queue;
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}
