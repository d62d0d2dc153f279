import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./folders.ts";
import { freePort } from "./ports.ts";
import { startRedis, type TestRedis, withClient } from "./redis.ts";

const slotCount = 16_384;

/** A Redis Cluster of three masters, of the test's own. */
export interface TestCluster {
  /** The masters, as the setting REDIS_URL has them. */
  readonly url: string;
  readonly nodes: readonly [TestRedis, TestRedis, TestRedis];
  /** Makes a replica of the first node; returns when it would take its place. Not for use with `mend`. */
  replicateFirst(): Promise<void>;
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
  const startNode = async () => {
    const node = await startRedis([
      ...["--cluster-enabled", "yes", "--cluster-config-file", join(folder, `nodes-${started.length}.conf`)],
      // The usual bus port, 10,000 higher, may be taken or too high.
      ...["--cluster-port", String(await freePort()), "--cluster-node-timeout", "2000"],
      // One node's slots are then nobody else's trouble.
      ...["--cluster-require-full-coverage", "no"],
    ]);
    if (node) started.push(node);
    return node;
  };
  for (const _ of [0, 1, 2]) await startNode();
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
  const meet = async (node: TestRedis) => {
    const bus = await withClient(node.port, (client) => client.config("GET", "cluster-port"));
    const [, busPort] = bus as [string, string];
    await withClient(first.port, (client) => client.call("CLUSTER", "MEET", "127.0.0.1", node.port, busPort));
  };
  for (const node of [second, third]) await meet(node);
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
    async replicateFirst() {
      const replica = await startNode();
      if (!replica) throw new Error("redis-server is gone");
      await meet(replica);
      const id = await withClient(first.port, (client) => client.call("CLUSTER", "MYID"));
      await eventually(() =>
        withClient(replica.port, (client) => client.call("CLUSTER", "REPLICATE", String(id))),
      );
      await eventually(async () => {
        const facts = await withClient(replica.port, (client) => client.info("replication"));
        if (!facts.includes("master_link_status:up")) throw new Error("the replica has not caught up");
      });
    },
    async stop() {
      await Promise.all(started.map((node) => node.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until every node knows that all of them serve all slots. */
function allServe(nodes: readonly TestRedis[]): Promise<void> {
  return eventually(async () => {
    for (const { port } of nodes) {
      const state = String(await withClient(port, (client) => client.call("CLUSTER", "INFO")));
      for (const fact of ["cluster_state:ok", "cluster_known_nodes:3", `cluster_slots_ok:${slotCount}`])
        if (!state.includes(fact)) throw new Error(`the Redis Cluster is not whole: no ${fact}`);
    }
  });
}

/** Tries every 50 ms until it does not fail, for 20 s. */
async function eventually(act: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + 20_000;
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(50);
    }
  }
}
