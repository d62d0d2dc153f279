import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiClient } from "../../examples/end-of-year/api-client.ts";
import { collecteJson } from "../../src/cli/demo/engine-process.ts";
import { startPostgres } from "../support/postgres.ts";
import { startRedis } from "../support/redis.ts";
import {
  askForDelivery,
  closedDoors,
  deliver,
  forget,
  type Lives,
  newCanaries,
  playCanaries,
  purge,
  wiped,
} from "./canary-life.ts";
import { type Sighting, sightingsBelow, sightingsIn } from "./canary-search.ts";
import { environmentOf } from "./ground.ts";
import { openStage } from "./stage.ts";

export interface CanaryReport {
  setting: "sqlite" | "postgres+redis";
  /** Canaries that could be read before anything was purged: else the search is blind. */
  seenBefore: number;
  afterPurge: Sighting[];
  afterForgetting: Sighting[];
  /** What is answered to who asks for documents that are gone. */
  closed: number[];
  /** Files that were put in the firm's folder before the purge. */
  delivered: string[];
  /** Of a collecte whose documents, and then whose people, are gone. */
  isReadable: boolean;
}

/** Leaves a document's canary behind on purpose, so that the search can be seen to find. */
export type CanaryPlant = "blob" | undefined;

/** Plays whole lives about canaries on an engine of its own, and looks for them everywhere. Undefined: servers are missing. */
export async function canaryDrill(
  setting: CanaryReport["setting"],
  plant?: CanaryPlant,
): Promise<CanaryReport | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "collecte-canaries-"));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    return await drill(setting, plant, folder, undo);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function drill(
  setting: CanaryReport["setting"],
  plant: CanaryPlant,
  folder: string,
  undo: (() => Promise<unknown>)[],
): Promise<CanaryReport | undefined> {
  const [dataFolder, redisFolder, deliveries] = ["data", "redis", "deliveries"].map((one) =>
    join(folder, one),
  ) as [string, string, string];
  for (const one of [dataFolder, redisFolder, deliveries]) await mkdir(one);
  const isShared = setting === "postgres+redis";
  const postgres = isShared ? await startPostgres() : undefined;
  if (postgres) undo.push(() => postgres.stop());
  const redis = isShared ? await startRedis(["--appendonly", "yes", "--dir", redisFolder]) : undefined;
  if (redis) undo.push(() => redis.stop());
  if (isShared && !(postgres && redis)) return undefined;
  const databaseUrl = await postgres?.database();
  const environment = {
    ...environmentOf({ dataFolder, ...(databaseUrl !== undefined && { databaseUrl }) }),
    COLLECTE_LOG_LEVEL: "debug",
    COLLECTE_DELIVERY_FOLDER: deliveries,
    ...(redis && { REDIS_URL: redis.url }),
  };
  const about = ["--name", "Cabinet", "--email", "cabinet@drill.example", "--siren", "732829320"];
  const { apiKey } = await collecteJson<{ apiKey: string }>(environment, "firm", "create", ...about);
  const log: string[] = [];
  const stage = await openStage({
    engines: 1,
    environment,
    folder: join(folder, "stage"),
    note: (line) => log.push(line),
  });
  undo.push(() => stage.close());
  const url = stage.engines[0]?.url ?? "";
  const api = createApiClient(url, { tries: 3, timeoutMs: 10_000 });
  undo.push(async () => api.close());
  const canaries = newCanaries();
  const lives: Lives = { api, apiKey, canaries, stage };

  const search = async (words: Readonly<Record<string, string>>): Promise<Sighting[]> => [
    ...(await sightingsBelow(dataFolder, words)),
    ...(await sightingsBelow(redisFolder, words)),
    ...sightingsIn(Buffer.from(log.join("\n")), "the log", words),
    ...(databaseUrl === undefined || !postgres
      ? []
      : sightingsIn(postgres.dump(databaseUrl), "the dump of the database", words)),
  ];
  await askForDelivery(stage, apiKey);
  const played = await playCanaries(lives);
  await deliver(lives, played);
  const seenBefore = (await search(canaries.documents)).length;
  if (plant === "blob")
    await writeFile(join(dataFolder, "blobs", "ff", "left"), canaries.documents["raw"] ?? "");
  await purge(lives, played);
  const afterPurge = await wiped(lives, () => search(canaries.documents));
  const closed = await closedDoors(lives, played);
  const all = await readdir(deliveries, { recursive: true, withFileTypes: true });
  const delivered = all.filter((one) => one.isFile()).map(({ name }) => name);
  await forget(lives, played);
  const afterForgetting = await wiped(lives, () => search({ ...canaries.documents, ...canaries.people }));
  const record = await api.json<{ history: unknown[] }>({
    method: "GET",
    path: `/v1/collectes/${played.id}`,
    bearer: apiKey,
  });
  const isReadable = record.history.length > 5;
  return { setting, seenBefore, afterPurge, afterForgetting, closed, delivered, isReadable };
}
