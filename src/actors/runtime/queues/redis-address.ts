import type { RedisOptions } from "bullmq";
import { QueueRefused } from "./errors.ts";

const defaultPort = 6379;
const slowestRetryMs = 2_000;
/** Longer than any answer takes, blocking ones included (10 s): beyond it the socket is dead. */
const socketTimeoutMs = 20_000;

export interface RedisNode {
  host: string;
  port: number;
}

/** What the setting REDIS_URL says: one server, or a cluster by some of its nodes. */
export interface RedisAddress {
  readonly nodes: readonly [RedisNode, ...RedisNode[]];
  /** One URL is a server; several are nodes of one cluster. */
  readonly isCluster: boolean;
  /** What a connection to any of the nodes needs besides its host and port. */
  readonly access: RedisOptions;
}

/** Reads `redis:` or `rediss:` URLs with commas between them. */
export function redisAddress(setting: string): RedisAddress {
  // A comma inside a password is no separator.
  const [first, ...others] = setting.trim().split(/\s*,\s*(?=rediss?:)/);
  const server = parsed(first ?? "");
  const rest = others.map(parsed);
  if (rest.some(({ credentials }) => credentials !== server.credentials))
    throw new QueueRefused("all its nodes must have the same scheme, user and password");
  if (rest.length > 0 && [server, ...rest].some(({ access }) => access["db"] !== 0))
    throw new QueueRefused("a cluster has no database numbers");
  return {
    nodes: [server.node, ...rest.map(({ node }) => node)],
    isCluster: rest.length > 0,
    access: server.access,
  };
}

/** Options to connect to the first node, and to come back to it; options, since BullMQ closes what it makes itself. */
export function serverOptions({ nodes: [node], access }: RedisAddress): RedisOptions {
  return {
    ...node,
    ...access,
    retryStrategy: retryAfterMs,
  };
}

export function retryAfterMs(times: number): number {
  return Math.min(100 * times, slowestRetryMs);
}

function parsed(url: string): { node: RedisNode; access: RedisOptions; credentials: string } {
  if (!URL.canParse(url)) throw new QueueRefused("not a URL");
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  if (protocol !== "redis:" && protocol !== "rediss:")
    throw new QueueRefused("must begin with redis:// or rediss://");
  const database = Number(pathname.slice(1) || "0");
  if (!Number.isInteger(database)) throw new QueueRefused("its path must be a database number");
  return {
    node: {
      host: hostname.replace(/^\[(.*)\]$/, "$1") || "127.0.0.1",
      port: port === "" ? defaultPort : Number(port),
    },
    access: {
      db: database,
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === "rediss:" ? { tls: {} } : {}),
      maxRetriesPerRequest: null,
      socketTimeout: socketTimeoutMs,
    },
    credentials: JSON.stringify([protocol, username, password]),
  };
}
