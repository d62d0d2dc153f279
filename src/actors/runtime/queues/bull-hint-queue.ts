import type { BackendFactory, JobsOptions, RedisOptions } from "bullmq";
import { Queue } from "bullmq";
import type { Cluster } from "ioredis";
import { BullWorker } from "./bull-worker.ts";
import { Gate, inTime } from "./gate.ts";
import type { Hint, HintOptions, HintQueue, QueueWorker, WorkOptions } from "./queues.ts";
import type { QuietLog } from "./quiet-log.ts";

const keyPrefix = "collecte";
const failuresKept = 100;
const firstBackoffMs = 500;

/** Options of which each user makes a connection of its own, or the connection to a cluster, which they share. */
export type RedisConnection = RedisOptions | Cluster;

/** A HintQueue on one queue of BullMQ: over the backend of a factory, with a gate before it when it is Redis. */
export class BullHintQueue implements HintQueue {
  readonly #bull: Queue;
  readonly #redis: RedisConnection | undefined;
  readonly #factory: BackendFactory;
  readonly #quiet: QuietLog;
  readonly #gate: Gate | undefined;
  readonly #workers = new Set<QueueWorker>();

  constructor(name: string, redis: RedisConnection | undefined, factory: BackendFactory, quiet: QuietLog) {
    this.#redis = redis;
    this.#factory = factory;
    this.#quiet = quiet;
    const options = {
      connection: redis ?? {},
      prefix: keyPrefix,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: { count: failuresKept } },
    };
    // The board and the getters see a Queue; which backend it has is no concern of theirs.
    this.#bull = new Queue(name, options, factory) as unknown as Queue;
    this.#bull.on("error", (error) => this.#quiet.error(error, "the queue's connection failed"));
    if (redis) this.#gate = new Gate(this.#bull.getBackend());
  }

  get bulls(): readonly Queue[] {
    return [this.#bull];
  }

  async add(name: string, data: object, options: HintOptions = {}): Promise<void> {
    await this.#pass(() => this.#bull.add(name, data, jobOptions(options)));
  }

  async addAll(hints: Hint[]): Promise<void> {
    if (hints.length === 0) return;
    const jobs = hints.map(({ name, data, options = {} }) => ({ name, data, opts: jobOptions(options) }));
    await this.#pass(() => this.#bull.addBulk(jobs));
  }

  async work(
    handler: (job: { id: string; name: string; data: unknown }) => Promise<void>,
    { concurrency, givesOnce = false }: WorkOptions,
  ): Promise<QueueWorker> {
    const connection = this.#redis ?? {};
    const options = { connection, prefix: keyPrefix, concurrency, givesOnce };
    const worker = new BullWorker(this.#bull.name, handler, options, this.#factory, this.#quiet);
    this.#workers.add(worker);
    await worker.started();
    return worker;
  }

  async counts() {
    const counts = await this.#pass(() =>
      this.#bull.getJobCounts("waiting", "prioritized", "active", "delayed", "failed", "completed"),
    );
    const count = (state: string): number => counts[state] ?? 0;
    return {
      waiting: count("waiting") + count("prioritized"),
      active: count("active"),
      delayed: count("delayed"),
      failed: count("failed"),
      completed: count("completed"),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    await inTime(this.#bull.close()).catch((error: unknown) => {
      this.#quiet.error(error, "the queue did not close in time");
    });
  }

  #pass<T>(call: () => Promise<T>): Promise<T> {
    return this.#gate ? this.#gate.pass(call) : call();
  }
}

function jobOptions(options: HintOptions): JobsOptions {
  const { jobId, deduplicationId, keepLastIfActive, delayMs, attempts, priority } = options;
  const job: JobsOptions = {};
  if (jobId !== undefined) {
    job.jobId = jobId;
    job.removeOnFail = true;
  }
  if (deduplicationId !== undefined) {
    job.deduplication = { id: deduplicationId, keepLastIfActive: keepLastIfActive ?? false };
  }
  if (delayMs !== undefined && delayMs > 0) job.delay = delayMs;
  if (attempts !== undefined && attempts > 1) {
    job.attempts = attempts;
    job.backoff = { type: "exponential", delay: firstBackoffMs };
  }
  if (priority !== undefined) job.priority = priority;
  return job;
}
