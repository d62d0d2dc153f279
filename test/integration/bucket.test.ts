import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { readSettings } from "../../config/settings.ts";
import { generateClients } from "../../examples/end-of-year/clients.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { startEngine } from "../../src/main.ts";
import type { BucketPlace } from "../../src/store/s3/bucket.ts";
import { type LyingS3, lyingS3 } from "../store/blobs/lying-s3.ts";
import { temporaryFolder } from "../support/folders.ts";
import { sharedS3, type TestS3 } from "../support/s3-server.ts";
import { thrownBy } from "../support/thrown.ts";
import { everyoneSignedOnce, play } from "./play.ts";

describe("an engine whose documents are in a bucket", function () {
  this.timeout(120_000);
  let s3: TestS3;
  let way: LyingS3;
  let folder: string;
  let stage: Stage | undefined;

  before(async function () {
    const server = await sharedS3();
    if (!server) return this.skip();
    s3 = server;
  });
  beforeEach(async () => {
    folder = await temporaryFolder();
    way = await lyingS3(s3.endpoint);
  });
  afterEach(async () => {
    await stage?.close();
    await way.close();
    stage = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  const settingsOf = ({ bucket, accessKeyId, secretAccessKey }: BucketPlace) => ({
    COLLECTE_LEASE_SECONDS: "5",
    BLOBS_URL: `s3://${bucket}/documents`,
    S3_ENDPOINT: way.endpoint,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
  });

  it("completes four collectes though it is killed with -9, and the store fails for a while", async () => {
    const clients = generateClients(4);
    stage = await buildStage({ folder, settings: settingsOf(await s3.bucket()) });
    const playing = { stage, folder, clients };
    const fail = async () => {
      const from = way.seen.length;
      way.lie = ({ nth }) => (nth < from + 5 ? 503 : "pass");
    };
    const faults = [(world: Stage) => world.crash(), fail];
    await play(playing, [1, 2], async (world) => faults.shift()?.(world));
    await everyoneSignedOnce(playing);
    expect(stage.smses.doubles()).to.equal(0);
    // The killed process left its cache, which the next one removes in time; the stopped one leaves nothing.
    expect(await thrownBy(stat(join(folder, "data", "blobs")))).to.have.property("code", "ENOENT");
    expect(await readdir(join(folder, "data", "cache"))).to.have.length(2);
    await stage.engine.stop();
    expect(await readdir(join(folder, "data", "cache"))).to.have.length(1);
  });

  it("does not start on a bucket that is not there", async () => {
    const place = { ...(await s3.bucket()), bucket: "tests-nowhere" };
    const settings = readSettings({ COLLECTE_DATA: folder, COLLECTE_PORT: "0", ...settingsOf(place) });
    const failure = await thrownBy(startEngine(settings, { smtpUrl: "", smsUrl: "" }));
    expect(String(failure)).to.contain("BLOBS_URL: the object store refuses");
  });
});
