import { isMainThread, parentPort, Worker as Thread, workerData } from "node:worker_threads";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { type Figures, figuresOf } from "./figures.ts";

const queueName = "no-op";
const concurrency = 100;

/** Raw BullMQ: jobs that do nothing, added a hundred at a time (or one), taken by a worker in a thread of its own. */
export async function benchBullmq(
  redisUrl: string,
  { commands, callers, each }: { commands: number; callers: number; each: number },
): Promise<Figures> {
  const { hostname: host, port } = new URL(redisUrl);
  const connection = { host, port: Number(port) };
  const thread = new Thread(new URL(import.meta.url), { workerData: { connection, commands } });
  const ready = new Promise<void>((resolve) => thread.once("message", () => resolve()));
  const queue = new Queue(queueName, { connection });
  await queue.waitUntilReady();
  await ready;
  const ended = new Promise<void>((resolve) => thread.once("message", () => resolve()));
  const waits: number[] = [];
  const start = performance.now();
  const groups = Array.from({ length: commands / each }, (_, n) => n).values();
  const add = async () => {
    for (const group of groups) {
      const asked = performance.now();
      const jobs = Array.from({ length: each }, (_, i) => ({
        name: "no-op",
        data: { n: group * each + i },
        opts: { removeOnComplete: true },
      }));
      if (each === 1) await queue.add("no-op", { n: group }, { removeOnComplete: true });
      else await queue.addBulk(jobs);
      waits.push(performance.now() - asked);
    }
  };
  await Promise.all([...Array.from({ length: callers }, add), ended]);
  const seconds = (performance.now() - start) / 1000;
  await queue.close();
  await thread.terminate();
  return figuresOf(`raw BullMQ no-op, ${each === 1 ? "one" : each} a call`, commands, { seconds, waits });
}

/** What Redis says of its append-only file. */
export async function fsyncOfRedis(redisUrl: string): Promise<Record<string, string>> {
  const client = new Redis(redisUrl);
  const [, appendonly = ""] = (await client.config("GET", "appendonly")) as string[];
  const [, appendfsync = ""] = (await client.config("GET", "appendfsync")) as string[];
  client.disconnect();
  return { appendonly, appendfsync };
}

if (!isMainThread) {
  const { connection, commands } = workerData as { connection: object; commands: number };
  let done = 0;
  const worker = new Worker(queueName, async () => undefined, { connection, concurrency });
  worker.on("completed", () => {
    done++;
    if (done === commands) parentPort?.postMessage("done");
  });
  await worker.waitUntilReady();
  parentPort?.postMessage("ready");
}
