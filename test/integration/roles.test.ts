import { rm } from "node:fs/promises";
import { expect } from "chai";
import { generateClients } from "../../examples/end-of-year/clients.ts";
import { buildStage, type Stage, type StageOptions } from "../../src/cli/demo/stage.ts";
import { temporaryFolder } from "../support/folders.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { everyoneSignedOnce, play } from "./play.ts";

describe("an engine whose roles are divided over processes", function () {
  this.timeout(180_000);
  let postgres: TestPostgres | undefined;
  let redis: TestRedis | undefined;
  let folder: string;
  let databaseUrl: string;
  let stage: Stage | undefined;

  before(async function () {
    postgres = await startPostgres();
    redis = await startRedis();
    if (!postgres || !redis) this.skip();
  });
  beforeEach(async () => {
    folder = await temporaryFolder();
    databaseUrl = (await postgres?.database()) ?? "";
  });
  afterEach(async () => {
    await stage?.close();
    stage = undefined;
    await rm(folder, { recursive: true, force: true });
  });
  after(async () => {
    await postgres?.stop();
    await redis?.stop();
  });

  async function built(options: Partial<StageOptions>): Promise<Stage> {
    const settings = { COLLECTE_ROLES: "http", COLLECTE_LEASE_SECONDS: "5", ...options.settings };
    stage = await buildStage({ folder, databaseUrl, ...options, settings });
    return stage;
  }

  async function query(sql: string): Promise<object[]> {
    return (await postgres?.query(databaseUrl, sql)) ?? [];
  }

  async function nothingIsLeft(): Promise<void> {
    const sql =
      "SELECT (SELECT count(*) FROM mailbox)::int AS mail, (SELECT count(*) FROM outbox)::int AS effects";
    expect(await query(sql)).to.deep.equal([{ mail: 0, effects: 0 }]);
  }

  for (const [queue, redisUrl] of [
    ["Redis", () => redis?.url],
    ["sweeps alone", () => undefined],
  ] as const) {
    it(`completes collectes with one that takes requests and one that does the rest, by ${queue}`, async () => {
      const clients = generateClients(5);
      const servants = ["actors,effects,cron"];
      const playing = { stage: await built({ redisUrl: redisUrl(), servants }), folder, clients };
      await play(playing, [], async () => undefined);
      await everyoneSignedOnce(playing);
      expect([playing.stage.mails.doubles(), playing.stage.smses.doubles()]).to.deep.equal([0, 0]);
      await nothingIsLeft();
    });
  }

  it("completes them with a process for each role, though one is killed with -9", async () => {
    const clients = generateClients(8);
    const servants = ["actors", "effects", "cron"];
    const playing = { stage: await built({ redisUrl: redis?.url, servants }), folder, clients };
    const struck = await play(playing, [2], (world) => world.crashServant());
    expect(struck).to.equal(1);
    await everyoneSignedOnce(playing);
    await nothingIsLeft();
  });

  it("serves nothing but its health where it takes no requests", async () => {
    const { servants } = await built({ servants: ["actors,cron"] });
    const url = servants[0]?.url ?? "";
    const health = (await (await fetch(`${url}/health`)).json()) as Record<string, unknown>;
    expect(health).to.deep.equal({
      ok: true,
      capped: [],
      roles: ["actors", "cron"],
      store: "postgres",
      queue: "in-process",
      waiting: 0,
      mail: 0,
      effects: Object.fromEntries(
        ["mail", "sms", "sign", "seal", "certify", "parapheur", "evidence", "deliver", "purge", "forget"].map(
          (kind) => [kind, { waiting: 0, leased: 0, dead: 0 }],
        ),
      ),
      queueAway: false,
      purgesHeld: false,
    });
    expect((await fetch(`${url}/health/live`)).status).to.equal(200);
    for (const path of ["/v1/collectes", "/v1/openapi.json", "/sign"]) {
      expect((await fetch(url + path)).status, path).to.equal(404);
    }
  });
});
