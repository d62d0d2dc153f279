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
 * A cluster stays connected while one of its nodes is dead, so after a failure one call at a time goes through until
 * one succeeds.
 */
export class Gate {
  #open = false;
  #failing = false;
  /** Calls that the connection holds, those given up by their caller among them. */
  #held = 0;
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
    if (!this.#open || (this.#failing && this.#held > 0)) throw new QueueAway();
    try {
      return await inTime(this.#watched(call()));
    } catch (error) {
      const away = isAway(error);
      if (away) this.#failing = true;
      throw away ? new QueueAway({ cause: error }) : error;
    }
  }

  async #watched<T>(answer: Promise<T>): Promise<T> {
    this.#held += 1;
    try {
      const value = await answer;
      this.#failing = false;
      return value;
    } finally {
      this.#held -= 1;
    }
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

/** What ioredis says, in words only, when a cluster or the node of a slot is not there. */
const clusterIsAway =
  /^(Too many Cluster redirections|None of startup nodes|Failed to refresh slots|Cluster is|Connection is)/;

/** A connection lost, or a server that answers but can't take jobs (loading, read-only, out of memory). */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "ReplyError" || error instanceof QueueAway) return true;
  return !isNotConnectionError(error) || clusterIsAway.test(error.message);
}
