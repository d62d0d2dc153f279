import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collecteJson } from "../../src/cli/demo/engine-process.ts";
import { certificatesIn } from "../../src/identity/pem.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type AofRedis, startAofRedis } from "./aof-redis.ts";
import type { Setting } from "./plan.ts";

/** A data folder, with a database if it is on PostgreSQL, in which a firm with a seal stands ready. */
export interface Furnished {
  dataFolder: string;
  databaseUrl?: string;
  apiKey: string;
  trustDer: Uint8Array[];
}

/** What outlives the runs: servers, folders, and a firm that is made once and copied. */
export interface Ground {
  /** Settings that can be played on this machine. */
  readonly settings: readonly Setting[];
  /** Where a run may happen: only one at a time. */
  readonly lanes: readonly Lane[];
  readonly folder: string;
  close(): Promise<void>;
}

export interface Lane {
  readonly redis: AofRedis | undefined;
  /** A data folder of its own for this run on SQLite; on PostgreSQL the one that all runs of the lane share. */
  furnish(setting: Setting): Promise<Furnished>;
}

const secret = createHash("sha256").update("a database that drills may use").digest("hex");
export const firmEmail = "cabinet@drill.example";

export const environmentOf = ({
  dataFolder,
  databaseUrl,
}: Pick<Furnished, "dataFolder" | "databaseUrl">) => ({
  COLLECTE_MODE: "test",
  COLLECTE_SECRET: secret,
  COLLECTE_DATA: dataFolder,
  COLLECTE_BASE_URL: "http://localhost:8080",
  COLLECTE_LOG_LEVEL: "warn",
  COLLECTE_THREADS: "1",
  // All clients come from one address here, and faster than any person.
  COLLECTE_SESSIONS_PER_MINUTE: "10000000",
  COLLECTE_SMS_PER_NUMBER_PER_DAY: "100000",
  COLLECTE_SMS_PER_FIRM_PER_DAY: "10000000",
  COLLECTE_SIGNING_REQUESTS_PER_MINUTE: "10000000",
  ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
});

/** Servers for so many runs at once. Without Redis or PostgreSQL the settings that need them are left out. */
export async function prepareGround(atOnce: number, wanted: readonly Setting[]): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), "collecte-drill-"));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const postgres = wanted.includes("postgres+redis") ? await startPostgres() : undefined;
    if (postgres) undo.push(() => postgres.stop());
    const needsRedis = wanted.some((setting) => setting.endsWith("+redis"));
    const lanes: Lane[] = [];
    for (let number = 0; number < atOnce; number++) {
      const redis = needsRedis ? await startAofRedis() : undefined;
      if (redis) undo.push(() => redis.stop());
      lanes.push(createLane(join(folder, `lane-${number}`), redis, postgres));
    }
    const isThere = (setting: Setting) =>
      setting === "sqlite" || (lanes[0]?.redis && (setting === "sqlite+redis" || postgres));
    return { settings: wanted.filter(isThere), lanes, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function createLane(folder: string, redis: AofRedis | undefined, postgres: TestPostgres | undefined): Lane {
  let template: Promise<Furnished> | undefined;
  let shared: Promise<Furnished> | undefined;
  let copies = 0;
  return {
    redis,
    async furnish(setting) {
      await redis?.flushAll();
      if (setting === "postgres+redis") {
        if (!postgres) throw new Error("there is no PostgreSQL");
        shared ??= postgres.database().then((databaseUrl) => furnish(join(folder, "shared"), databaseUrl));
        return shared;
      }
      template ??= furnish(join(folder, "template"));
      const made = await template;
      copies += 1;
      const dataFolder = join(folder, `data-${copies}`);
      await rm(join(folder, `data-${copies - 1}`), { recursive: true, force: true });
      await cp(made.dataFolder, dataFolder, { recursive: true });
      return { ...made, dataFolder };
    },
  };
}

async function furnish(dataFolder: string, databaseUrl?: string): Promise<Furnished> {
  await mkdir(dataFolder, { recursive: true });
  const place = { dataFolder, ...(databaseUrl !== undefined && { databaseUrl }) };
  const environment = environmentOf(place);
  const about = ["--name", "Cabinet du Drill", "--email", firmEmail, "--siren", "732829320"];
  const { apiKey } = await collecteJson<{ apiKey: string }>(environment, "firm", "create", ...about);
  const rootFile = `${dataFolder}-ca.pem`;
  await collecteJson(environment, "root", "--out", rootFile);
  return { ...place, apiKey, trustDer: certificatesIn(await readFile(rootFile, "utf8")) };
}
