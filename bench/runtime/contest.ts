import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { startPostgres } from "../../test/support/postgres.ts";
import { startRedis } from "../../test/support/redis.ts";
import { benchBullmq, fsyncOfRedis } from "./bullmq.ts";
import { benchCollectes } from "./collectes.ts";
import { benchDbos } from "./dbos.ts";
import type { Figures } from "./figures.ts";
import { benchLedger } from "./ledger.ts";
import { fsyncOf } from "./ledger-tables.ts";
import { benchPgBoss } from "./pg-boss.ts";

export interface Report {
  fsync: Record<string, unknown>;
  figures: Figures[];
  /** `least` is what we promise ourselves; a comparison without it is only told. */
  ratios: { what: string; ratio: number; least?: number }[];
  light: { what: string; p50Ms: number; p99Ms: number; most: number };
}

/** Everybody in turn on one machine, one PostgreSQL and one Redis. `scale` shortens the run. */
export async function contest(root: string, scale: number): Promise<Report> {
  const redis = await startRedis(["--appendonly", "yes", "--appendfsync", "always", "--dir", root]);
  const postgres = await startPostgres();
  if (!redis || !postgres) throw new Error("the bench needs redis-server and PostgreSQL on this machine");
  try {
    return await run(root, scale, redis.url, () => postgres.database());
  } finally {
    await redis.stop();
    await postgres.stop();
  }
}

async function run(
  root: string,
  scale: number,
  redisUrl: string,
  database: () => Promise<string>,
): Promise<Report> {
  const actors = 10_000;
  // As many as it takes: more make nobody here faster.
  const callers = 128;
  const times = (commands: number) => Math.max(1_000, Math.round((commands * scale) / 1_000) * 1_000);
  const fsync = {
    redis: await fsyncOfRedis(redisUrl),
    postgres: await askPostgres(await database()),
    sqlite: await askSqlite(root),
  };
  const ours = { root, actors, commands: times(20_000), connections: callers };
  const onSqlite = await benchLedger({ ...ours, name: "Collecte on SQLite, HTTP" });
  const onPostgres = await benchLedger({
    ...ours,
    name: "Collecte on PostgreSQL, HTTP",
    databaseUrl: await database(),
  });
  const collectes = await benchCollectes(root, await database(), {
    actors: times(5_000),
    connections: callers,
  });
  const peer = { actors, callers };
  const bullOne = await benchBullmq(redisUrl, { commands: times(20_000), callers, each: 1 });
  const bullMany = await benchBullmq(redisUrl, { commands: times(40_000), callers: 4, each: 100 });
  const boss = await benchPgBoss(await database(), "own", { ...peer, commands: times(3_000) });
  const bossDriven = await benchPgBoss(await database(), "driven", { ...peer, commands: times(8_000) });
  const dbos = await benchDbos(await database(), "queue", { ...peer, commands: times(2_000) });
  const dbosLoose = await benchDbos(await database(), "callers", { ...peer, commands: times(4_000) });
  const [single, hundred] = [onPostgres[0], onPostgres[1]] as [Figures, Figures];
  const [singleSqlite, hundredSqlite, light] = onSqlite as [Figures, Figures, Figures];
  const versus = (what: string, one: Figures, other: Figures, least?: number) => ({
    what,
    ratio: Math.round((one.perSecond / other.perSecond) * 100) / 100,
    ...(least !== undefined && { least }),
  });
  return {
    fsync,
    figures: [...onSqlite, ...onPostgres, ...collectes, bullOne, bullMany, boss, bossDriven, dbos, dbosLoose],
    ratios: [
      versus("one a request on PostgreSQL / DBOS, strict order per key", single, dbos, 8),
      versus("one a request on PostgreSQL / DBOS, order kept by its callers", single, dbosLoose),
      versus("one a request on PostgreSQL / pg-boss, its own worker", single, boss, 5),
      versus("one a request on PostgreSQL / pg-boss, driven by a loop of ours", single, bossDriven),
      versus("one a request on SQLite / pg-boss, driven by a loop of ours", singleSqlite, bossDriven),
      versus("a hundred a request on SQLite / raw BullMQ no-op, a hundred a call", hundredSqlite, bullMany),
      versus(
        "a hundred a request on PostgreSQL / raw BullMQ no-op, a hundred a call",
        hundred,
        bullMany,
        1.5,
      ),
    ],
    light: { what: "one caller on SQLite", p50Ms: light.p50Ms, p99Ms: light.p99Ms, most: 3 },
  };
}

/** What a connection says that was opened by the code that opens the engine's. */
async function askSqlite(root: string): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(root, "bench-"));
  const database = await openSqlite(join(folder, "collecte.sqlite"));
  try {
    return await database.transaction(async (writer) => {
      const [journal] = await writer.all<{ journal_mode: string }>("PRAGMA journal_mode");
      const [level] = await writer.all<{ synchronous: number }>("PRAGMA synchronous");
      return { ...journal, synchronous: level?.synchronous === 2 ? "FULL" : level?.synchronous };
    });
  } finally {
    await database.close();
    await rm(folder, { recursive: true });
  }
}

async function askPostgres(url: string): Promise<Record<string, string>> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    return await fsyncOf(pool);
  } finally {
    await pool.end();
  }
}
