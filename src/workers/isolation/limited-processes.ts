import { Overloaded } from "../../actors/runtime/errors.ts";
import { LimitedProcess, type Outcome, type ProcessSettings } from "./limited-process.ts";

/** Most files take well under a second. */
const RETRY_AFTER_SECONDS = 5;

/** How many processes there are, and how many questions may wait for one before the next is refused. */
export interface ProcessesSettings<A> extends Omit<ProcessSettings<A>, "warn"> {
  readonly processes: number;
  readonly waiting: number;
  /** Told once which of the bounds this machine does not give. */
  readonly warn?: ((missing: readonly string[]) => void) | undefined;
}

/** Processes that read unknown files, kept warm, each on one file at a time; they start with the first that needs them. */
export class LimitedProcesses<A> {
  readonly #places: readonly LimitedProcess<A>[];
  readonly #mostWaiting: number;
  readonly #queue: { question: object; mostBytes: number; settle(outcome: Outcome<A>): void }[] = [];
  #isClosed = false;

  constructor({ processes, waiting, warn, ...settings }: ProcessesSettings<A>) {
    let warned = false;
    const warnOnce = (missing: readonly string[]) => {
      if (!warned) warn?.(missing);
      warned = true;
    };
    this.#mostWaiting = waiting;
    this.#places = Array.from(
      { length: processes },
      () => new LimitedProcess({ ...settings, warn: warnOnce }),
    );
  }

  /**
   * A question that kills its process or takes too long is answered as such, and only that one; `mostBytes` may come by
   * the other pipe. Rejects with `Overloaded`, and nothing else, when as many wait as may.
   */
  ask(question: object, mostBytes = 0): Promise<Outcome<A>> {
    if (this.#isClosed) return Promise.resolve(closed);
    if (this.#queue.length >= this.#mostWaiting) return Promise.reject(new Overloaded(RETRY_AFTER_SECONDS));
    return new Promise((settle) => {
      this.#queue.push({ question, mostBytes, settle });
      this.#serve();
    });
  }

  /** Ends the processes; questions still waiting are answered as failed. Twice is fine. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { settle } of this.#queue.splice(0)) settle(closed);
    await Promise.all(this.#places.map((place) => place.close()));
  }

  #serve(): void {
    for (const place of this.#places) {
      const next = place.isBusy ? undefined : this.#queue.shift();
      if (next === undefined) continue;
      place.ask(next.question, next.mostBytes, (outcome) => {
        next.settle(outcome);
        this.#serve();
      });
    }
  }
}

const closed = { ok: false, isTimeout: false, detail: "closed" } as const;
