import { Piscina } from "piscina";

/** What a task needs of the threads: the exported function's name, and when to give it up. */
export interface ThreadTask {
  name: string;
  signal?: AbortSignal;
  /** The thread to be preferred, by its index. */
  thread?: number;
}

/**
 * Worker threads that can be told apart, so that a document may return to the one that knows it. Each is a pool of one:
 * a thread that dies or is given up takes only its own task along, and is started again.
 */
export class Threads {
  readonly #pools: readonly Piscina[];
  readonly #busy: number[];

  constructor(count: number, module: URL) {
    this.#busy = Array.from({ length: count }, () => 0);
    this.#pools = this.#busy.map(
      () =>
        new Piscina({
          filename: module.href,
          minThreads: 0,
          maxThreads: 1,
          idleTimeout: 30_000,
          concurrentTasksPerWorker: 1,
        }),
    );
  }

  /** A thread with nothing to do, the wanted one if it is such; undefined when all are busy. */
  free(wanted?: number): number | undefined {
    if (wanted !== undefined && this.#busy[wanted] === 0) return wanted;
    const found = this.#busy.indexOf(0);
    return found === -1 ? undefined : found;
  }

  /** How many have nothing to do. */
  freeCount(): number {
    return this.#busy.filter((tasks) => tasks === 0).length;
  }

  /** Rejects when the thread dies, the signal comes, or the threads are closed. */
  async run<T>(data: unknown, { name, signal, thread }: ThreadTask): Promise<T> {
    const index = thread ?? this.leastBusy();
    this.#busy[index] = (this.#busy[index] ?? 0) + 1;
    try {
      return await this.#pools[index]?.run(data, { name, ...(signal !== undefined && { signal }) });
    } finally {
      this.#busy[index] = (this.#busy[index] ?? 1) - 1;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }

  /** The thread with the fewest tasks. */
  leastBusy(): number {
    return this.#busy.indexOf(Math.min(...this.#busy));
  }
}
