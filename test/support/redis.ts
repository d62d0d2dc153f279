import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "./ports.ts";

/** A redis-server of the test's own, on a free port, that keeps nothing on disk. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** False once it was killed or stopped. */
  readonly running: boolean;
  /** Kills it without a goodbye; returns when it is dead. */
  kill9(): Promise<void>;
  /** Starts it again, empty, on the same port, after a kill9. */
  restart(): Promise<void>;
  flushAll(): Promise<void>;
  /** Ends it for good. May be called twice, and after kill9. */
  stop(): Promise<void>;
}

/**
 * Starts a redis-server, with more arguments if given. Answers with undefined, and a warning, when there is no such
 * program on this machine; throws instead when CI is "true".
 */
export async function startRedis(extraArguments: string[] = []): Promise<TestRedis | undefined> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}/0`;
  const start = async (): Promise<ChildProcess | undefined> => {
    const settings = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"];
    const server = spawn(
      "redis-server",
      ["--port", String(port), "--bind", "127.0.0.1", ...settings, ...extraArguments],
      {
        stdio: "ignore",
      },
    );
    const spawned = await once(server, "spawn").then(
      () => true,
      () => false,
    );
    if (!spawned) return undefined;
    server.unref();
    started.add(server);
    await answering(port);
    return server;
  };
  let server = await start();
  if (!server) {
    if (process.env["CI"] === "true")
      throw new Error("redis-server is not installed, and CI must test with it");
    console.warn("SKIPPED: redis-server is not installed, so nothing was tested on Redis");
    return undefined;
  }
  const running = (): boolean =>
    server !== undefined && server.exitCode === null && server.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!server || !running()) return;
    const exited = once(server, "exit");
    server.ref();
    server.kill(signal);
    await exited;
  };
  return {
    url,
    port,
    get pid() {
      return server?.pid ?? 0;
    },
    get running() {
      return running();
    },
    kill9: () => end("SIGKILL"),
    async restart() {
      await end("SIGKILL");
      server = await start();
    },
    async flushAll() {
      await withClient(port, (client) => client.flushall());
    },
    stop: () => end("SIGTERM"),
  };
}

const started = new Set<ChildProcess>();
process.once("exit", () => {
  for (const server of started) server.kill("SIGKILL");
});

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await withClient(port, (client) => client.ping()).catch(() => undefined);
    if (answer === "PONG") return;
    await sleep(50);
  }
  throw new Error(`redis-server on port ${port} does not answer`);
}

export async function withClient<T>(port: number, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ port, host: "127.0.0.1", lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    client.disconnect();
  }
}
