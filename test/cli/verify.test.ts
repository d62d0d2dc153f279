import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { pemOf } from "../../src/identity/pem.ts";
import { ran } from "../support/programs.ts";
import { type Folder, letter, temporaryFolder } from "../workers/letters.ts";
import { createTestPki } from "../workers/pki.ts";
import { reallySigned } from "../workers/real-signature.ts";

describe("collecte verify", function () {
  this.timeout(60_000);
  const pki = createTestPki();
  let folder: Folder;
  const verify = (...args: string[]) => ran(process.execPath, ["bin/collecte.js", "verify", ...args]);

  before(async () => {
    folder = temporaryFolder();
    writeFileSync(folder.path("ca.pem"), pemOf(pki.rootDer));
    const signed = reallySigned(await letter(true), pki.member);
    writeFileSync(folder.path("signed.pdf"), signed);
    const changed = Buffer.from(readFileSync(folder.path("signed.pdf")));
    changed[100] = (changed[100] ?? 0) ^ 1;
    writeFileSync(folder.path("changed.pdf"), changed);
  });
  after(() => folder.remove());

  it("ends with 0 when all passed, 1 when one failed, 2 when one is undecided", async () => {
    const trust = ["--trust", folder.path("ca.pem")];
    const signed = folder.path("signed.pdf");
    const passed = await verify(...trust, signed);
    expect(passed.status).to.equal(0);
    expect(passed.stdout).to.contain("TOTAL-PASSED").and.contain("Zoé Lefèvre-Łuczak");
    expect((await verify(...trust, signed, folder.path("changed.pdf"))).status).to.equal(1);
    const later = await verify(...trust, "--at", "2040-01-01T00:00:00Z", signed);
    expect(later.status).to.equal(2);
    expect(later.stdout).to.contain("INDETERMINATE/OUT_OF_BOUNDS_NO_POE (certificate_expired)");
  });

  it("says why a file can't be looked at, and judges the others", async () => {
    mkdirSync(folder.path("folder.pdf"));
    execFileSync("mkfifo", [folder.path("pipe.pdf")]);
    const names = ["missing.pdf", "folder.pdf", "pipe.pdf", "signed.pdf"];
    const trust = ["--trust", folder.path("ca.pem")];
    const { status, stdout } = await verify("--json", ...trust, ...names.map((name) => folder.path(name)));
    expect(status).to.equal(1);
    const { files } = JSON.parse(stdout) as { files: { error?: string; verdict?: string }[] };
    expect(files.map(({ error, verdict }) => error ?? verdict)).to.deep.equal([
      "there is no such file",
      "this is a folder",
      "this is no regular file",
      "TOTAL-PASSED",
    ]);
  });

  it("refuses a time that is none", async () => {
    const { status, stderr } = await verify("--at", "soon", folder.path("signed.pdf"));
    expect([status, stderr]).to.deep.equal([
      1,
      "--at: soon is no time; write it like 2026-03-31T12:00:00Z\n",
    ]);
  });
});
