import { Redis } from "ioredis";
import type { Log } from "../ports.ts";
import { QueueRefused } from "./errors.ts";
import type { RedisAddress, RedisNode } from "./redis-address.ts";

const checkTimeoutMs = 2_000;

/** What one node says of itself; undefined is one that did not answer. */
interface NodeReport {
  policy: string | undefined;
  isCluster: boolean;
  /** All that hold keys, when it is part of a cluster. */
  masters: RedisNode[];
}

/**
 * Fails with QueueRefused when a server that would hold jobs would evict them or refuses us, or when the setting calls
 * a cluster a server or the other way round; only logs when one is away.
 */
export async function checkRedis(address: RedisAddress, log: Log): Promise<void> {
  const named = await Promise.all(address.nodes.map((node) => report(address, node)));
  const known = new Set(address.nodes.map(nameOf));
  const masters = named.find((one) => one !== undefined)?.masters ?? [];
  const others = masters.filter((node) => !known.has(nameOf(node)));
  const all = [...named, ...(await Promise.all(others.map((node) => report(address, node))))];
  const awayNodes = [...address.nodes, ...others].filter((_, n) => all[n] === undefined).map(nameOf);
  if (awayNodes.length === all.length) {
    log.warn(
      { setting: "REDIS_URL" },
      "Redis is away: commands are decided by sweeps; mails, SMS and signatures wait until it comes",
    );
  } else if (awayNodes.length > 0) {
    const message =
      "nodes of the Redis Cluster are away: what waits on them is done by the others or when they come";
    log.warn({ setting: "REDIS_URL", nodes: awayNodes }, message);
  }
}

async function report(address: RedisAddress, node: RedisNode): Promise<NodeReport | undefined> {
  const said = await ask(address, node);
  if (!said) return undefined;
  const { policy, isCluster } = said;
  if (policy !== undefined && policy !== "noeviction") {
    throw new QueueRefused(
      `this Redis has maxmemory-policy ${policy} and would lose jobs: set it to noeviction`,
    );
  }
  // All engines must agree on the names of the queues, and these follow from what the setting says.
  if (isCluster && !address.isCluster)
    throw new QueueRefused("this Redis is a cluster: name two or more of its nodes, with commas between");
  if (!isCluster && address.isCluster)
    throw new QueueRefused("several URLs are the nodes of a cluster, and one of these is no cluster");
  return said;
}

async function ask({ access }: RedisAddress, node: RedisNode): Promise<NodeReport | undefined> {
  const client = new Redis({
    ...access,
    ...node,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: checkTimeoutMs,
    commandTimeout: checkTimeoutMs,
  });
  let refusal: string | undefined;
  client.on("error", (error: Error) => {
    refusal ??= refusalOf(error);
  });
  const said = await client
    .connect()
    .then(() => reportOf(client))
    .catch((error: Error) => {
      refusal ??= refusalOf(error);
      return undefined;
    });
  client.disconnect();
  // The error itself stays out: it holds the AUTH command.
  if (refusal !== undefined) throw new QueueRefused(refusal);
  return said;
}

async function reportOf(client: Redis): Promise<NodeReport> {
  const memory = await client.info("memory");
  const isCluster = /^cluster_enabled:1/m.test(await client.info("cluster"));
  const slots = isCluster ? await client.cluster("SLOTS") : [];
  return {
    policy: /^maxmemory_policy:(\S+)/m.exec(memory)?.[1],
    isCluster,
    masters: mastersOf(slots as SlotRange[]),
  };
}

/** `[first slot, last slot, [host, port, …] of the master, those of its replicas…]`; a node may not know its host. */
type SlotRange = [number, number, ...[host: string | null, port: number, ...unknown[]][]];

function mastersOf(ranges: SlotRange[]): RedisNode[] {
  const masters = new Map<string, RedisNode>();
  for (const [, , master] of ranges) {
    const [host, port] = master ?? [];
    if (host && port) masters.set(nameOf({ host, port }), { host, port });
  }
  return [...masters.values()];
}

function nameOf({ host, port }: RedisNode): string {
  return `${host}:${port}`;
}

/** Why the server would not have us, by the first word of its answer; undefined when it did not answer. */
function refusalOf(error: Error): string | undefined {
  const [word] = error.message.split(" ");
  return word && ["WRONGPASS", "NOAUTH", "NOPERM", "ERR"].includes(word)
    ? `Redis refused the connection (${word})`
    : undefined;
}
