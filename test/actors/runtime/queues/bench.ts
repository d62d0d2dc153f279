import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job, QueueOptions, RedisOptions, WorkerOptions } from "bullmq";
import { Queue, QueueEvents, Worker } from "bullmq";
import type { Log } from "../../../../src/actors/runtime/ports.ts";
import { createInProcessSpace } from "../../../../src/actors/runtime/queues/in-process-backend.ts";
import type { Queues } from "../../../../src/actors/runtime/queues/queues.ts";
import { createQueues } from "../../../../src/actors/runtime/queues/queues.ts";

type Processor = (job: Job) => Promise<unknown>;

/** What one test makes of queues: everything made with it is closed by `close`. */
export interface Bench {
  /** A name that no other test uses. */
  readonly name: string;
  /** What was logged, message by message, with the facts as JSON. */
  readonly logged: string[];
  queues(): Queues;
  queue(options?: Partial<QueueOptions>): Queue;
  worker(run: Processor, options?: Partial<WorkerOptions>): Worker;
  events(): Promise<QueueEvents>;
  close(): Promise<void>;
}

/** A bench on Redis when there are options for it, else in a new in-process space. */
export function openBench(redis?: { url: string; port: number }): Bench {
  const name = `q-${randomUUID()}`;
  const logged: string[] = [];
  const say = (facts: object, message: string): number => logged.push(`${message} ${JSON.stringify(facts)}`);
  const log: Log = { info: say, warn: say, error: say };
  const made: { close(): Promise<void> }[] = [];
  const kept = <T extends { close(): Promise<void>; on(event: "error", listener: () => void): unknown }>(
    it: T,
  ): T => {
    made.push(it);
    it.on("error", () => undefined);
    return it;
  };
  const connection: RedisOptions = redis
    ? { host: "127.0.0.1", port: redis.port, maxRetriesPerRequest: null }
    : {};
  // BullMQ's classes are typed by their backend; a test reads them through the interface common to both.
  const factory = (redis ? undefined : createInProcessSpace()) as unknown as undefined;
  return {
    name,
    logged,
    queues() {
      const queues = createQueues({ log, redisUrl: redis?.url });
      made.push(queues);
      return queues;
    },
    queue: (options = {}) => kept(new Queue(name, { connection, ...options }, factory)),
    worker: (run, options = {}) => kept(new Worker(name, run, { connection, ...options }, factory)),
    async events() {
      const events = kept(new QueueEvents(name, { connection }, factory));
      await events.waitUntilReady();
      // Redis gives a reader no sign that it has begun to listen.
      if (redis) await sleep(50);
      return events;
    },
    async close() {
      for (const it of made.reverse()) await it.close();
    },
  };
}

/** Waits until the condition holds, looking every 5 ms; fails after `withinMs`. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${condition}`);
    await sleep(5);
  }
}
