import type { RedisOptions } from "bullmq";
import { Redis } from "ioredis";
import type { Log } from "../ports.ts";
import { QueueRefused } from "./errors.ts";

const defaultPort = 6379;
const checkTimeoutMs = 2_000;
const slowestRetryMs = 2_000;
/** Longer than any answer takes, blocking ones included (10 s): beyond it the socket is dead. */
const socketTimeoutMs = 20_000;

/** ioredis options of a redis: or rediss: URL; options, since BullMQ can't close instances that it did not make. */
export function redisOptions(url: string): RedisOptions {
  if (!URL.canParse(url)) throw new QueueRefused("not a URL");
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  if (protocol !== "redis:" && protocol !== "rediss:")
    throw new QueueRefused("must begin with redis:// or rediss://");
  const database = Number(pathname.slice(1) || "0");
  if (!Number.isInteger(database)) throw new QueueRefused("its path must be a database number");
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1") || "127.0.0.1",
    port: port === "" ? defaultPort : Number(port),
    db: database,
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === "rediss:" ? { tls: {} } : {}),
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * times, slowestRetryMs),
    socketTimeout: socketTimeoutMs,
  };
}

/** Fails with QueueRefused when the server would evict keys or refuses us; only logs when it is away. */
export async function checkRedis(options: RedisOptions, log: Log): Promise<void> {
  const client = new Redis({
    ...options,
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
  const memory = await client
    .connect()
    .then(() => client.info("memory"))
    .catch((error: Error) => {
      refusal ??= refusalOf(error);
      return undefined;
    });
  client.disconnect();
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory ?? "")?.[1];
  if (policy !== undefined && policy !== "noeviction") {
    throw new QueueRefused(
      `this Redis has maxmemory-policy ${policy} and would lose jobs: set it to noeviction`,
    );
  }
  // The error itself stays out: it holds the AUTH command.
  if (refusal !== undefined) throw new QueueRefused(refusal);
  if (memory === undefined) {
    log.warn({ setting: "REDIS_URL" }, "Redis is away: work goes on by sweeps until it comes");
  }
}

/** Why the server would not have us, by the first word of its answer; undefined when it did not answer. */
function refusalOf(error: Error): string | undefined {
  const [word] = error.message.split(" ");
  return word && ["WRONGPASS", "NOAUTH", "NOPERM", "ERR"].includes(word)
    ? `Redis refused the connection (${word})`
    : undefined;
}
