import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./folders.ts";
import { freePort } from "./ports.ts";
import { startRedis, type TestRedis, withClient } from "./redis.ts";

const slotCount = 16_384;

/** A Redis Cluster of three masters without replicas, of the test's own. */
export interface TestCluster {
  /** As the setting REDIS_URL has it. */
  readonly url: string;
  readonly nodes: readonly [TestRedis, TestRedis, TestRedis];
  /** On each node, how many keys it holds whose name matches. */
  keys(pattern: string): Promise<number[]>;
  /** On each node, how many connections it has, this question's own not counted. */
  connections(): Promise<number[]>;
  /** Empties all nodes that run. */
  flushAll(): Promise<void>;
  /** Starts again, empty, what was killed, and waits until all nodes serve all slots. */
  mend(): Promise<void>;
  stop(): Promise<void>;
}

/** Answers with undefined, and a warning, when there is no redis-server on this machine; throws when CI is "true". */
export async function startRedisCluster(): Promise<TestCluster | undefined> {
  const folder = await temporaryFolder();
  const started: TestRedis[] = [];
  for (const n of [0, 1, 2]) {
    const node = await startRedis([
      ...["--cluster-enabled", "yes", "--cluster-config-file", join(folder, `nodes-${n}.conf`)],
      // The usual bus port, 10,000 higher, may be taken or too high.
      ...["--cluster-port", String(await freePort()), "--cluster-node-timeout", "2000"],
      // One node's slots are then nobody else's trouble.
      ...["--cluster-require-full-coverage", "no"],
    ]);
    if (node) started.push(node);
  }
  const [first, second, third] = started;
  if (!first || !second || !third) {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
  const nodes: TestCluster["nodes"] = [first, second, third];
  const running = () => nodes.filter((node) => node.running);

  for (const [n, node] of nodes.entries()) {
    const from = Math.ceil((n * slotCount) / nodes.length);
    const to = Math.ceil(((n + 1) * slotCount) / nodes.length) - 1;
    await withClient(node.port, (client) => client.call("CLUSTER", "ADDSLOTSRANGE", from, to));
  }
  for (const node of [second, third]) {
    const bus = await withClient(node.port, (client) => client.config("GET", "cluster-port"));
    const [, busPort] = bus as [string, string];
    await withClient(first.port, (client) => client.call("CLUSTER", "MEET", "127.0.0.1", node.port, busPort));
  }
  await allServe(nodes);

  return {
    url: nodes.map(({ port }) => `redis://127.0.0.1:${port}`).join(","),
    nodes,
    keys: (pattern) =>
      Promise.all(
        running().map(({ port }) => withClient(port, async (client) => (await client.keys(pattern)).length)),
      ),
    connections: () =>
      Promise.all(
        running().map(({ port }) =>
          withClient(
            port,
            async (client) =>
              String(await client.client("LIST"))
                .trim()
                .split("\n").length - 1,
          ),
        ),
      ),
    async flushAll() {
      await Promise.all(running().map((node) => node.flushAll()));
    },
    async mend() {
      for (const node of nodes) if (!node.running) await node.restart();
      await allServe(nodes);
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until every node knows that all of them serve all slots. */
async function allServe(nodes: readonly TestRedis[]): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const states = await Promise.all(
      nodes.map(({ port }) => withClient(port, (client) => client.call("CLUSTER", "INFO")).catch(() => "")),
    );
    const isWhole = (state: unknown) =>
      ["cluster_state:ok", "cluster_known_nodes:3", `cluster_slots_ok:${slotCount}`].every((fact) =>
        String(state).includes(fact),
      );
    if (states.every(isWhole)) return;
    await sleep(50);
  }
  throw new Error("the nodes of the Redis Cluster do not find each other");
}
