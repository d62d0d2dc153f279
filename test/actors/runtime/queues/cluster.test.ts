import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect } from "chai";
import { closeCluster, connectCluster } from "../../../../src/actors/runtime/queues/cluster-connection.ts";
import { QueueAway, QueueRefused } from "../../../../src/actors/runtime/queues/errors.ts";
import type { HintQueue } from "../../../../src/actors/runtime/queues/queues.ts";
import { createQueues } from "../../../../src/actors/runtime/queues/queues.ts";
import { QuietLog } from "../../../../src/actors/runtime/queues/quiet-log.ts";
import { redisAddress } from "../../../../src/actors/runtime/queues/redis-address.ts";
import { withClient } from "../../../support/redis.ts";
import { startRedisCluster, type TestCluster } from "../../../support/redis-cluster.ts";
import type { Bench } from "./bench.ts";
import { openBench, until } from "./bench.ts";
import { hintQueueContract } from "./contract.ts";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const builtQueues = new URL("../../../../src/actors/runtime/queues/queues.js", import.meta.url).href;
/** Enough for each of the four queues of a name to get some. */
const keys = Array.from({ length: 64 }, (_, n) => `part-${n}`);

describe("the queue on a Redis Cluster", function () {
  this.timeout(30_000);
  let cluster: TestCluster;
  let bench: Bench;
  before(async function () {
    const started = await startRedisCluster();
    if (!started) return this.skip();
    cluster = started;
  });
  after(() => cluster?.stop());

  hintQueueContract(() => openBench({ url: cluster.url, port: 0 }));

  beforeEach(() => {
    bench = openBench({ url: cluster.url, port: 0 });
  });
  afterEach(async () => {
    await cluster.mend();
    await bench.close();
  });

  /** Adds a hint of every key, and answers with the keys whose queue did not take it. */
  const addAll = async (queue: HintQueue): Promise<string[]> => {
    const results = await Promise.all(
      keys.map((key) =>
        queue.add("wake", { key }, { deduplicationId: key, keepLastIfActive: true }).then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    );
    for (const one of results) if (one !== undefined) expect(one).to.be.instanceOf(QueueAway);
    return keys.filter((_, n) => results[n] !== undefined);
  };
  const working = async () => {
    const queue = bench.queues().queue("wake");
    const seen = new Set<string>();
    await queue.work(async ({ data }) => void seen.add((data as { key: string }).key), { concurrency: 1 });
    await addAll(queue);
    await until(() => seen.size === keys.length);
    seen.clear();
    return { queue, seen };
  };

  it("has some of the wakes and some of the effects on every node", async () => {
    await cluster.flushAll();
    const queues = bench.queues();
    expect(queues.kind).to.equal("redis-cluster");
    for (const name of ["wake", "effects"]) {
      const queue = queues.queue(name);
      await queue.addAll(keys.map((key) => ({ name, data: {}, options: { key } })));
      expect((await queue.counts()).waiting).to.equal(keys.length);
      const perQueue = await Promise.all(queue.bulls.map((bull) => bull.count()));
      expect(Math.min(...perQueue), `of each queue of ${name}`).to.be.above(0);
      expect(Math.min(...(await cluster.keys(`collecte:{${name}*:wait`)))).to.be.above(0);
    }
    await cluster.flushAll();
  });

  it("keeps no more connections than nine a node for an engine that works, and none after it", async () => {
    const before = await cluster.connections();
    const queues = bench.queues();
    for (const [name, concurrency] of [["wake", 1] as const, ["effects", 256] as const]) {
      const queue = queues.queue(name);
      await queue.work(async () => undefined, { concurrency });
      await addAll(queue);
    }
    const during = await cluster.connections();
    during.forEach((count, n) => {
      expect(count - (before[n] ?? 0)).to.be.within(1, 9);
    });
    await queues.close();
    await until(async () => (await cluster.connections()).every((count, n) => count <= (before[n] ?? 0)));
  });

  it("goes on after FLUSHALL of all nodes", async () => {
    const { queue, seen } = await working();
    await cluster.flushAll();
    await addAll(queue);
    await until(() => seen.size === keys.length);
  });

  it("fails the adds for a dead node only, fast, and gets them all again when it is back, empty", async () => {
    const { queue, seen } = await working();
    await cluster.nodes[2].kill9();
    await sleep(50);
    const away = await addAll(queue);
    expect(away.length, "keys of the dead node").to.be.within(1, keys.length - 1);
    await until(() => seen.size === keys.length - away.length);
    const begunAt = Date.now();
    for (let n = 0; n < 20; n += 1) expect(await addAll(queue)).to.deep.equal(away);
    expect(Date.now() - begunAt, "ms for 20 × 64 adds").to.be.below(20_000);
    seen.clear();
    await cluster.mend();
    await until(async () => {
      await addAll(queue);
      return away.every((key) => seen.has(key));
    }, 20_000);
    expect(bench.logged.length).to.be.within(1, 40);
  });

  it("starts while a node is away, says which, and works there when it comes", async () => {
    await cluster.nodes[0].kill9();
    const queues = bench.queues();
    await queues.ready();
    expect(bench.logged.join()).to.contain("are away").and.contain(`127.0.0.1:${cluster.nodes[0].port}`);
    const queue = queues.queue("wake");
    const seen = new Set<string>();
    await queue.work(async ({ data }) => void seen.add((data as { key: string }).key), { concurrency: 1 });
    await cluster.mend();
    await until(async () => {
      await addAll(queue);
      return seen.size === keys.length;
    }, 20_000);
  });

  it("starts while all nodes are away, and works when they come", async () => {
    for (const node of cluster.nodes) await node.kill9();
    const queues = bench.queues();
    await queues.ready();
    expect(bench.logged.join()).to.contain("Redis is away");
    const queue = queues.queue("wake");
    const seen = new Set<string>();
    await queue.work(async ({ data }) => void seen.add((data as { key: string }).key), { concurrency: 1 });
    expect(await addAll(queue)).to.deep.equal(keys);
    await cluster.mend();
    await until(async () => {
      await addAll(queue);
      return seen.size === keys.length;
    }, 25_000);
  });

  it("gives up an add after 2 s when a node hangs, holds no others, and goes on when it wakes", async () => {
    const { queue, seen } = await working();
    process.kill(cluster.nodes[1].pid, "SIGSTOP");
    const begunAt = Date.now();
    const away = await addAll(queue);
    expect(away.length).to.be.within(1, keys.length - 1);
    const firstMs = Date.now() - begunAt;
    const againAt = Date.now();
    expect(await addAll(queue)).to.deep.equal(away);
    const secondMs = Date.now() - againAt;
    process.kill(cluster.nodes[1].pid, "SIGCONT");
    expect(firstMs).to.be.within(1_900, 4_000);
    expect(secondMs).to.be.below(500);
    await until(async () => {
      await addAll(queue);
      return seen.size === keys.length;
    }, 20_000);
  });

  for (const [what, count] of [["one node is", 1] as const, ["all nodes are", 3] as const]) {
    it(`lets a process end that closes while ${what} dead`, async () => {
      const pids = cluster.nodes.slice(0, count).map(({ pid }) => pid);
      const script = `
        const { createQueues } = await import(${JSON.stringify(builtQueues)});
        const log = { info() {}, warn() {}, error() {} };
        const queues = createQueues({ log, redisUrl: ${JSON.stringify(cluster.url)} });
        for (const name of ["wake", "effects"]) {
          const queue = queues.queue(name);
          await queue.work(async () => {}, { concurrency: 2 });
          await queue.add("j", {});
        }
        for (const pid of ${JSON.stringify(pids)}) process.kill(pid, "SIGKILL");
        await new Promise((resolve) => setTimeout(resolve, 200));
        await queues.close();`;
      const begunAt = Date.now();
      await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 20_000 });
      expect(Date.now() - begunAt).to.be.below(15_000);
    });
  }

  it("lets a process end that closes while all is well", async () => {
    const script = `
      const { createQueues } = await import(${JSON.stringify(builtQueues)});
      const log = { info() {}, warn() {}, error() {} };
      const queues = createQueues({ log, redisUrl: ${JSON.stringify(cluster.url)} });
      const queue = queues.queue("wake");
      await queue.work(async () => {}, { concurrency: 2 });
      await queue.add("j", {});
      await queues.close();`;
    await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 10_000 });
  });

  it("refuses to start when any node would evict jobs, named in the setting or not", async () => {
    const evicting = cluster.nodes[2];
    await withClient(evicting.port, (client) => client.config("SET", "maxmemory-policy", "allkeys-lru"));
    for (const redisUrl of [cluster.url, cluster.url.split(",").slice(0, 2).join(",")]) {
      const queues = createQueues({ redisUrl, log: silent });
      const refusal = await queues.ready().catch((error: Error) => error);
      await queues.close();
      expect(refusal).to.be.instanceOf(QueueRefused).with.property("message").that.contains("noeviction");
    }
    await withClient(evicting.port, (client) => client.config("SET", "maxmemory-policy", "noeviction"));
  });

  it("refuses to start when the cluster is named by one node, as if it were a server", async () => {
    const [redisUrl] = cluster.url.split(",");
    const queues = createQueues({ redisUrl, log: silent });
    const refusal = await queues.ready().catch((error: Error) => error);
    await queues.close();
    expect(refusal).to.be.instanceOf(QueueRefused).with.property("message").that.contains("is a cluster");
  });

  it("refuses to start with credentials that a node refuses, and says them nowhere", async () => {
    const redisUrl = cluster.url.replaceAll("redis://", "redis://alice:s3cret@");
    bench = openBench({ url: redisUrl, port: 0 });
    const refusal = await bench
      .queues()
      .ready()
      .catch((error: Error) => error);
    expect(refusal).to.be.instanceOf(QueueRefused).with.property("message").that.contains("WRONGPASS");
    expect(`${refusal} ${bench.logged.join()}`).to.not.contain("s3cret");
  });
});

