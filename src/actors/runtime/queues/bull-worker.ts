import type { BackendFactory, IQueueBackend, Job } from "bullmq";
import { UnrecoverableError, Worker } from "bullmq";
import { codeOf, Terminal } from "../errors.ts";
import type { RedisConnection } from "./bull-hint-queue.ts";
import { inTime } from "./gate.ts";
import type { QueueWorker } from "./queues.ts";
import type { QuietLog } from "./quiet-log.ts";

/**
 * A dead process holds its jobs, and the deduplication ids of their hints, until its locks run out and a check has
 * seen it twice: 9 s at worst, where BullMQ's defaults take a minute. Then others get the job, unless the worker is told
 * that a job is for one pair of hands only.
 */
const lockMs = 6_000;
const stalledCheckMs = 3_000;
const mostStalls = 10;

type Handler = (job: { id: string; name: string; data: unknown }) => Promise<void>;

class LeavableWorker extends Worker<unknown, void, string, IQueueBackend> {
  /**
   * Lets go of everything that keeps the process alive, after a `close` that hangs: BullMQ waits there for the
   * `end` of a connection, which ioredis never tells when it was just reconnecting.
   */
  async leave(): Promise<void> {
    await this.lockManager.close();
    await this.backend.close(true);
  }
}

/** A BullMQ worker that closes in bounded time, and lets nothing rich into the queue. */
export class BullWorker implements QueueWorker {
  readonly #worker: LeavableWorker;
  readonly #handler: Handler;
  readonly #quiet: QuietLog;
  readonly #running = new Set<Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor(
    queue: string,
    handler: Handler,
    options: { connection: RedisConnection; prefix: string; concurrency: number; givesOnce: boolean },
    factory: BackendFactory,
    quiet: QuietLog,
  ) {
    this.#handler = handler;
    this.#quiet = quiet;
    const { givesOnce, ...others } = options;
    const settings = {
      ...others,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      maxStalledCount: givesOnce ? 0 : mostStalls,
    };
    const run = (job: Job): Promise<void> => this.#run(job);
    this.#worker = new LeavableWorker(queue, run, settings, factory);
    this.#worker.on("error", (error) => quiet.error(error, "the worker's connection failed"));
  }

  /** Waits for the connection, 2 s at most: without it the worker starts when the queue comes. */
  async started(): Promise<void> {
    await inTime(this.#worker.waitUntilReady()).catch(() => undefined);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const closed = this.#worker.close();
    const settled = closed.then(
      () => true,
      () => true,
    );
    while (this.#running.size > 0 && !(await Promise.race([settled, this.#finished()]))) {}
    await inTime(settled).catch(async (error: unknown) => {
      this.#quiet.error(error, "the worker did not close in time");
      await inTime(this.#worker.leave()).catch(() => undefined);
    });
  }

  /** False once the handlers that run now have ended. */
  async #finished(): Promise<false> {
    await Promise.allSettled(this.#running);
    return false;
  }

  async #run(job: Job): Promise<void> {
    const handle = async (): Promise<void> =>
      this.#handler({ id: job.id ?? "", name: job.name, data: job.data });
    const running = handle();
    this.#running.add(running);
    try {
      await running;
    } catch (error) {
      this.#quiet.error(error, `a ${job.name} job failed`);
      throw withoutWords(error);
    } finally {
      this.#running.delete(running);
    }
  }
}

/** The failure as the queue may keep it: its code, and where it was thrown, without the words of the error. */
function withoutWords(error: unknown): Error {
  const code = codeOf(error);
  const failure = error instanceof Terminal ? new UnrecoverableError(code) : new Error(code);
  const frames =
    error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line)) : [];
  failure.stack = [`${failure.name}: ${code}`, ...frames].join("\n");
  return failure;
}
