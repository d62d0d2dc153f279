import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Overloaded } from "../../../src/actors/runtime/errors.ts";
import {
  createInspector,
  type Inspector,
  type InspectorSettings,
} from "../../../src/workers/pdf/inspector.ts";
import { needProgram } from "../../support/programs.ts";
import { thrownBy } from "../../support/thrown.ts";
import { createTestPki } from "../pki.ts";
import { reallySigned } from "../real-signature.ts";
import { aDocument, aForm, latin1 } from "./documents.ts";

const LIMITS = { maxBytes: 10_000_000, maxPages: 500 };

const networkCount = () => Object.keys(networkInterfaces()).length;

/** A child that obeys the name of the file it is asked about. */
const ODD_CHILD = `
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { path } = JSON.parse(line);
  if (path === "hang") for (;;);
  if (path === "sleep") await new Promise((resolve) => setTimeout(resolve, 60_000));
  if (path === "die") process.exit(7);
  if (path === "eat") { const eaten = []; for (;;) eaten.push(Buffer.alloc(16 * 1024 * 1024, 1)); }
  if (path === "babble") process.stdout.write('{"ok":true,"pages":"many"}\\n');
  else if (path === "reach") {
    const { networkInterfaces } = await import("node:os");
    const { writeFileSync } = await import("node:fs");
    const { spawnSync } = await import("node:child_process");
    const tried = (act) => { try { act(); return "done"; } catch (error) { return error.code; } };
    const detail = [
      Object.keys(networkInterfaces()).length + " interfaces",
      "write " + tried(() => writeFileSync(process.argv[1] + ".out", "x")),
      "spawn " + tried(() => spawnSync("true")),
    ].join(", ");
    process.stdout.write(JSON.stringify({ ok: false, code: "pdf_damaged", detail }) + "\\n");
  } else if (path === "flood") {
    const { writeSync } = await import("node:fs");
    for (;;) writeSync(3, Buffer.alloc(65_536));
  } else if (path === "short") {
    const { writeSync } = await import("node:fs");
    writeSync(3, "abc");
    process.stdout.write('{"ok":true,"pages":1,"revisions":1,"signatures":0,"rewrittenBytes":2}\\n');
  } else if (path === "environment") {
    const detail = Object.keys(process.env).join(" ");
    process.stdout.write(JSON.stringify({ ok: false, code: "pdf_damaged", detail }) + "\\n");
  } else process.stdout.write(JSON.stringify({ ok: true, pages: process.pid, revisions: 1, signatures: 0 }) + "\\n");
}
`;

