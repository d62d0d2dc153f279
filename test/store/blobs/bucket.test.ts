import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { expect } from "chai";
import { Retryable, Terminal } from "../../../src/actors/runtime/errors.ts";
import { openS3Blobs, type S3Blobs, type S3BlobsOptions } from "../../../src/store/s3/blobs.ts";
import type { BucketPlace } from "../../../src/store/s3/bucket.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { freePort } from "../../support/ports.ts";
import { sharedS3, type TestS3 } from "../../support/s3-server.ts";
import { thrownBy } from "../../support/thrown.ts";
import { adopted, adoptedInTwo, read, sha256Of, written } from "./contract.ts";
import { type LyingS3, lyingS3 } from "./lying-s3.ts";

const program = fileURLToPath(new URL("./adopting-process.js", import.meta.url));
const none = async () => new Set<string>();
const hour = 3_600_000;

describe("documents in a bucket", function () {
  this.timeout(30_000);
  let s3: TestS3;
  let place: BucketPlace;
  let folder: string;
  let clock: { instant: number };
  let opened: S3Blobs[];
  let lying: LyingS3;
  before(async function () {
    const server = await sharedS3();
    if (!server) return this.skip();
    s3 = server;
  });
  beforeEach(async () => {
    place = await s3.bucket();
    folder = await temporaryFolder();
    clock = { instant: Date.now() };
    opened = [];
    lying = await lyingS3(s3.endpoint);
  });
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await lying.close();
    await rm(folder, { recursive: true });
  });

  function open(more: Partial<S3BlobsOptions> = {}, at: BucketPlace = place): S3Blobs {
    const options = { cacheFolder: folder, cacheBytes: 1 << 30, now: () => clock.instant, pausesMs: [1, 1] };
    const one = openS3Blobs(at, { ...options, ...more });
    opened.push(one);
    return one;
  }
  const openLying = (more: Partial<S3BlobsOptions> = {}) =>
    open(more, { ...place, endpoint: lying.endpoint });
  const cached = async () =>
    (await readdir(folder, { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name));

  it("are read by another process that has nothing of them, and by the same after a restart", async () => {
    const bytes = randomBytes(50_000);
    const first = open();
    const sha256 = await adopted(first.blobs, bytes);
    expect(sha256Of(await read(open().blobs, sha256))).to.equal(sha256);
    await first.close();
    expect(sha256Of(await read(open().blobs, sha256))).to.equal(sha256);
  });

  it("are fetched once for all who ask at once, and not at all where they were made", async () => {
    const writer = openLying();
    const sha256 = await adopted(writer.blobs);
    lying.seen.length = 0;
    await read(writer.blobs, sha256);
    expect(lying.seen).to.deep.equal([]);
    const reader = openLying();
    const lent = await Promise.all(Array.from({ length: 20 }, () => reader.blobs.borrow(sha256)));
    expect(lying.seen).to.have.length(1);
    await Promise.all(lent.map((one) => one.release()));
  });

  it("go up in parts when they are large, and come back the same", async () => {
    const sizes = { wholeBytes: 6 << 20, partBytes: 5 << 20 };
    const { blobs } = openLying(sizes);
    const [base, rest] = [randomBytes(11 << 20), randomBytes(30_000)];
    const sha256 = await adoptedInTwo(blobs, base, rest);
    expect(lying.seen.filter((one) => /partNumber=/.test(one))).to.have.length(3);
    expect(sha256Of(await read(open().blobs, sha256))).to.equal(sha256);
    await blobs.remove(sha256);
    expect(await thrownBy(open().blobs.open(sha256))).to.have.property("code", "blob_missing");
  });

  it("leave nothing of an upload in parts that failed, or that its process did not finish", async () => {
    const { blobs } = openLying({ wholeBytes: 1 << 20, partBytes: 5 << 20, pausesMs: [] });
    const bytes = randomBytes(11 << 20);
    const path = await written(blobs, bytes);
    const filesBefore = (await s3.objectFiles()).length;
    lying.lie = ({ url }) => (/partNumber=2/.test(url) ? 500 : "pass");
    expect(await thrownBy(blobs.adopt(path, sha256Of(bytes)))).to.have.property("code", "blobs_unreachable");
    expect(lying.seen.at(-1)).to.match(/^DELETE .*uploadId=/);
    // Nor can it be given up: as if the process had died.
    lying.lie = ({ url, method }) => (/partNumber=2/.test(url) || method === "DELETE" ? 500 : "pass");
    expect(await thrownBy(blobs.adopt(path, sha256Of(bytes)))).to.have.property("code", "blobs_unreachable");
    expect(await thrownBy(open().blobs.open(sha256Of(bytes)))).to.have.property("code", "blob_missing");
    lying.lie = () => "pass";
    clock.instant += 2 * hour;
    expect(await blobs.sweep(none, hour)).to.equal(0);
    expect((await s3.objectFiles()).length).to.equal(filesBefore);
  });

  it("are adopted only as what they are called: a file that changed is not", async () => {
    const { blobs } = open({ wholeBytes: 1 << 20, partBytes: 5 << 20 });
    for (const bytes of [randomBytes(10_000), randomBytes(6 << 20)]) {
      const path = await written(blobs, bytes);
      await writeFile(path, bytes.with(5, (bytes[5] ?? 0) ^ 1));
      expect(await thrownBy(blobs.adopt(path, sha256Of(bytes)))).to.include({ code: "blobs_unconfirmed" });
      expect(await thrownBy(blobs.open(sha256Of(bytes)))).to.have.property("code", "blob_missing");
    }
  });

  it("are not adopted before the store says that it has all of them", async () => {
    const { blobs } = openLying();
    const bytes = randomBytes(10_000);
    const path = await written(blobs, bytes);
    lying.lie = ({ method }) => (method === "HEAD" ? "shorten" : "pass");
    expect(await thrownBy(blobs.adopt(path, sha256Of(bytes)))).to.have.property("code", "blobs_unconfirmed");
    expect(await cached()).to.deep.equal([]);
    lying.lie = () => "pass";
    await blobs.adopt(path, sha256Of(bytes));
  });

  it("survive a store that is busy for a moment, hangs up, or loses its answer", async () => {
    const lies = [500, 503, 429, "swallow"] as const;
    for (const lie of lies) {
      const { blobs } = openLying();
      lying.seen.length = 0;
      lying.lie = ({ nth }) => (nth <= 2 ? lie : "pass");
      const sha256 = await adopted(blobs);
      expect(lying.seen.length, String(lie)).to.be.above(2);
      lying.seen.length = 0;
      expect(sha256Of(await read(openLying().blobs, sha256))).to.equal(sha256);
    }
  });

  it("tell of a store that is away, hangs or refuses, for another try, and no secret", async () => {
    const { blobs } = open();
    const sha256 = await adopted(blobs);
    const codes: Record<string, string> = {
      500: "blobs_unreachable",
      503: "blobs_unreachable",
      hang: "blobs_unreachable",
      403: "blobs_refused",
      400: "blobs_refused",
      301: "blobs_refused",
    };
    for (const [lie, code] of Object.entries(codes)) {
      lying.lie = () => (lie === "hang" ? lie : Number(lie));
      const fresh = openLying({ stallMs: 100, pausesMs: [] }).blobs;
      const path = await written(fresh, randomBytes(200_000));
      const failures = [
        await thrownBy(fresh.adopt(path, sha256Of(randomBytes(1)))),
        await thrownBy(fresh.open(sha256)),
        await thrownBy(fresh.remove(sha256)),
        await thrownBy(fresh.sweep(none, 0)),
      ];
      for (const failure of failures) {
        expect(failure, lie).to.be.instanceOf(Retryable).and.to.have.property("code", code);
        expect(inspect(failure, { depth: 9 })).not.to.match(/hush|tests:engine/);
      }
    }
    const dark = open({}, { ...place, endpoint: `http://127.0.0.1:${await freePort()}` });
    expect(await thrownBy(dark.blobs.open(sha256))).to.have.property("code", "blobs_unreachable");
    const wrong = open({}, { ...place, secretAccessKey: "another" });
    expect(await thrownBy(wrong.blobs.open(sha256))).to.have.property("code", "blobs_refused");
    const nowhere = open({}, { ...place, bucket: "tests-nowhere" });
    expect(await thrownBy(nowhere.blobs.open(sha256))).to.have.property("code", "blobs_refused");
  });

  it("are never read cut off or changed", async () => {
    const sha256 = await adopted(open().blobs, randomBytes(200_000));
    for (const lie of ["cut", "shorten", "flip"] as const) {
      lying.seen.length = 0;
      lying.lie = ({ nth }) => (nth === 1 ? lie : "pass");
      expect(sha256Of(await read(openLying().blobs, sha256)), lie).to.equal(sha256);
    }
    lying.lie = () => "cut";
    const reader = openLying();
    expect(await thrownBy(reader.blobs.open(sha256))).to.be.instanceOf(Retryable);
    lying.lie = () => "flip";
    const damaged = await thrownBy(reader.blobs.open(sha256));
    expect(damaged).to.be.instanceOf(Terminal).and.to.have.property("code", "blob_damaged");
    await Promise.all(opened.map((one) => one.close()));
    expect(await cached()).to.deep.equal([]);
  });

  it("are gone from the caches of others within the hour after they were removed", async () => {
    const [one, other] = [open(), open()];
    const sha256 = await adopted(one.blobs);
    await read(other.blobs, sha256);
    expect(await cached()).to.have.length(2);
    await one.blobs.remove(sha256);
    expect(await cached()).to.have.length(1);
    clock.instant += hour;
    expect(await thrownBy(other.blobs.open(sha256))).to.have.property("code", "blob_missing");
    expect(await cached()).to.deep.equal([]);
  });

  it("leave an orphan at most when a process is killed between upload and adoption, and a sweep finds it", async () => {
    const told: string[] = [];
    for (const ms of [0, 15, 40]) {
      const child = spawn(process.execPath, [program, folder, JSON.stringify(place)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk;
      });
      await once(child.stdout, "data");
      await new Promise((resolve) => setTimeout(resolve, ms));
      child.kill("SIGKILL");
      await once(child, "close");
      told.push(...said.split("\n").slice(0, -1));
      const { blobs } = open();
      for (const sha256 of told) expect(sha256Of(await read(blobs, sha256))).to.equal(sha256);
      clock.instant += 2 * hour;
      expect(await blobs.sweep(async () => new Set(told), hour)).to.be.at.most(1);
      for (const sha256 of told) expect(sha256Of(await read(blobs, sha256))).to.equal(sha256);
    }
  });

  it("spare what was adopted again while a sweep looked at it", async () => {
    const bytes = randomBytes(10_000);
    const { blobs } = open();
    const sha256 = await adopted(blobs, bytes);
    clock.instant = Date.now() + 1_500;
    const meanwhile = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_600));
      await adopted(blobs, bytes);
      return new Set<string>();
    };
    expect(await blobs.sweep(meanwhile, 0)).to.equal(0);
    expect(sha256Of(await read(blobs, sha256))).to.equal(sha256);
  });

  it("are not kept in a bucket that keeps what is removed, nor in one that is not there", async () => {
    await open().check();
    const versioned = open({}, await s3.bucket(true));
    expect(await thrownBy(versioned.check()))
      .to.be.instanceOf(Terminal)
      .and.to.have.property("code", "blobs_versioned");
    const nowhere = open({}, { ...place, bucket: "tests-nowhere" });
    expect(await thrownBy(nowhere.check())).to.have.property("code", "blobs_refused");
  });

  it("are not waited for at the start when the store takes the question and never answers", async () => {
    lying.lie = () => "hang";
    const check = openLying({ stallMs: 50, pausesMs: [] }).check();
    expect(await thrownBy(check)).to.have.property("code", "blobs_unreachable");
  });

  it("are swept below their prefix alone, and only what is called like one", async () => {
    const theirs = open({}, { ...place, prefix: "others/" });
    const sha256 = await adopted(theirs.blobs);
    const whole = open({}, { ...place, prefix: "" });
    clock.instant += 2 * hour;
    expect(await open().blobs.sweep(none, hour)).to.equal(0);
    expect(await whole.blobs.sweep(none, hour)).to.equal(0);
    expect(sha256Of(await read(theirs.blobs, sha256))).to.equal(sha256);
  });

  it("are in no folder of this machine once the engine is stopped", async () => {
    const one = open();
    await adopted(one.blobs);
    await one.close();
    expect(await readdir(join(folder))).to.deep.equal([]);
  });
});
