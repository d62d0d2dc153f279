import { existsSync } from "node:fs";
import { expect } from "chai";
import type { SignResult, SignTask } from "../../src/actors/runtime/ports.ts";
import { createSigningPool, type SigningPool } from "../../src/workers/pool.ts";
import { type Folder, temporaryFolder, writeLetter } from "./letters.ts";
import { aPatch } from "./pdf/pngs.ts";
import { clientOf, createTestPki, memberOf, someDay } from "./pki.ts";

const pki = createTestPki();
const counting = new URL("./counting-worker.js", import.meta.url);
const naming = new URL("./naming-worker.js", import.meta.url);
const dangerous = new URL("./crashing-worker.js", import.meta.url);

const threadsAlive = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === "MessagePort" || resource === "Worker")
    .length;

describe("the signing pool", function () {
  this.timeout(30_000);
  let folder: Folder;
  let pool: SigningPool;
  beforeEach(async () => {
    folder = temporaryFolder();
    await writeLetter(folder.path("0.pdf"), true);
  });
  afterEach(async () => {
    await pool.close();
    folder.remove();
  });

  const task = (name: string, path = "0.pdf"): SignTask => ({
    path: folder.path(path),
    outPath: folder.path(`${name}.pdf`),
    signer: clientOf(pki),
    signingTime: someDay.getTime(),
    name: "Éloïse",
  });

  const codes = (results: SignResult[]): string[] =>
    results.map((result) => (result.ok ? "ok" : result.code));

  it("signs many documents at once, each in its own file, and checks them", async () => {
    pool = createSigningPool({ threads: 2 });
    const names = Array.from({ length: 50 }, (_, i) => `out-${i}`);
    const signing = names.map((name) => pool.sign(task(name)));
    expect(pool.queueDepth()).to.equal(50);
    const results = await Promise.all(signing);
    expect(new Set(codes(results))).to.deep.equal(new Set(["ok"]));
    expect(pool.queueDepth()).to.equal(0);
    const certificates = results.map((result) => (result.ok ? result.certificate.sha256 : ""));
    expect(new Set(certificates).size).to.equal(50);
    const report = await pool.verify(folder.path("out-49.pdf"), { trustDer: [pki.rootDer] });
    expect(report.verdict).to.equal("TOTAL-PASSED");
  });

  it("looks at logos", async () => {
    pool = createSigningPool({ threads: 1 });
    expect(await pool.checkLogo(aPatch(8, 8, [0, 0, 200]))).to.deep.equal({ ok: true });
    const refused = await pool.checkLogo(Buffer.from("GIF89a"));
    expect(refused).to.include({ ok: false, code: "logo_unsupported" });
  });

  it("signs with a kept key, and says so of a document of several megabytes too", async () => {
    pool = createSigningPool({ threads: 1 });
    await writeLetter(folder.path("big.pdf"), true, 3 << 20);
    const kept = { ...task("kept"), signer: memberOf(pki) };
    const results = await Promise.all([
      pool.sign(task("a")),
      pool.sign(task("big-out", "big.pdf")),
      pool.sign(kept),
    ]);
    expect(codes(results)).to.deep.equal(["ok", "ok", "ok"]);
  });

  it("takes the word of whoever knows a document's size: a large one goes alone", async () => {
    pool = createSigningPool({ threads: 1, worker: counting });
    const told = (bytes: number) => ({ ...task("told", "not-there.pdf"), bytes });
    const groups = async (sizes: number[]) =>
      codes(await Promise.all(sizes.map((bytes) => pool.sign(told(bytes)))));
    expect(await groups([1_000, 1_000, 1_000])).to.deep.equal(["of 3", "of 3", "of 3"]);
    expect(await groups([1_000, 2 << 20, 1_000])).to.deep.equal(["of 1", "of 1", "of 1"]);
  });

  it("hands a thread at most 16 documents at once, or as many as it was told to", async () => {
    const groupsOf = async (together?: number) => {
      pool = createSigningPool({ threads: 1, worker: counting, ...(together && { together }) });
      const all = Array.from({ length: 40 }, () =>
        pool.sign({ ...task("told", "not-there.pdf"), bytes: 1_000 }),
      );
      const sizes = codes(await Promise.all(all));
      await pool.close();
      return new Set(sizes);
    };
    expect(await groupsOf()).to.deep.equal(new Set(["of 16", "of 8"]));
    expect(await groupsOf(64)).to.deep.equal(new Set(["of 40"]));
  });

  it("gives a large document back to the thread that made it, and another one's to whichever is free", async () => {
    pool = createSigningPool({ threads: 2, worker: naming });
    const threadOf = async (outPath: string, sha256?: string) => {
      const known = sha256 === undefined ? {} : { sha256 };
      const result = await pool.sign({ ...task("unused"), outPath, bytes: 2 << 20, ...known });
      return result.ok ? result.fieldName : expect.fail(result.code);
    };
    const [one, other] = await Promise.all([threadOf("a1"), threadOf("b1")]);
    expect(one).not.to.equal(other);
    expect(await threadOf("b2", "b1")).to.equal(other);
    expect(await threadOf("a2", "a1")).to.equal(one);
    expect(await threadOf("b3", "b2")).to.equal(other);
    const both = await Promise.all([threadOf("b4", "b3"), threadOf("b5", "b3")]);
    expect(new Set(both).size).to.equal(2);
  });

  it("does upkeep where a thread is idle, and lets signatures go first", async () => {
    pool = createSigningPool({ threads: 1, worker: counting });
    const told = { ...task("told", "not-there.pdf"), bytes: 1_000 };
    const done: string[] = [];
    const upkeep = Array.from({ length: 3 }, () =>
      pool.upkeep.sign(told).then((result) => done.push(`upkeep ${codes([result])}`)),
    );
    const signatures = [pool.sign(told), pool.sign(told)].map((one) =>
      one.then((result) => done.push(...codes([result]))),
    );
    await Promise.all([...upkeep, ...signatures]);
    expect(done).to.deep.equal(["of 2", "of 2", ...Array.from({ length: 3 }, () => "upkeep of 1")]);
    await pool.close();
    expect(codes([await pool.upkeep.sign(told)])).to.deep.equal(["pool_closed"]);
  });

  it("fails only the bad document of a group", async () => {
    pool = createSigningPool({ threads: 1 });
    const tasks = Array.from({ length: 10 }, (_, i) => task(`out-${i}`, i === 4 ? "missing.pdf" : "0.pdf"));
    const results = codes(await Promise.all(tasks.map((each) => pool.sign(each))));
    expect(results.filter((code) => code === "ok")).to.have.length(9);
    expect(results[4]).to.equal("file_inaccessible");
    expect(existsSync(folder.path("out-4.pdf"))).to.equal(false);
  });

  it("loses only the document that kills its thread", async () => {
    pool = createSigningPool({ threads: 1, worker: dangerous });
    const tasks = Array.from({ length: 6 }, (_, i) => task(`out-${i}`, i === 2 ? "crash.pdf" : "0.pdf"));
    const results = codes(await Promise.all(tasks.map((each) => pool.sign(each))));
    expect(results).to.deep.equal(["ok", "ok", "worker_crashed", "ok", "ok", "ok"]);
    expect(codes([await pool.sign(task("after"))])).to.deep.equal(["ok"]);
  });

  it("ends a thread that is busy for too long, and loses only its document", async () => {
    pool = createSigningPool({ threads: 1, worker: dangerous, secondsPerDocument: 1 });
    const results = await Promise.all([
      pool.sign(task("a")),
      pool.sign(task("b", "hang.pdf")),
      pool.sign(task("c")),
    ]);
    expect(codes(results)).to.deep.equal(["ok", "worker_crashed", "ok"]);
  });

  it("takes steps of signatures in groups too, with signatures among them", async () => {
    pool = createSigningPool({ threads: 1, worker: counting });
    const told = { ...task("told", "not-there.pdf"), bytes: 1_000 };
    const results = await Promise.all([
      ...[1, 2, 3].map(() => pool.prepare(told, 2_000)),
      pool.sign(told),
      pool.stamp(pki.member, { digest: new Uint8Array(32), policy: "2.999.1", at: 0 }),
    ]);
    const found = results.map((result) => (result.ok ? "ok" : result.code));
    expect(found).to.deep.equal(Array.from({ length: 5 }, () => "of 5"));
  });

  it("loses only the document whose step kills its thread or keeps it for ever", async () => {
    pool = createSigningPool({ threads: 1, worker: dangerous, secondsPerDocument: 2 });
    const steps = ["0.pdf", "crash.pdf", "0.pdf", "hang.pdf", "0.pdf"].map((path) =>
      pool.prepare(task("unused", path), 2_000),
    );
    const results = (await Promise.all(steps)).map((result) => (result.ok ? "ok" : result.code));
    expect(results).to.deep.equal(["ok", "worker_crashed", "ok", "worker_crashed", "ok"]);
  });

  it("gives a document up when no thread can start, and the process goes on", async () => {
    const missing = new URL("./not-there.js", import.meta.url);
    pool = createSigningPool({ threads: 1, worker: missing, secondsPerDocument: 1 });
    expect(codes([await pool.sign(task("a"))])).to.deep.equal(["worker_crashed"]);
  });

  it("does not count the time that a document waits for a thread", async () => {
    pool = createSigningPool({ threads: 1, worker: dangerous, secondsPerDocument: 4 });
    await writeLetter(folder.path("slow.pdf"), true);
    // As large ones they go one by one.
    const large = { ...task("unused", "slow.pdf"), bytes: 2 << 20 };
    const steps = Array.from({ length: 12 }, () => pool.prepare(large, 2_000));
    const results = (await Promise.all(steps)).map((result) => (result.ok ? "ok" : result.code));
    expect(new Set(results)).to.deep.equal(new Set(["ok"]));
  });

  it("turns to signatures that came while a thread was at the step of another, or at a check", async () => {
    pool = createSigningPool({ threads: 1, worker: dangerous });
    await writeLetter(folder.path("slow.pdf"), true);
    const before = [
      () => pool.prepare(task("unused", "slow.pdf"), 2_000),
      () => pool.verify(folder.path("slow.pdf"), { trustDer: [] }),
    ];
    for (const [i, occupy] of before.entries()) {
      const occupied = occupy();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(codes([await pool.sign(task(`out-${i}`))])).to.deep.equal(["ok"]);
      await occupied;
    }
  });

  it("finishes what it accepted when it closes, takes nothing more, and leaves no thread", async () => {
    const before = threadsAlive();
    pool = createSigningPool({ threads: 2 });
    const signing = Array.from({ length: 20 }, (_, i) => pool.sign(task(`out-${i}`)));
    await Promise.race(signing);
    expect(threadsAlive()).to.be.greaterThan(before);
    const closing = pool.close();
    expect(codes([await pool.sign(task("late"))])).to.deep.equal(["pool_closed"]);
    await closing;
    expect(new Set(codes(await Promise.all(signing)))).to.deep.equal(new Set(["ok"]));
    await pool.close();
    expect(threadsAlive()).to.equal(before);
  });
});
