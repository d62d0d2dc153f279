import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { generateClients } from "../../examples/end-of-year/clients.ts";
import { checkLetters } from "../../src/cli/demo/check.ts";
import { sendLetters } from "../../src/cli/demo/sending.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { temporaryFolder } from "../support/folders.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";

const clients = generateClients(50);
/** Short, so that what a dead process had in hand is soon anybody's again. */
const settings = { COLLECTE_LEASE_SECONDS: "5" };

describe("fifty collectes under way", function () {
  this.timeout(300_000);
  let folder: string;
  let stage: Stage | undefined;
  let redis: TestRedis | undefined;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await stage?.close();
    await redis?.stop();
    stage = undefined;
    redis = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  it("all end completed when the engine is killed with -9 in the middle, three times, and started again", async () => {
    stage = await buildStage({ folder, settings });
    const crashes = await play(stage, [5, 20, 35], (world) => world.crash());
    expect(crashes).to.equal(3);
    await everyoneSignedOnce(stage);
    // At most one double a mail that was being sent; an SMS has an idempotency key.
    expect(stage.mails.doubles()).to.be.at.most(3 * 128);
    expect(stage.smses.doubles()).to.equal(0);
  });

  it("all end completed on Redis, though it is flushed in the middle", async function () {
    redis = await startRedis();
    if (!redis) return this.skip();
    const server = redis;
    stage = await buildStage({ folder, redisUrl: server.url, settings });
    const flushes = await play(stage, [5, 20, 35], () => server.flushAll());
    expect(flushes).to.equal(3);
    await everyoneSignedOnce(stage);
    expect(stage.mails.doubles()).to.equal(0);
    expect(stage.smses.doubles()).to.equal(0);
  });

  it("all end completed on Redis, though it dies and comes back empty", async function () {
    redis = await startRedis();
    if (!redis) return this.skip();
    const server = redis;
    stage = await buildStage({ folder, redisUrl: server.url, settings });
    const deaths = await play(stage, [15], async () => {
      await server.kill9();
      await pause(2_000);
      await server.restart();
    });
    expect(deaths).to.equal(1);
    await everyoneSignedOnce(stage);
  });

  /** Plays all fifty, and calls `fault` once so many are completed; answers how many times it did. */
  async function play(
    world: Stage,
    after: number[],
    fault: (stage: Stage) => Promise<void>,
  ): Promise<number> {
    let completed = 0;
    let faults = 0;
    const struck: Promise<void>[] = [];
    await sendLetters({
      stage: world,
      clients,
      folder,
      atOnce: 25,
      timeoutMs: 60_000,
      onCompleted() {
        completed += 1;
        if (!after.includes(completed)) return;
        struck.push(fault(world).then(() => void faults++));
      },
    }).then((sent) => {
      expect(sent).to.have.length(clients.length);
    });
    await Promise.all(struck);
    return faults;
  }

  async function everyoneSignedOnce(world: Stage): Promise<void> {
    // One invitation a signatory, one completion mail a signatory.
    expect(world.mails.count()).to.equal(clients.length * 4);
    expect(world.smses.count()).to.equal(clients.length * 2);
    const names = await readdir(join(folder, "signed"));
    const files = names.map((name) => ({ file: join(folder, "signed", name) }));
    const verified = await checkLetters(files, join(folder, "ca.pem"), 2);
    expect(verified).to.have.length(clients.length);
  }
});
