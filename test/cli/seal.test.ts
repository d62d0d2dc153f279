import { spawn } from "node:child_process";
import { createHash, createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { pemOf } from "../../src/identity/pem.ts";
import { verifyDocument } from "../../src/workers/verify-document.ts";
import { needProgram, ran } from "../support/programs.ts";
import { type Folder, temporaryFolder, writeLetter } from "../workers/letters.ts";
import { aPatch } from "../workers/pdf/pngs.ts";
import { createTestPki } from "../workers/pki.ts";
import { collecteHere } from "./in-process.ts";
import { program, withDatabase } from "./programs.ts";

const pki = createTestPki(new Date());

describe("collecte seal", function () {
  this.timeout(60_000);
  let folder: Folder;
  beforeEach(async () => {
    folder = temporaryFolder();
    mkdirSync(folder.path("in/deep"), { recursive: true });
    await writeLetter(folder.path("in/a.pdf"), true);
    copyFileSync(folder.path("in/a.pdf"), folder.path("in/b.pdf"));
    copyFileSync(folder.path("in/a.pdf"), folder.path("in/deep/a.pdf"));
    writeFileSync(folder.path("in/notes.txt"), "no PDF");
  });
  afterEach(() => folder.remove());

  const seal = (...args: string[]) =>
    collecteHere(folder.path("data"), "seal", "--out", folder.path("out"), ...args);
  const sealedNames = () => readdirSync(folder.path("out")).filter((name) => name !== "ca.pem");
  const objects = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("seals a folder's PDFs with a test seal that says so, verifiable by the root beside them", async () => {
    const { status, stdout, stderr } = await seal(folder.path("in"));
    expect(status, stderr).to.equal(0);
    expect(stderr).to.contain("TEST");
    expect(stdout).to.match(/^3 of 3 sealed/);
    expect(sealedNames()).to.deep.equal(["a-2.pdf", "a.pdf", "b.pdf"]);
    const trust = ["--trust", folder.path("out/ca.pem")];
    const files = sealedNames().map((name) => folder.path(`out/${name}`));
    const verified = await collecteHere(folder.path("data"), "verify", ...trust, ...files);
    expect(verified.status, verified.stdout).to.equal(0);
    expect(verified.stdout).to.contain("Sealed by Collecte TEST Seal");
  });

  it("seals for a firm by the clock that its engine was moved to", async () => {
    const data = folder.path("data");
    const made = await collecteHere(data, "firm", "create", "--name", "Cabinet", "--json");
    const { id } = JSON.parse(made.stdout);
    const ahead = 40 * 24 * 3_600_000;
    await withDatabase(data, (writer) =>
      writer.run("INSERT INTO moved_clock (id, ahead_ms) VALUES (1, $1)", ahead),
    );
    const then = Date.now() + ahead;
    const { status, stdout } = await seal(
      "--firm",
      id,
      "--level",
      "B-LTA",
      "--json",
      folder.path("in/a.pdf"),
    );
    expect(status, stdout).to.equal(0);
    const { stdout: told } = await collecteHere(data, "verify", "--json", folder.path("out/a.pdf"));
    const [report] = JSON.parse(told).files;
    expect([report.verdict, report.signatures[0].level]).to.deep.equal(["TOTAL-PASSED", "B-LTA"]);
    expect(report.signatures[0].signedAt).to.be.within(then - 1_000, then + 60_000);
    expect(report.signatures[0].provenAt).to.be.within(then - 1_000, then + 60_000);
  });

  it("tells of each file that fails, by its code, and does the rest", async () => {
    writeFileSync(folder.path("in/c.pdf"), "%PDF-1.7 and no more");
    const { status, stdout, stderr } = await seal(
      ...["--json", folder.path("missing.pdf"), folder.path("in/c.pdf"), folder.path("in/a.pdf")],
    );
    expect(status).to.equal(1);
    const told = objects(stdout);
    const codes = new Map(told.map(({ file, ok, code }) => [file, ok === true ? "ok" : code]));
    expect(codes.get(folder.path("missing.pdf"))).to.equal("file_inaccessible");
    expect(codes.get(folder.path("in/c.pdf"))).to.equal("pdf_truncated");
    expect(codes.get(folder.path("in/a.pdf"))).to.equal("ok");
    expect(told.at(-1)?.["summary"]).to.include({ sealed: 1, failed: 2, left: 0 });
    expect(stderr).not.to.contain("pdf_truncated");
    expect(sealedNames()).to.deep.equal(["a.pdf"]);
  });

  it("replaces nothing unless it is told to, and its own input never", async () => {
    await seal(folder.path("in/a.pdf"));
    const first = readFileSync(folder.path("out/a.pdf"));
    const again = await seal(folder.path("in/a.pdf"));
    expect(again.status).to.equal(1);
    expect(again.stderr).to.contain("a.pdf: output_exists");
    expect(readFileSync(folder.path("out/a.pdf")).equals(first)).to.equal(true);
    expect((await seal("--force", folder.path("in/a.pdf"))).status).to.equal(0);
    expect(readFileSync(folder.path("out/a.pdf")).equals(first)).to.equal(false);
    const sealed = readFileSync(folder.path("out/a.pdf"));
    symlinkSync(folder.path("out"), folder.path("other"));
    const own = await seal("--force", folder.path("other/a.pdf"));
    expect(own.stderr).to.contain("a.pdf: same_path");
    expect(readFileSync(folder.path("out/a.pdf")).equals(sealed)).to.equal(true);
  });

  it("takes patterns that the shell left alone, and each file once", async () => {
    const { stdout } = await seal(
      folder.path("in/?.pdf"),
      folder.path("in/**/a.pdf"),
      folder.path("in/a.pdf"),
    );
    expect(stdout).to.match(/^3 of 3 sealed/);
    const none = await seal(folder.path("in/x*.pdf"));
    expect(none.status).to.equal(1);
    expect(none.stderr).to.contain("no file is named like that");
  });

  it("seals with a key of one's own, as PEM or as PKCS#12", async function () {
    needProgram(this, "openssl");
    const key = createPrivateKey({ key: Buffer.from(pki.seal.pkcs8 ?? []), format: "der", type: "pkcs8" });
    writeFileSync(folder.path("key.pem"), key.export({ type: "pkcs8", format: "pem" }));
    const [certificate = "", ...chain] = [pki.seal.certificateDer, ...pki.seal.chainDer, pki.rootDer].map(
      pemOf,
    );
    writeFileSync(folder.path("certificate.pem"), [certificate, ...chain].join(""));
    const pem = ["--key", folder.path("key.pem"), "--certificate", folder.path("certificate.pem")];
    const first = await seal(...pem, folder.path("in/a.pdf"));
    expect(first.status, first.stderr).to.equal(0);
    writeFileSync(folder.path("password"), "s3cret\n");
    await ran("openssl", [
      ...["pkcs12", "-export", "-inkey", folder.path("key.pem"), "-in", folder.path("certificate.pem")],
      ...["-out", folder.path("seal.p12"), "-passout", `file:${folder.path("password")}`],
    ]);
    const p12 = ["--p12", folder.path("seal.p12"), "--password-file", folder.path("password")];
    const second = await seal(...p12, folder.path("in/b.pdf"));
    expect(second.status, second.stderr).to.equal(0);
    for (const name of ["a.pdf", "b.pdf"]) {
      const report = verifyDocument(folder.path(`out/${name}`), { trustDer: [pki.rootDer] });
      expect(report.verdict).to.equal("TOTAL-PASSED");
      expect(report.signatures[0]?.signer.commonName).to.equal("Cabinet Émeraude");
    }
    expect(sealedNames()).to.deep.equal(["a.pdf", "b.pdf"]);
    const lone = await seal("--key", folder.path("key.pem"), folder.path("in/deep/a.pdf"));
    expect(lone.stderr).to.contain("--key and --certificate go together");
  });

  it("refuses what uploads may not be, when asked to look", async () => {
    writeFileSync(folder.path("in/script.pdf"), withScript());
    expect((await seal(folder.path("in/script.pdf"))).status).to.equal(0);
    const looked = await seal("--inspect", "--force", folder.path("in/script.pdf"), folder.path("in/a.pdf"));
    expect(looked.stderr).to.match(/script\.pdf: pdf_/);
    expect(looked.stdout).to.match(/^1 of 2 sealed/);
  });

  it("shows the seal in a box, with a logo, and certifies and locks: then nothing more is sealed", async function () {
    needProgram(this, "pdftotext");
    writeFileSync(folder.path("logo.png"), aPatch(2, 2, [0, 80, 160]));
    const box = "page=1,left=60,bottom=80,width=180,height=60";
    const look = ["--visible", box, "--logo", folder.path("logo.png"), "--reason", "Pour accord"];
    const { status, stderr } = await seal(...look, "--certify", "--lock", folder.path("in/a.pdf"));
    expect(status, stderr).to.equal(0);
    const { stdout } = await ran("pdftotext", [folder.path("out/a.pdf"), "-"]);
    expect(stdout).to.contain("Collecte TEST Seal").and.to.contain("Pour accord");
    expect(stdout.replace(/\s+/g, " ")).to.match(/Signé le .+ à \d\d:\d\d \(heure de Paris\)/);
    const bytes = readFileSync(folder.path("out/a.pdf"), "latin1");
    expect(bytes).to.contain("/DocMDP").and.to.contain("/FieldMDP").and.to.contain("/Logo");
    const more = await seal("--force", folder.path("out/a.pdf"), "--out", folder.path("more"));
    expect(more.stderr).to.contain("a.pdf: pdf_certified_no_changes");
    const twice = await seal("--certify", folder.path("out/a.pdf"), "--out", folder.path("more"));
    expect(twice.stderr).to.contain("a.pdf: certify_not_first");
  });

  it("tells by its code, file by file, what can't be shown where it was asked", async () => {
    const beside = await seal(
      "--visible",
      "page=1,left=5000,bottom=0,width=9,height=9",
      folder.path("in/a.pdf"),
    );
    expect(beside.stderr).to.contain("a.pdf: box_outside_page");
    const page = await seal("--visible", "page=7,left=0,bottom=0,width=9,height=9", folder.path("in/a.pdf"));
    expect(page.stderr).to.contain("a.pdf: page_missing");
    const field = await seal("--visible", "field=Client", folder.path("in/a.pdf"));
    expect(field.stderr).to.contain("a.pdf: field_missing");
    expect(sealedNames()).to.deep.equal([]);
  });

  it("seals nothing when its options can't be meant", async () => {
    const faults = [
      [["--visible", "1,2,3,4,5"], "--visible: page=1,"],
      [["--visible", "page=1,left=0,bottom=0,width=9"], "--visible: page=1,"],
      [["--visible", "page=1,left=0,bottom=0,width=9,page=2"], "--visible: page=1,"],
      [["--visible", "page=0,left=0,bottom=0,width=9,height=9"], "--visible: page=1,"],
      [["--logo", program, "--visible", "field=A"], "neither a PNG nor a JPEG"],
      [["--logo", folder.path("in"), "--visible", "field=A"], "no such file"],
    ] as const;
    for (const [args, said] of faults) {
      const { status, stderr } = await seal(...args, folder.path("in/a.pdf"));
      expect(status, said).to.equal(1);
      expect(stderr).to.contain(said);
    }
    writeFileSync(folder.path("logo.png"), aPatch(1, 1, [0, 0, 0]));
    expect((await seal("--logo", folder.path("logo.png"), folder.path("in/a.pdf"))).stderr).to.contain(
      "--logo: shows only",
    );
  });

  it("repairs what is damaged when asked to, and says so", async () => {
    const sound = readFileSync(folder.path("in/a.pdf"), "latin1");
    const damaged = sound.replace(/startxref\s+\d+/, "startxref\n7");
    writeFileSync(folder.path("in/damaged.pdf"), damaged, "latin1");
    const files = [folder.path("in/damaged.pdf"), folder.path("in/b.pdf")];
    const plain = await seal(...files);
    expect(plain.stderr).to.contain("damaged.pdf: pdf_damaged");
    const repaired = await seal("--repair", "--force", ...files);
    expect(repaired.status, repaired.stderr).to.equal(0);
    expect(repaired.stderr).to.contain("damaged.pdf: damaged, sealed as written anew");
    expect(repaired.stdout).to.match(/^2 of 2 sealed into .+ \(1 repaired\)/);
    const looked = await seal("--repair", "--inspect", "--json", "--force", ...files);
    const told = objects(looked.stdout);
    const sha256 = createHash("sha256").update(damaged, "latin1").digest("hex");
    const of = (name: string) => told.find(({ file }) => file === folder.path(`in/${name}.pdf`));
    expect(of("damaged")?.["repairedFrom"]).to.equal(sha256);
    expect(of("b")).not.to.have.property("repairedFrom");
    expect(told.at(-1)?.["summary"]).to.include({ sealed: 2, repaired: 1, failed: 0 });
    expect(sealedNames()).to.deep.equal(["b.pdf", "damaged.pdf"]);
    const trust = ["--trust", folder.path("out/ca.pem")];
    const verified = await collecteHere(
      folder.path("data"),
      "verify",
      ...trust,
      folder.path("out/damaged.pdf"),
    );
    expect(verified.status, verified.stdout).to.equal(0);
  });

  it("says of a file whose earlier signature is broken that it is", async () => {
    await seal(folder.path("in/a.pdf"));
    const sealed = readFileSync(folder.path("out/a.pdf"));
    // White space for another, in a byte that the signature covers.
    sealed[sealed.indexOf("\n")] = 0x0d;
    writeFileSync(folder.path("in/broken.pdf"), sealed);
    const again = await seal("--repair", folder.path("in/broken.pdf"));
    expect(again.stderr).to.contain("broken.pdf: pdf_signature_broken");
  });

  it("seals at each level with the test authority's own timestamps and list", async () => {
    for (const level of ["B-T", "B-LT", "B-LTA"]) {
      const args = ["--json", "--force", "--level", level, folder.path("in/a.pdf"), folder.path("in/b.pdf")];
      const { status, stdout, stderr } = await seal(...args);
      expect(status, stderr).to.equal(0);
      const [one, two] = objects(stdout);
      expect([one?.["level"], two?.["level"]]).to.deep.equal([level, level]);
    }
    const trust = ["--trust", folder.path("out/ca.pem")];
    const verified = await collecteHere(folder.path("data"), "verify", ...trust, folder.path("out/a.pdf"));
    expect(verified.status, verified.stdout).to.equal(0);
    expect(verified.stdout).to.contain("B-LTA");
  });

  it("does not claim a level that it cannot make", async () => {
    const pkcs8 = { key: Buffer.from(pki.member.pkcs8 ?? []), format: "der", type: "pkcs8" } as const;
    const chain = [pki.member.certificateDer, ...pki.member.chainDer, pki.rootDer];
    const key = createPrivateKey(pkcs8).export({ type: "pkcs8", format: "pem" });
    writeFileSync(folder.path("key.pem"), key);
    writeFileSync(folder.path("chain.pem"), chain.map(pemOf).join(""));
    const own = ["--key", folder.path("key.pem"), "--certificate", folder.path("chain.pem")];
    const { status, stderr } = await seal("--level", "B-LT", ...own, folder.path("in/a.pdf"));
    expect(status).to.equal(1);
    expect(stderr).to.contain("--level B-LT");
    expect((await seal("--level", "gold", folder.path("in/a.pdf"))).stderr).to.contain("--level");
  });

  it("ends on Ctrl-C with whole files only", async () => {
    for (let i = 0; i < 3_000; i++) copyFileSync(folder.path("in/a.pdf"), folder.path(`in/deep/${i}.pdf`));
    const args = ["seal", "--json", "--out", folder.path("out"), folder.path("in")];
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "ignore"] });
    let told = "";
    child.stdout.on("data", (chunk: Buffer) => {
      told += chunk;
    });
    await once(child.stdout, "data");
    child.kill("SIGINT");
    const [status] = (await once(child, "close")) as [number];
    expect(status).to.equal(130);
    const summary = objects(told).at(-1)?.["summary"] as { sealed: number; left: number } | undefined;
    expect(summary?.left).to.be.greaterThan(0);
    expect(sealedNames()).to.have.length(summary?.sealed ?? -1);
    expect(sealedNames().filter((name) => name.startsWith("."))).to.deep.equal([]);
  });
});

function withScript(): string {
  const bodies = [
    "<< /Type /Catalog /Pages 2 0 R /OpenAction << /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >> >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
  ];
  let text = "%PDF-1.7\n";
  let table = "xref\n0 4\n0000000000 65535 f \n";
  bodies.forEach((body, i) => {
    table += `${String(text.length).padStart(10, "0")} 00000 n \n`;
    text += `${i + 1} 0 obj\n${body}\nendobj\n`;
  });
  return `${text}${table}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
}
