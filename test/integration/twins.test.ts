import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { generateClients } from "../../examples/end-of-year/clients.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { temporaryFolder } from "../support/folders.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { everyoneSignedOnce, play } from "./play.ts";

/** Short, so that what a dead process had in hand is soon anybody's again. */
const settings = { COLLECTE_LEASE_SECONDS: "5" };

describe("two engines on one PostgreSQL and one Redis", function () {
  this.timeout(180_000);
  let postgres: TestPostgres | undefined;
  let redis: TestRedis | undefined;
  let folder: string;
  let stage: Stage | undefined;
  let databaseUrl: string;

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

  async function built(): Promise<Stage> {
    stage = await buildStage({ folder, databaseUrl, redisUrl: redis?.url, engines: 2, settings });
    return stage;
  }

  async function stopDatabase(): Promise<void> {
    await postgres?.stopImmediately();
    await pause(500);
    await postgres?.restart();
  }

  /** What is left to do, by table. */
  async function leftOver(): Promise<object[]> {
    const sql =
      "SELECT (SELECT count(*) FROM mailbox)::int AS mail, (SELECT count(*) FROM outbox)::int AS effects";
    return (await postgres?.query(databaseUrl, sql)) ?? [];
  }

  it("complete ten collectes, each command once, whichever of them is asked", async () => {
    const clients = generateClients(10);
    const playing = { stage: await built(), folder, clients };
    await play(playing, [], async () => undefined);
    await everyoneSignedOnce(playing);
    expect(playing.stage.mails.doubles()).to.equal(0);
    expect(playing.stage.smses.doubles()).to.equal(0);
    expect(await leftOver()).to.deep.equal([{ mail: 0, effects: 0 }]);
  });

  it("complete thirty, though one is killed with -9 twice and the database is stopped at once", async () => {
    const clients = generateClients(30);
    const playing = { stage: await built(), folder, clients };
    const crash = (world: Stage) => world.crash();
    const faults = [crash, stopDatabase, crash];
    const struck = await play(playing, [3, 9, 18], async (world) => faults.shift()?.(world));
    expect(struck).to.equal(3);
    await everyoneSignedOnce(playing);
    expect(playing.stage.smses.doubles()).to.equal(0);
  });
});
