import { setTimeout as pause } from "node:timers/promises";
import { Cluster, ReplyError } from "ioredis";
import { inTime } from "./gate.ts";
import type { QuietLog } from "./quiet-log.ts";
import { type RedisAddress, retryAfterMs } from "./redis-address.ts";

type Options = NonNullable<ConstructorParameters<typeof Cluster>[1]>;

const askAgainMs = 500;
/** A slot that moves, and a few tries while its node is lost; callers have sweeps to fall back on. */
const mostRedirections = 8;

/** The connection to a Redis Cluster that all queues share; each worker makes one more of it to wait for jobs. */
export function connectCluster({ nodes, access }: RedisAddress, quiet: QuietLog): Cluster {
  const { db: _, ...redisOptions } = access;
  const cluster = patient(nodes, {
    redisOptions,
    clusterRetryStrategy: retryAfterMs,
    maxRedirections: mostRedirections,
    // Certificates are for names: an address in their place would not be trusted.
    dnsLookup: (host, answer) => answer(null, host),
  });
  cluster.on("node error", (error: unknown, node: string) => {
    quiet.error(error, `the connection to the node ${node} failed`);
  });
  return cluster;
}

/** Ends in bounded time, even when nodes are dead; whoever made it calls this, since BullMQ closes only its own. */
export async function closeCluster(cluster: Cluster): Promise<void> {
  await inTime(cluster.quit()).catch(() => undefined);
  cluster.disconnect();
}

/**
 * BullMQ asks a new connection once for the server's version, and gives the connection up for ever when the node that
 * it asked has just gone. This one asks until some node answers, and so do those that BullMQ makes of it.
 */
function patient(nodes: RedisAddress["nodes"], options: Options): Cluster {
  const cluster = new Cluster([...nodes], options);
  // Those who use it log its errors; before and after that nobody listens, and ioredis would print them.
  cluster.on("error", () => undefined);
  return Object.assign(cluster, {
    async info(): Promise<unknown> {
      for (;;) {
        try {
          return await cluster.call("INFO");
        } catch (error) {
          const isOver = cluster.status === "end" || cluster.status === "disconnecting";
          if (isOver || error instanceof ReplyError) throw error;
          await pause(askAgainMs);
        }
      }
    },
    duplicate: (_nodes: unknown, changed: Options) => patient(nodes, { ...options, ...changed }),
  });
}
