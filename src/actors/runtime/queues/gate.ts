import { isNotConnectionError } from "bullmq";
import { QueueAway } from "./errors.ts";

const patienceMs = 2_000;

/** What tells a gate about its connection: a BullMQ backend. */
interface Connection {
  waitUntilReady(): Promise<void>;
  on(event: "ready" | "close", listener: () => void): unknown;
}

/**
 * Lets calls through to a queue while it answers, and else fails at once with QueueAway, so that callers never hang
 * and calls never pile up behind a dead connection. Calls made before the first connection wait for it, 2 s at most.
 */
export class Gate {
  #open = false;
  /** Calls given up by their caller that the connection still holds. */
  #overdue = 0;
  readonly #opening: Promise<unknown>;

  constructor(connection: Connection) {
    const opened = connection.waitUntilReady().then(
      () => {
        this.#open = true;
      },
      () => undefined,
    );
    this.#opening = inTime(opened).catch(() => undefined);
    connection.on("ready", () => {
      this.#open = true;
    });
    connection.on("close", () => {
      this.#open = false;
    });
  }

  async pass<T>(call: () => Promise<T>): Promise<T> {
    if (!this.#open) await this.#opening;
    if (!this.#open || this.#overdue > 0) throw new QueueAway();
    const answer = call();
    try {
      return await inTime(answer);
    } catch (error) {
      if (error instanceof QueueAway) this.#waitOut(answer);
      throw isAway(error) ? new QueueAway({ cause: error }) : error;
    }
  }

  #waitOut(answer: Promise<unknown>): void {
    this.#overdue += 1;
    const answered = (): void => {
      this.#overdue -= 1;
    };
    answer.then(answered, answered);
  }
}

/** The promise's own outcome, or QueueAway after 2 s. */
export async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new QueueAway()), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A connection lost, or a server that answers but can't take jobs (loading, read-only, out of memory). */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "ReplyError" || error instanceof QueueAway || !isNotConnectionError(error);
}
