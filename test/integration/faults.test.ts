import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { generateClients } from "../../examples/end-of-year/clients.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { temporaryFolder } from "../support/folders.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { startRedisCluster, type TestCluster } from "../support/redis-cluster.ts";
import { everyoneSignedOnce, play } from "./play.ts";

const clients = generateClients(50);
/** Short, so that what a dead process had in hand is soon anybody's again. */
const settings = { COLLECTE_LEASE_SECONDS: "5" };

describe("fifty collectes under way", function () {
  this.timeout(300_000);
  let folder: string;
  let stage: Stage | undefined;
  let redis: TestRedis | undefined;
  let cluster: TestCluster | undefined;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await stage?.close();
    await redis?.stop();
    await cluster?.stop();
    stage = undefined;
    redis = undefined;
    cluster = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  it("all end completed when the engine is killed with -9 in the middle, three times, and started again", async () => {
    stage = await buildStage({ folder, settings });
    const crashes = await play({ stage, folder, clients }, [5, 20, 35], (world) => world.crash());
    expect(crashes).to.equal(3);
    await everyoneSignedOnce({ stage, folder, clients });
    // At most one double a mail that was being sent; an SMS has an idempotency key.
    expect(stage.mails.doubles()).to.be.at.most(3 * 128);
    expect(stage.smses.doubles()).to.equal(0);
  });

  it("all end completed on Redis, though it is flushed in the middle", async function () {
    redis = await startRedis();
    if (!redis) return this.skip();
    const server = redis;
    stage = await buildStage({ folder, redisUrl: server.url, settings });
    const flushes = await play({ stage, folder, clients }, [5, 20, 35], () => server.flushAll());
    expect(flushes).to.equal(3);
    await everyoneSignedOnce({ stage, folder, clients });
    expect(stage.mails.doubles()).to.equal(0);
    expect(stage.smses.doubles()).to.equal(0);
  });

  it("all end completed on Redis, though it dies and comes back empty", async function () {
    redis = await startRedis();
    if (!redis) return this.skip();
    const server = redis;
    stage = await buildStage({ folder, redisUrl: server.url, settings });
    const deaths = await play({ stage, folder, clients }, [15], async () => {
      await server.kill9();
      await pause(2_000);
      await server.restart();
    });
    expect(deaths).to.equal(1);
    await everyoneSignedOnce({ stage, folder, clients });
  });

  it("all end completed on a Redis Cluster, though it is flushed and one of its nodes dies and comes back empty", async function () {
    cluster = await startRedisCluster();
    if (!cluster) return this.skip();
    const servers = cluster;
    stage = await buildStage({ folder, redisUrl: servers.url, settings });
    const spread: number[][] = [];
    const faults = [
      async () => {
        spread.push(await servers.keys("collecte:*"));
        await servers.flushAll();
      },
      async () => {
        await servers.nodes[1].kill9();
        await pause(2_000);
        await servers.mend();
      },
    ];
    const struck = await play({ stage, folder, clients }, [5, 20], async () => faults.shift()?.());
    expect(struck).to.equal(2);
    await everyoneSignedOnce({ stage, folder, clients });
    expect(stage.mails.doubles()).to.equal(0);
    expect(stage.smses.doubles()).to.equal(0);
    expect(Math.min(...spread.flat()), "keys on the node with the fewest").to.be.above(0);
    await stage.engine.stop();
    expect(await servers.connections(), "once the engine has stopped").to.deep.equal([0, 0, 0]);
  });
});
