import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect } from "chai";
import { Redis } from "ioredis";
import { QueueAway, QueueRefused } from "../../../../src/actors/runtime/queues/errors.ts";
import { createQueues } from "../../../../src/actors/runtime/queues/queues.ts";
import type { TestRedis } from "../../../support/redis.ts";
import { startRedis } from "../../../support/redis.ts";
import type { Bench } from "./bench.ts";
import { openBench, until } from "./bench.ts";
import { boardContract } from "./board-contract.ts";
import { bullContract } from "./bull-contract.ts";
import { hintQueueContract } from "./contract.ts";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe("the queue on Redis", function () {
  this.timeout(30_000);
  let redis: TestRedis;
  let bench: Bench;
  before(async function () {
    const started = await startRedis();
    if (!started) return this.skip();
    redis = started;
  });
  after(() => redis?.stop());

  hintQueueContract(() => openBench(redis));

  describe("under BullMQ's classes", () => bullContract(() => openBench(redis)));

  describe("as the operators see it", () => boardContract(() => openBench(redis)));

  describe("with a server that fails", () => {
    beforeEach(() => {
      bench = openBench(redis);
    });
    afterEach(async () => {
      if (!redis.running) await redis.restart();
      await bench.close();
    });

    const working = async () => {
      const queue = bench.queues().queue(bench.name);
      const seen: unknown[] = [];
      await queue.work(async ({ data }) => void seen.push(data), { concurrency: 3 });
      await queue.add("wake", { n: 0 });
      await until(() => seen.length === 1);
      return { queue, seen };
    };
    const outcome = async (promise: Promise<unknown>): Promise<{ result: unknown; ms: number }> => {
      const begunAt = Date.now();
      const result = await promise.catch((error: unknown) => error);
      return { result, ms: Date.now() - begunAt };
    };

    it("goes on after FLUSHALL, with sleeping and with running workers", async () => {
      const { queue, seen } = await working();
      await redis.flushAll();
      await queue.add("wake", { n: 1 }, { deduplicationId: "d", keepLastIfActive: true });
      await until(() => seen.length === 2);

      let letGo = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      let started = 0;
      const busy = bench.queues().queue(`${bench.name}-busy`);
      await busy.work(
        async () => {
          started += 1;
          if (started === 1) await held;
        },
        { concurrency: 2 },
      );
      await busy.add("wake", {}, { deduplicationId: "d", keepLastIfActive: true });
      await until(() => started === 1);
      await redis.flushAll();
      letGo();
      await sleep(50);
      await busy.add("wake", {}, { deduplicationId: "d", keepLastIfActive: true });
      await until(() => started === 2);
      expect(bench.logged.join("\n")).to.contain("the worker's connection failed");
    });

    it("fails adds fast while the server is dead, and works again when it is back, empty", async () => {
      const { queue, seen } = await working();
      await redis.kill9();
      await sleep(50);
      const { result, ms } = await outcome(queue.add("wake", { n: 1 }));
      expect(result).to.be.instanceOf(QueueAway).with.property("code", "queue_away");
      expect(ms).to.be.below(3_500);
      const begunAt = Date.now();
      const many = await Promise.all(
        Array.from({ length: 5_000 }, () => outcome(queue.add("wake", { n: 2 }))),
      );
      expect(Date.now() - begunAt).to.be.below(1_500);
      expect(many.filter(({ result }) => !(result instanceof QueueAway))).to.deep.equal([]);
      expect((await outcome(queue.counts())).result).to.be.instanceOf(QueueAway);
      await until(() => bench.logged.length > 0);

      await redis.restart();
      await until(
        async () => !((await outcome(queue.add("wake", { n: 3 }))).result instanceof QueueAway),
        8_000,
      );
      await until(() => seen.length >= 2, 8_000);
      expect(seen.at(-1)).to.deep.equal({ n: 3 });
      expect(bench.logged.length).to.be.within(1, 20);
    });

    it("gives up an add after 2 s when the server hangs, holds no others, and goes on when it wakes", async () => {
      const { queue, seen } = await working();
      process.kill(redis.pid, "SIGSTOP");
      const { result, ms } = await outcome(queue.add("wake", { n: 1 }));
      expect(result).to.be.instanceOf(QueueAway);
      expect(ms).to.be.within(1_900, 3_500);
      expect((await outcome(queue.add("wake", { n: 2 }))).ms).to.be.below(500);
      process.kill(redis.pid, "SIGCONT");
      await until(() => seen.length === 2);
      await queue.add("wake", { n: 3 });
      await until(() => seen.length === 3);
      expect(seen).to.deep.equal([{ n: 0 }, { n: 1 }, { n: 3 }]);
    });

    it("starts while the server is away, and works when it comes", async () => {
      await redis.kill9();
      const queues = bench.queues();
      await queues.ready();
      const queue = queues.queue(bench.name);
      let ran = 0;
      await queue.work(
        async () => {
          ran += 1;
        },
        { concurrency: 1 },
      );
      expect((await outcome(queue.add("wake", {}))).result).to.be.instanceOf(QueueAway);
      await redis.restart();
      await until(async () => !((await outcome(queue.add("wake", {}))).result instanceof QueueAway), 8_000);
      await until(() => ran > 0, 8_000);
    });

    it("closes in bounded time while the server is dead, with a handler that runs", async () => {
      const queues = bench.queues();
      const queue = queues.queue(bench.name);
      let ended = false;
      let begun = false;
      await queue.work(
        async () => {
          begun = true;
          await sleep(300);
          ended = true;
        },
        { concurrency: 2 },
      );
      await queue.add("effect", {});
      await until(() => begun);
      await redis.kill9();
      const { ms } = await outcome(queues.close());
      expect(ended).to.equal(true);
      expect(ms).to.be.below(9_000);
    });

    it("lets a process end that closes while the server is dead", async () => {
      const script = `
        const { createQueues } = await import(${JSON.stringify(builtQueues)});
        const log = { info() {}, warn() {}, error() {} };
        const queues = createQueues({ log, redisUrl: ${JSON.stringify(redis.url)} });
        const queue = queues.queue("q");
        await queue.work(async () => {}, { concurrency: 2 });
        await queue.add("j", {});
        process.kill(${redis.pid}, "SIGKILL");
        await new Promise((resolve) => setTimeout(resolve, 200));
        await queues.close();`;
      const begunAt = Date.now();
      await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 15_000 });
      expect(Date.now() - begunAt).to.be.below(12_000);
    });

    it("finds the hint of a killed process again in 12 s, though its deduplication id is held", async () => {
      const script = `
        const { createQueues } = await import(${JSON.stringify(builtQueues)});
        const log = { info() {}, warn() {}, error() {} };
        const queue = createQueues({ log, redisUrl: ${JSON.stringify(redis.url)} }).queue(${JSON.stringify(bench.name)});
        await queue.work(() => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); }, { concurrency: 1 });`;
      const queue = bench.queues().queue(bench.name);
      const options = { deduplicationId: "part-1", keepLastIfActive: true };
      await queue.add("wake", {}, options);
      const died = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]).catch(
        (error: { signal?: string }) => error,
      );
      expect(died).to.have.property("signal", "SIGKILL");
      let ran = 0;
      await queue.work(
        async () => {
          ran += 1;
        },
        { concurrency: 1 },
      );
      await queue.add("wake", {}, options);
      await until(() => ran > 0, 12_000);
    });
  });

  it("gives a job whose lock was lost to another worker, and not when it is to be given once", async () => {
    const bench = openBench(redis);
    const given: string[] = [];
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    for (const worker of ["one", "other"]) {
      const handler = (kind: string) => async () => {
        given.push(`${kind} ${worker}`);
        await ended;
      };
      const own = bench.queues();
      await own.queue(`${bench.name}-often`).work(handler("often"), { concurrency: 1 });
      await own.queue(`${bench.name}-once`).work(handler("once"), { concurrency: 1, givesOnce: true });
    }
    const queues = bench.queues();
    await queues.queue(`${bench.name}-often`).add("act", {});
    await queues.queue(`${bench.name}-once`).add("act", {});
    await until(() => given.length === 2);
    // As if the way from the workers to Redis were cut: their locks run out, and they are still at it.
    const client = new Redis(redis.url);
    const cut = setInterval(async () => {
      const locks = await client.keys(`*${bench.name}*:lock`);
      if (locks.length > 0) await client.del(locks);
    }, 100);
    await until(() => given.length === 3, 15_000);
    await sleep(3_500);
    clearInterval(cut);
    client.disconnect();
    expect(given.filter((one) => one.startsWith("once"))).to.have.length(1);
    end();
    await bench.close();
  });

  describe("with a server that can't serve", () => {
    it("refuses to start when it would evict jobs, and names the setting", async () => {
      const evicting = await startRedis(["--maxmemory-policy", "allkeys-lru"]);
      const queues = createQueues({ redisUrl: evicting?.url, log: silent });
      const refusal = await queues.ready().catch((error: Error) => error);
      await evicting?.stop();
      expect(refusal).to.be.instanceOf(QueueRefused).with.property("code", "queue_refused");
      expect(refusal).to.have.property("message").that.contains("REDIS_URL").and.contains("noeviction");
    });

    it("refuses to start with credentials that Redis refuses, and says them nowhere", async () => {
      bench = openBench({ ...redis, url: `redis://alice:s3cret@127.0.0.1:${redis.port}` });
      const queues = bench.queues();
      const refusal = await queues.ready().catch((error: Error) => error);
      const added = await queues
        .queue("q")
        .add("wake", {})
        .catch((error: Error) => error);
      await bench.close();
      expect(refusal).to.be.instanceOf(QueueRefused).with.property("message").that.contains("WRONGPASS");
      expect(added).to.be.instanceOf(QueueAway);
      expect(`${refusal} ${added} ${bench.logged.join()}`).to.not.contain("s3cret");
      expect(bench.logged).to.not.deep.equal([]);
    });
  });
});

const builtQueues = new URL("../../../../src/actors/runtime/queues/queues.js", import.meta.url).href;

describe("the setting REDIS_URL", () => {
  it("must be a redis URL, and is never said", () => {
    for (const redisUrl of ["s3cret", "http://:s3cret@localhost", "redis://:s3cret@localhost/name"]) {
      const create = (): unknown => createQueues({ redisUrl, log: silent });
      expect(create)
        .to.throw(QueueRefused)
        .with.property("message")
        .that.contains("REDIS_URL")
        .and.not.contains("s3cret");
    }
  });
});
