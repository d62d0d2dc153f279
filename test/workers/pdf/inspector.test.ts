import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
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
import { aDocument } from "./documents.ts";

const LIMITS = { maxBytes: 10_000_000, maxPages: 500 };

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
  else if (path === "environment") {
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
