import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { accessSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePort } from "./ports.ts";

/** A PostgreSQL of the test's own, on a free port of the loopback, with fsync on. */
export interface TestPostgres {
  readonly port: number;
  /** Makes an empty database and answers its URL. */
  database(): Promise<string>;
  /** Runs statements as its owner in one of its databases. */
  query<R extends object>(url: string, sql: string, values?: unknown[]): Promise<R[]>;
  /** All that is in a database, as pg_dump writes it. */
  dump(url: string): Buffer;
  /** `pg_ctl stop -m immediate`: as if the power of the server went. Returns when it is dead. */
  stopImmediately(): Promise<void>;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Ends it for good and removes its data. May be called twice. */
  stop(): Promise<void>;
}

const folders = ["/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin"];
const user = "collecte";
const password = "a password of tests";

/** Answers with undefined, and a warning, when there is no PostgreSQL on this machine; throws when CI is "true". */
export async function startPostgres(extraSettings: string[] = []): Promise<TestPostgres | undefined> {
  const bin = programs();
  if (bin === undefined) {
    if (process.env["CI"] === "true")
      throw new Error("PostgreSQL is not installed, and CI must test with it");
    console.warn("SKIPPED: PostgreSQL is not installed, so nothing was tested on it");
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "collecte-postgres-"));
  const data = join(folder, "data");
  const port = await freePort();
  const as = unprivileged();
  if (as) execFileSync("chown", [as.name, folder]);
  const own = { stdio: "ignore" as const, cwd: folder, ...(as && { uid: as.uid, gid: as.gid }) };
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const access = ["-U", user, `--pwfile=${passwordFile}`, "-A", "scram-sha-256"];
  execFileSync(join(bin, "initdb"), ["-D", data, ...access, "-E", "UTF8", "--locale=C.UTF-8"], own);
  const url = (name: string) =>
    `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`;
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    const settings = [
      ...["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on", "max_connections=200"],
      ...extraSettings,
    ].flatMap((setting) => ["-c", setting]);
    server = spawn(join(bin ?? "", "postgres"), ["-D", data, "-p", String(port), ...settings], own);
    server.unref();
    started.add(server);
    for (let attempt = 0; attempt < 200; attempt++) {
      const answer = await query(url("postgres"), "SELECT 1").catch(() => undefined);
      if (answer) return;
      await sleep(50);
    }
    throw new Error(`PostgreSQL on port ${port} does not answer`);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = server;
    server = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, "exit");
    ending.ref();
    ending.kill(signal);
    await exited;
    started.delete(ending);
  }

  await start();
  return {
    port,
    async database() {
      const name = `t${randomBytes(6).toString("hex")}`;
      await query(url("postgres"), `CREATE DATABASE ${name}`);
      return url(name);
    },
    query,
    dump: (from) => execFileSync(join(bin, "pg_dump"), ["--inserts", from], { maxBuffer: 256 * 1024 * 1024 }),
    stopImmediately: () => end("SIGQUIT"),
    restart: start,
    async stop() {
      // At once: a checkpoint of so many databases takes a busy disk half a minute, and all of it is removed.
      await end("SIGQUIT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server's own programs, which Debian keeps out of the path. */
function programs(): string | undefined {
  const candidates = [...(process.env["PATH"] ?? "").split(":"), ...folders];
  return candidates.find((folder) =>
    ["postgres", "initdb", "pg_dump"].every((name) => {
      try {
        accessSync(join(folder, name));
        return true;
      } catch {
        return false;
      }
    }),
  );
}

/** PostgreSQL refuses to run as root: somebody else's id, when we are root. */
function unprivileged(): { name: string; uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const name = ["postgres", "nobody"].find((one) => spawnSync("id", [one]).status === 0) ?? "nobody";
  const id = (flag: string) => Number(execFileSync("id", [flag, name]).toString());
  return { name, uid: id("-u"), gid: id("-g") };
}

async function query<R extends object>(url: string, sql: string, values: unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<R>(sql, values)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const started = new Set<ChildProcess>();
process.once("exit", () => {
  for (const server of started) server.kill("SIGQUIT");
});
