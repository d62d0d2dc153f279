import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { temporaryFolder } from "../support/folders.ts";
import { needProgram, type Ran, ran } from "../support/programs.ts";
import { signedPartsOf } from "../support/signed-parts.ts";

const program = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));
const clients = 4;

describe("the demo", function () {
  this.timeout(120_000);
  let folder: string;
  let out: string;
  let demo: Ran;
  let files: string[];

  before(async () => {
    folder = await temporaryFolder();
    out = join(folder, "out");
    demo = await ran(process.execPath, [
      program,
      "demo",
      "--clients",
      String(clients),
      "--out",
      out,
      "--json",
    ]);
    files = (await readdir(join(out, "signed"))).map((name) => join(out, "signed", name));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it("ends well and says so in one JSON object, last on standard output", () => {
    expect(demo.status, demo.stderr).to.equal(0);
    const result = JSON.parse(demo.stdout.trim().split("\n").at(-1) ?? "");
    expect(result).to.include({
      collectes: clients,
      contacts: clients,
      completed: clients,
      signatures: 3 * clients,
      verified: clients,
      out,
    });
    expect(result.seconds).to.be.a("number").greaterThan(0);
    expect(result.parapheur, "one code for all that the expert signs").to.deep.equal({
      documents: clients,
      codes: 1,
    });
    expect(result.evidence).to.deep.equal({ files: clients + 4, verified: clients + 4 });
    expect(result.doubles).to.deep.equal({ mails: 0, smses: 0 });
  });

  it("plays a refusal, a change of order, a reminder and an expiry", () => {
    const { secondAct } = JSON.parse(demo.stdout.trim().split("\n").at(-1) ?? "");
    expect(secondAct.map(({ name, isAsTold }: Record<string, unknown>) => [name, isAsTold])).to.deep.equal([
      ["refusal", true],
      ["order change", true],
      ["reminder", true],
      ["expiry", true],
    ]);
    expect(demo.stderr).to.match(/reminder +the deadline moved by 15 days/);
  });

  it("leaves a signed PDF for every client, a record and an evidence file for every collecte, and the root certificate", async () => {
    expect(files).to.have.length(clients);
    expect(await readdir(join(out, "records"))).to.have.length(clients + 4);
    expect(await readdir(join(out, "evidence"))).to.have.length(clients + 4);
    expect(await readFile(join(out, "ca.pem"), "utf8")).to.match(/^-----BEGIN CERTIFICATE-----/);
  });

  it("writes records that hold no token and no code", async () => {
    for (const name of await readdir(join(out, "records"))) {
      const record = await readFile(join(out, "records", name), "utf8");
      expect(record).not.to.match(/"(mac|salt|token|sealedCode|code|sessionId)"/);
      expect(record).not.to.match(/\/(sign|download)#/);
    }
  });

  it("signs PDFs in which pdfsig finds three valid signatures, the last over the total document", async function () {
    needProgram(this, "pdfsig");
    for (const file of files) {
      const { stdout } = await ran("pdfsig", [file]);
      expect(stdout.match(/Signature Validation: Signature is Valid\./g), stdout).to.have.length(3);
      const last = stdout.slice(stdout.lastIndexOf("Signature #"));
      expect(last).to.contain("Total document signed");
      expect(stdout.match(/ETSI\.CAdES\.detached/g)).to.have.length(3);
    }
  });

  it("signs PDFs that qpdf has no complaint about", async function () {
    needProgram(this, "qpdf");
    for (const file of files) {
      const { status, stdout, stderr } = await ran("qpdf", ["--check", file]);
      expect(status, stdout + stderr).to.equal(0);
      expect(stderr).to.equal("");
    }
  });

  it("makes signatures that openssl verifies up to ca.pem", async function () {
    needProgram(this, "openssl");
    for (const file of files) {
      // The last is the document timestamp, which is no signature over the document but a token.
      const parts = (await signedPartsOf(file)).slice(0, -1);
      expect(parts).to.have.length(3);
      for (const [i, { cms, content }] of parts.entries()) {
        const cmsFile = join(folder, `${i}.p7s`);
        const contentFile = join(folder, `${i}.bin`);
        await writeFile(cmsFile, cms);
        await writeFile(contentFile, content);
        const options = [
          "-inform",
          "DER",
          "-in",
          cmsFile,
          "-content",
          contentFile,
          "-binary",
          "-purpose",
          "any",
        ];
        const ca = ["-CAfile", join(out, "ca.pem"), "-out", join(folder, "ignored")];
        const { status, stderr } = await ran("openssl", ["cms", "-verify", ...options, ...ca]);
        expect(status, stderr).to.equal(0);
      }
    }
  });

  it("signs PDFs that our own verify passes, and fails once a byte is changed", async () => {
    const [file = ""] = files;
    const trust = ["--trust", join(out, "ca.pem")];
    const good = await ran(process.execPath, [program, "verify", ...trust, ...files]);
    expect(good.status, good.stdout).to.equal(0);
    const found = await ran(process.execPath, [program, "verify", "--json", ...trust, file]);
    expect(found.stdout.match(/"level": ?"B-LTA"/g), found.stdout).to.have.length(3);
    const bytes = await readFile(file);
    const changed = join(folder, "changed.pdf");
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    await writeFile(changed, bytes);
    const bad = await ran(process.execPath, [program, "verify", ...trust, changed]);
    expect(bad.status).to.equal(1);
    expect(bad.stdout).to.contain("TOTAL-FAILED");
  });

  it("refuses a folder that isn't empty, before it does anything", async () => {
    const again = await ran(process.execPath, [program, "demo", "--clients", "1", "--out", out]);
    expect(again.status).to.equal(1);
    expect(again.stderr).to.contain("--out");
  });
});
