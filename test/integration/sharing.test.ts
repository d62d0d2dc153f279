import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import fc from "fast-check";
import type { Blobs, SignResult } from "../../src/actors/runtime/ports.ts";
import { openBlobs } from "../../src/store/blobs.ts";
import { createSigningPool } from "../../src/workers/pool.ts";
import { signDocument } from "../../src/workers/sign-document.ts";
import { verifyDocument } from "../../src/workers/verify-document.ts";
import { needProgram, ran } from "../support/programs.ts";
import { type Folder, letter, temporaryFolder } from "../workers/letters.ts";
import { createTestPki, memberOf, sealOf, someDay } from "../workers/pki.ts";

const pki = createTestPki();
const program = fileURLToPath(new URL("./sharing-signer.js", import.meta.url));
const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("a large document that grows by signatures", function () {
  this.timeout(60_000);
  let folder: Folder;
  let blobs: Blobs;
  let document: Uint8Array;
  let first: string;
  before(async () => {
    document = await letter(true, 2 << 20);
    first = sha256Of(document);
  });
  beforeEach(async () => {
    folder = temporaryFolder();
    blobs = await openBlobs(folder.path("blobs"));
    const path = blobs.temporaryPath();
    writeFileSync(path, document);
    await blobs.adopt(path, first);
  });
  afterEach(() => folder.remove());

  const placeOf = (sha256: string, root = folder.path("blobs")) => join(root, sha256.slice(0, 2), sha256);
  const task = (head: string, outPath = blobs.temporaryPath()) => ({
    path: placeOf(head),
    outPath,
    share: true,
    signer: memberOf(pki),
    signingTime: someDay.getTime(),
    name: "Zoé",
  });
  const done = (result: SignResult) => (result.ok ? result : expect.fail(result.code));

  async function grown(head: string): Promise<SignResult & { ok: true }> {
    const ordered = task(head);
    const result = done(await signDocument(ordered));
    await blobs.adopt(ordered.outPath, result.sha256);
    return result;
  }

  const read = async (sha256: string) => Buffer.concat(await (await blobs.open(sha256)).stream.toArray());

  it("keeps every one of its revisions readable, and writes only what is new", async () => {
    const heads = [first];
    for (let i = 0; i < 3; i++) heads.push((await grown(heads.at(-1) ?? "")).sha256);
    for (const sha256 of heads) {
      const bytes = await read(sha256);
      expect(sha256Of(bytes)).to.equal(sha256);
      const told = await blobs.open(sha256);
      told.stream.destroy();
      expect(told.bytes).to.equal(bytes.length);
    }
    const last = heads.at(-1) ?? "";
    expect(statSync(join(placeOf(last), "base")).ino).to.equal(statSync(placeOf(first)).ino);
    expect(statSync(join(placeOf(last), "rest")).size).to.be.lessThan(40_000);
    const report = verifyDocument(placeOf(last), { trustDer: [pki.rootDer] });
    expect(report).to.include({ verdict: "TOTAL-PASSED", sha256: last });
    expect(report.signatures).to.have.length(3);
  });

  it("is one valid file to others", async function () {
    needProgram(this, "pdfsig");
    const last = (await grown((await grown(first)).sha256)).sha256;
    writeFileSync(folder.path("whole.pdf"), await read(last));
    const { stdout } = await ran("pdfsig", [folder.path("whole.pdf")]);
    expect(stdout.match(/Signature is Valid\./g)).to.have.length(2);
    expect(stdout).to.contain("- Total document signed");
  });

  it("outlives the removal of what it grew from, and goes for good itself", async () => {
    const second = (await grown(first)).sha256;
    await blobs.remove(first);
    const third = (await grown(second)).sha256;
    expect(sha256Of(await read(third))).to.equal(third);
    await blobs.remove(third);
    await blobs.remove(third);
    expect(await readdir(join(folder.path("blobs"), "temporary"))).to.deep.equal([]);
    expect((await grown(second)).before).to.equal(second);
  });

  it("takes the same document twice, from two that signed at once, in either form", async () => {
    const one = task(first);
    const other = { ...task(first), share: false };
    // RSA signs the same bytes the same way twice.
    const results = await Promise.all(
      [one, other, task(first)].map((each) => signDocument({ ...each, signer: sealOf(pki) })),
    );
    const [{ sha256 }] = results.map(done) as [SignResult & { ok: true }];
    expect(new Set(results.map((result) => done(result).sha256)).size).to.equal(1);
    await blobs.adopt(one.outPath, sha256);
    await blobs.adopt(other.outPath, sha256);
    expect(sha256Of(await read(sha256))).to.equal(sha256);
    await blobs.remove(sha256);
    await signDocument({ ...other, signer: sealOf(pki) });
    await blobs.adopt(other.outPath, sha256);
    await signDocument({ ...one, signer: sealOf(pki) });
    await blobs.adopt(one.outPath, sha256);
    expect(sha256Of(await read(sha256))).to.equal(sha256);
  });

  it("replaces what a crash left at the place of the result, and leaves nothing of a failure", async () => {
    const half = task(first);
    mkdirSync(half.outPath);
    writeFileSync(join(half.outPath, "rest"), "half");
    expect(done(await signDocument(half)).before).to.equal(first);
    const refused = { ...task(first), signer: { ...memberOf(pki), rootDer: createTestPki().rootDer } };
    expect(await signDocument(refused)).to.include({ ok: false, code: "readback_failed" });
    expect(await readdir(join(folder.path("blobs"), "temporary"))).to.have.length(1);
  });

  it("is written whole when asked, and never over itself", async () => {
    const second = (await grown(first)).sha256;
    const whole = { ...task(second, folder.path("whole.pdf")), share: false };
    const result = done(await signDocument(whole));
    expect(sha256Of(readFileSync(whole.outPath))).to.equal(result.sha256);
    expect(await signDocument(task(second, placeOf(second)))).to.include({ code: "same_path" });
    expect(sha256Of(await read(second))).to.equal(second);
  });

  it("is refused when its bytes are no longer those that were hashed", async () => {
    const second = (await grown(first)).sha256;
    const base = join(placeOf(second), "base");
    const bytes = readFileSync(base);
    bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 1;
    await writeFile(base, bytes);
    const changed = await signDocument(task(second));
    expect(changed.ok && changed.before === second).to.equal(false);
    await truncate(base, 1_500_000);
    expect((await signDocument(task(second))).ok).to.equal(false);
  });

  it("goes from one thread to another, through whichever is free", async () => {
    const pool = createSigningPool({ threads: 2 });
    try {
      const heads = [first, first, first, first];
      for (let round = 0; round < 3; round++) {
        const results = heads.map(async (sha256, i) => {
          const ordered = { ...task(sha256), sha256, bytes: document.length };
          const result = done(await pool.sign(ordered));
          expect(result.before).to.equal(sha256);
          await blobs.adopt(ordered.outPath, result.sha256);
          heads[i] = result.sha256;
        });
        await Promise.all(results);
      }
      for (const sha256 of heads) expect(sha256Of(await read(sha256))).to.equal(sha256);
    } finally {
      await pool.close();
    }
  });

  it("is whole in every revision that was adopted before its signer was killed, and in every blob", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 400 }), async (ms) => {
        const root = folder.path(`killed-${ms}-${Math.random()}`);
        await mkdir(root);
        const own = await openBlobs(root);
        const path = own.temporaryPath();
        await writeFile(path, document);
        await own.adopt(path, first);
        const child = spawn(process.execPath, [program, root, first], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        let said = "";
        child.stdout.on("data", (chunk: Buffer) => {
          said += chunk;
        });
        await once(child.stdout, "data");
        await pause(ms);
        child.kill("SIGKILL");
        await once(child, "close");
        const told = said.split("\n").slice(0, -1);
        const files = await readdir(root, { recursive: true });
        const names = files.map((name) => name.split("/").at(-1) ?? "").filter((name) => name.length === 64);
        for (const sha256 of new Set([first, ...told, ...names])) {
          const stored = Buffer.concat(await (await own.open(sha256)).stream.toArray());
          expect(sha256Of(stored)).to.equal(sha256);
        }
        const outPath = own.temporaryPath();
        const next = { ...task(first), path: placeOf(told.at(-1) ?? first, root), outPath };
        expect(done(await signDocument(next)).before).to.equal(told.at(-1));
        await rm(root, { recursive: true });
      }),
      { numRuns: 8 },
    );
  });
});
