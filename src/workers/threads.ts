import { Piscina } from "piscina";

/**
 * Worker threads that can be told apart, so that a document may return to the one that knows it. Each is a pool of one:
 * a thread that dies or is given up takes only its own task along, and is started again.
 */
export class Threads {
  readonly #pools: readonly Piscina[];
  readonly #busy: boolean[];

  constructor(count: number, module: URL) {
    this.#busy = Array.from({ length: count }, () => false);
    this.#pools = this.#busy.map(() => {
      const pool = new Piscina({
        filename: module.href,
        minThreads: 0,
        maxThreads: 1,
        idleTimeout: 30_000,
        concurrentTasksPerWorker: 1,
      });
      // Of a thread that can't start, when its memory or its code is not to be had: unheard, it would end the engine.
      pool.on("error", () => undefined);
      return pool;
    });
  }

  /** A thread with nothing to do, the wanted one if it is such; undefined when all are busy. */
  free(wanted?: number): number | undefined {
    if (wanted !== undefined && this.#busy[wanted] === false) return wanted;
    const found = this.#busy.indexOf(false);
    return found === -1 ? undefined : found;
  }

  /** How many have nothing to do. */
  freeCount(): number {
    return this.#busy.filter((busy) => !busy).length;
  }

  /** From now on it is not free, until it is released. */
  take(thread: number): void {
    this.#busy[thread] = true;
  }

  release(thread: number): void {
    this.#busy[thread] = false;
  }

  /**
   * Calls the module's function in a thread that was taken; rejects when the thread dies or needs longer than it may.
   * The time counts from now: nothing waits here.
   */
  async run<T>(thread: number, name: string, data: unknown, milliseconds: number): Promise<T> {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), milliseconds);
    try {
      return await this.#pools[thread]?.run(data, { name, signal: giveUp.signal });
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }
}