describe("the queue on a Redis Cluster with a replica", function () {
  this.timeout(60_000);
  let cluster: TestCluster | undefined;
  let bench: Bench | undefined;
  afterEach(async () => {
    await bench?.close();
    await cluster?.stop();
  });

  it("goes on with the replica when its master is killed", async function () {
    cluster = await startRedisCluster();
    if (!cluster) return this.skip();
    await cluster.replicateFirst();
    bench = openBench({ url: cluster.url, port: 0 });
    const queue = bench.queues().queue("wake");
    const seen = new Set<string>();
    const addAll = () =>
      Promise.allSettled(
        keys.map((key) => queue.add("wake", { key }, { deduplicationId: key, keepLastIfActive: true })),
      );
    await queue.work(async ({ data }) => void seen.add((data as { key: string }).key), { concurrency: 1 });
    await addAll();
    await until(() => seen.size === keys.length);
    seen.clear();
    await cluster.nodes[0].kill9();
    await addAll();
    await sleep(50);
    expect(seen.size, "before the failover").to.be.below(keys.length);
    await until(async () => {
      await addAll();
      return seen.size === keys.length;
    }, 40_000);
  });
});

describe("a connection to a Redis Cluster", function () {
  this.timeout(10_000);
  it("asks for the version until a node answers, also when BullMQ made it of another", async () => {
    const nowhere = redisAddress("redis://127.0.0.1:1,redis://127.0.0.1:1");
    const first = connectCluster(nowhere, new QuietLog(silent, "redis"));
    const second = first.duplicate();
    for (const cluster of [first, second]) {
      const answers = [new Error("Connection is closed."), new Error("Too many Cluster redirections."), "v7"];
      cluster.call = async () => {
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer;
      };
      expect(await cluster.info()).to.equal("v7");
    }
    await Promise.all([closeCluster(first), closeCluster(second)]);
  });
});