describe("the inspector", () => {
  const folder = mkdtempSync(join(tmpdir(), "collecte-inspector-"));
  const oddChild = join(folder, "odd-child.mjs");
  const opened: Inspector[] = [];

  function inspector(settings: InspectorSettings = {}): Inspector {
    const created = createInspector(settings);
    opened.push(created);
    return created;
  }

  function odd(settings: InspectorSettings = {}): Inspector {
    return inspector({ childPath: oddChild, ...settings });
  }

  before(async () => {
    writeFileSync(oddChild, ODD_CHILD);
    writeFileSync(join(folder, "good.pdf"), await aDocument({ pages: 3 }));
    writeFileSync(join(folder, "bad.pdf"), "PK");
    const misled = (bytes: Uint8Array) => latin1(bytes).replace(/(?<=\n0{5,}\d*)\d(?= 00000 n)/g, "7");
    const signed = reallySigned(await aDocument({ pages: 3 }), createTestPki().member);
    writeFileSync(join(folder, "signed.pdf"), signed);
    writeFileSync(join(folder, "moved.pdf"), misled(await aDocument({ pages: 3 })), "latin1");
    writeFileSync(join(folder, "moved-signed.pdf"), misled(signed), "latin1");
    const script = "<< /S /JavaScript /JS (1) >>";
    const form = latin1(await aForm()).replace("/Type /Catalog", `/Type /Catalog /OpenAction ${script}`);
    writeFileSync(join(folder, "active.pdf"), form, "latin1");
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
  });

  after(() => rmSync(folder, { recursive: true }));

  it("answers for good files, bad files and files that are not there", async () => {
    const { inspect } = inspector();
    const answers = await Promise.all(
      ["good.pdf", "bad.pdf", "none.pdf", "good.pdf"].map((name) => inspect(join(folder, name), LIMITS)),
    );
    expect(answers[0]).to.deep.equal({ ok: true, pages: 3, revisions: 1, signatures: 0 });
    expect(answers[1]).to.include({ ok: false, code: "not_a_pdf" });
    expect(answers[2]).to.include({ ok: false, code: "pdf_inspection_failed" });
    expect(answers[3]).to.include({ ok: true });
  });

  it("keeps its process for the next file", async () => {
    const { inspect } = odd();
    const first = await inspect("pid", LIMITS);
    expect(await inspect("pid", LIMITS)).to.deep.equal(first);
  });

  it("gives the process no secrets", async () => {
    const answer = await odd().inspect("environment", LIMITS);
    expect(answer).to.deep.include({ detail: "PATH" });
  });

  it("gives the process no network, no file to write and no program to start", async function () {
    needProgram(this, "unshare");
    const missing: string[] = [];
    const answer = await odd({ warn: (list) => missing.push(...list) }).inspect("reach", LIMITS);
    expect(answer).to.deep.include({
      detail: `${missing.length === 0 ? 0 : networkCount()} interfaces, write ERR_ACCESS_DENIED, spawn ERR_ACCESS_DENIED`,
    });
  });

  it("says once which bounds a machine does not give, and inspects all the same", async () => {
    const told: string[][] = [];
    const each = inspector({ findProgram: () => undefined, warn: (missing) => told.push([...missing]) });
    expect(await each.inspect(join(folder, "good.pdf"), LIMITS)).to.include({ ok: true });
    await each.close();
    expect(told).to.deep.equal([["no network (unshare --user --net)", "bounded memory (prlimit)"]]);
  });

  it("writes a damaged file anew, without signature only, and only when asked", async () => {
    const { inspect } = inspector();
    const [to, bad] = [join(folder, "anew.pdf"), join(folder, "moved.pdf")];
    expect(await inspect(bad, LIMITS)).to.include({ ok: false, code: "pdf_damaged" });
    const inspection = await inspect(bad, LIMITS, { to });
    const bytes = readFileSync(to);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(inspection).to.deep.include({ ok: true, pages: 3, rewritten: { sha256, bytes: bytes.length } });
    expect(await inspect(to, LIMITS)).to.include({ ok: true, pages: 3 });
    const other = join(folder, "other.pdf");
    expect(await inspect(join(folder, "good.pdf"), LIMITS, { to: other })).not.to.have.property("rewritten");
    const refused = await inspect(join(folder, "moved-signed.pdf"), LIMITS, { to: other });
    expect(refused).to.include({ ok: false, code: "pdf_damaged_signed" });
    expect(existsSync(other)).to.equal(false);
  });

  it("takes out of an unsigned file what could still change it, when asked", async () => {
    const { inspect } = inspector();
    const [active, to] = [join(folder, "active.pdf"), join(folder, "still.pdf")];
    expect(await inspect(active, LIMITS, { to })).to.include({ code: "pdf_active_content" });
    expect(await inspect(active, LIMITS, { to, neutralise: true })).to.have.property("rewritten");
    expect(latin1(readFileSync(to))).not.to.match(/AcroForm|JavaScript|Widget/);
    const signed = await inspect(join(folder, "signed.pdf"), LIMITS, {
      to: join(folder, "no.pdf"),
      neutralise: true,
    });
    expect(signed).to.include({ ok: false, code: "pdf_signed" });
  });

  it("takes no more of a file written anew than an upload may have, nor than was announced", async () => {
    const { inspect } = odd();
    const to = join(folder, "flooded.pdf");
    for (const path of ["flood", "short"]) {
      const answer = await inspect(path, LIMITS, { to });
      expect(answer).to.include({
        code: "pdf_inspection_failed",
        detail: "the process answered nonsense",
      });
    }
    expect(existsSync(to)).to.equal(false);
  });

  it("kills a process that takes too long, and goes on with the next file", async () => {
    const { inspect } = odd({ wallMs: 500 });
    const [before, stuck, after] = await Promise.all(
      ["pid", "hang", "pid"].map((path) => inspect(path, LIMITS)),
    );
    expect(stuck).to.include({ ok: false, code: "pdf_inspection_timeout" });
    expect(after).to.include({ ok: true });
    expect(after).not.to.deep.equal(before);
  });

  it("counts the processor's time, not only the clock's", async function () {
    if (process.platform !== "linux") {
      console.warn("skipped: no /proc here");
      this.skip();
    }
    this.timeout(10_000);
    const { inspect } = odd({ cpuMs: 300, wallMs: 5_000 });
    const started = Date.now();
    const stuck = await inspect("hang", LIMITS);
    expect(stuck).to.include({ code: "pdf_inspection_timeout", detail: "over 300 ms of CPU" });
    expect(Date.now() - started).to.be.below(4_000);
  });

  it("survives a process that dies", async () => {
    const { inspect } = odd();
    const [dead, next] = await Promise.all(["die", "pid"].map((path) => inspect(path, LIMITS)));
    expect(dead).to.include({ ok: false, code: "pdf_inspection_failed" });
    expect(next).to.include({ ok: true });
  });

  it("stops a process that eats memory", async function () {
    needProgram(this, "prlimit");
    this.timeout(20_000);
    const { inspect } = odd();
    const [fat, next] = await Promise.all(["eat", "pid"].map((path) => inspect(path, LIMITS)));
    expect(fat).to.include({ ok: false, code: "pdf_inspection_failed" });
    expect(next).to.include({ ok: true });
  });

  it("does not take nonsense for an answer", async () => {
    const { inspect } = odd();
    const [nonsense, next] = await Promise.all(["babble", "pid"].map((path) => inspect(path, LIMITS)));
    expect(nonsense).to.include({ ok: false, code: "pdf_inspection_failed" });
    expect(next).to.include({ ok: true });
  });

  it("works on as many files at once as it has processes", async () => {
    const { inspect } = odd({ processes: 2, wallMs: 1_000 });
    const [stuck, quick] = [inspect("hang", LIMITS), inspect("pid", LIMITS)];
    expect(await Promise.race([stuck, quick])).to.include({ ok: true });
    expect(await stuck).to.include({ ok: false });
  });

  it("refuses a file when as many wait as may, and takes it when there is room", async () => {
    const { inspect } = odd({ waiting: 2, wallMs: 30_000 });
    const first = inspect("slow", LIMITS);
    const waiting = [inspect("one", LIMITS), inspect("two", LIMITS)];
    expect(await thrownBy(inspect("three", LIMITS))).to.be.instanceOf(Overloaded);
    expect((await Promise.all([first, ...waiting])).map(({ ok }) => ok)).to.deep.equal([true, true, true]);
    expect((await inspect("three", LIMITS)).ok).to.equal(true);
  });

  it("answers all files when it is closed, and after", async () => {
    const each = odd();
    const answers = [each.inspect("sleep", LIMITS), each.inspect("pid", LIMITS)];
    await each.close();
    await each.close();
    answers.push(each.inspect("pid", LIMITS));
    for (const answer of await Promise.all(answers))
      expect(answer).to.include({ code: "pdf_inspection_failed" });
  });
});
