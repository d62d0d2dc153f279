import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { sweepHeads } from "../../src/actors/cron/heads.ts";
import { createSecrets } from "../../src/actors/runtime/secrets.ts";
import { pemOf } from "../../src/identity/pem.ts";
import { type EvidenceBench, firmId, openEvidenceBench } from "../proof/evidence-bench.ts";
import { openTemporaryStore } from "../store/open-store.ts";
import { aCollecte, morning } from "../support/collecte-builder.ts";
import { collecteHere } from "./in-process.ts";

const secret = Buffer.alloc(32, 5);

describe("collecte verify-evidence", function () {
  this.timeout(60_000);
  let bench: EvidenceBench;
  const at = ["--at", new Date(morning + 60_000).toISOString()];
  const path = (name: string) => join(bench.folder, name);
  const verify = (...args: string[]) =>
    collecteHere(bench.folder, "verify-evidence", "--root", path("root.pem"), ...at, ...args);

  before(async () => {
    bench = await openEvidenceBench({ at: morning }, await openTemporaryStore(createSecrets(secret)));
    await bench.live("col_1", aCollecte().launched().signedBy("s1"));
    const file = await bench.evidence("col_1");
    await writeFile(path("root.pem"), pemOf(bench.trust.rootDer));
    await writeFile(path("evidence.pdf"), file);
    file[2_000] = (file[2_000] ?? 0) ^ 1;
    await writeFile(path("changed.pdf"), file);
  });
  after(() => bench.close());

  it("ends with 0 when all is good and says what was looked at, with 1 when something is wrong", async () => {
    const passed = await verify(path("evidence.pdf"));
    expect(passed.stdout)
      .to.include("TOTAL-PASSED")
      .and.include("record")
      .and.include("col_1 of Cabinet Lemoine");
    expect(passed.status, passed.stdout + passed.stderr).to.equal(0);
    const failed = await verify(path("evidence.pdf"), path("changed.pdf"), path("missing.pdf"));
    expect(failed.status).to.equal(1);
    expect(failed.stdout).to.include("WRONG: digest_mismatch").and.include("this is no file");
  });

  it("looks for the signed documents in a folder", async () => {
    await mkdir(path("documents"));
    await writeFile(join(path("documents"), "d.pdf"), "another document");
    const { status, stdout } = await verify("--json", "--documents", path("documents"), path("evidence.pdf"));
    const [judged] = JSON.parse(stdout).files;
    expect(status).to.equal(1);
    expect(judged.checks.at(-1)).to.deep.equal({ check: "documents", problems: ["d1_not_found"] });
    const changed = await verify("--documents", path("documents"), path("changed.pdf"));
    expect(changed.stdout, "nothing good is said of what was not looked at").not.to.include("documents");
  });

  it("takes an exported record: undecided until it is under an hourly root", async () => {
    const environment = {
      COLLECTE_SECRET: process.env["COLLECTE_SECRET"],
      COLLECTE_MODE: process.env["COLLECTE_MODE"],
    };
    Object.assign(process.env, { COLLECTE_SECRET: secret.toString("base64"), COLLECTE_MODE: "test" });
    try {
      const out = path("record.json");
      const exported = () =>
        collecteHere(bench.folder, "record", "export", "col_1", "--firm", firmId, "--out", out);
      const early = await exported();
      expect(early.status, early.stderr).to.equal(0);
      const open = await verify(out);
      expect([open.status, open.stdout]).to.deep.include(2);
      expect(open.stdout).to.include("no_inclusion_proof");

      await sweepHeads({ heads: bench.store.heads, tsa: bench.trust.tsa }, morning);
      await exported();
      const { status, stdout } = await verify(out);
      expect(stdout).to.include("TOTAL-PASSED");
      expect(status).to.equal(0);
      const whole = await readFile(out, "utf8");
      await writeFile(out, whole.replace('"madeAt":1', '"madeAt":2'));
      expect((await verify(out)).stdout).to.include("WRONG: digest_mismatch");
    } finally {
      for (const [name, value] of Object.entries(environment)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
});
