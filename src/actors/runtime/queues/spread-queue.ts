import { crc32 } from "node:zlib";
import type { Queue } from "bullmq";
import { Turns } from "../turns.ts";
import type { BullHintQueue } from "./bull-hint-queue.ts";
import type { Hint, HintOptions, HintQueue, QueueWorker, WorkOptions } from "./queues.ts";

/** One HintQueue over several, so that each node of a cluster has its share: hints of one key go to the same one. */
export class SpreadQueue implements HintQueue {
  readonly #queues: readonly BullHintQueue[];

  constructor(queues: readonly BullHintQueue[]) {
    this.#queues = queues;
  }

  get bulls(): readonly Queue[] {
    return this.#queues.flatMap(({ bulls }) => bulls);
  }

  async add(name: string, data: object, options: HintOptions = {}): Promise<void> {
    await this.#queues[shareOf(options, this.#queues.length)]?.add(name, data, options);
  }

  /** A queue whose node is away fails the call, and keeps nothing from the others. */
  async addAll(hints: Hint[]): Promise<void> {
    const shares = this.#queues.map((): Hint[] => []);
    for (const hint of hints) shares[shareOf(hint.options, shares.length)]?.push(hint);
    const added = await Promise.allSettled(this.#queues.map((queue, n) => queue.addAll(shares[n] ?? [])));
    for (const one of added) if (one.status === "rejected") throw one.reason;
  }

  /** A worker takes its jobs before it knows whether their turn has come: these wait, locked, in this process. */
  async work(
    handler: (job: { id: string; name: string; data: unknown }) => Promise<void>,
    options: WorkOptions,
  ): Promise<QueueWorker> {
    const turns = new Turns(options.concurrency);
    const inTurn: typeof handler = (job) => turns.take(() => handler(job));
    const workers = await Promise.all(this.#queues.map((queue) => queue.work(inTurn, options)));
    return {
      async close() {
        await Promise.all(workers.map((worker) => worker.close()));
      },
    };
  }

  async counts() {
    const all = await Promise.all(this.#queues.map((queue) => queue.counts()));
    const sum = (state: keyof (typeof all)[number]) => all.reduce((total, one) => total + one[state], 0);
    return {
      waiting: sum("waiting"),
      active: sum("active"),
      delayed: sum("delayed"),
      failed: sum("failed"),
      completed: sum("completed"),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close()));
  }
}

function shareOf({ key, deduplicationId, jobId }: HintOptions = {}, count: number): number {
  return crc32(key ?? deduplicationId ?? jobId ?? "") % count;
}
