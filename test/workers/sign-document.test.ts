import { createHash, X509Certificate } from "node:crypto";
import { copyFileSync, existsSync, linkSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import type { SignerSpec, SignResult, SignTask } from "../../src/actors/runtime/ports.ts";
import { readSignedData, splitContents } from "../../src/workers/cms/signed-data.ts";
import { inspectPdf } from "../../src/workers/pdf/inspect.ts";
import { readSignatures } from "../../src/workers/pdf/signatures.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { openPdf } from "../../src/workers/pdf/tail.ts";
import { signDocument } from "../../src/workers/sign-document.ts";
import { verifyDocument } from "../../src/workers/verify-document.ts";
import { needProgram, ran } from "../support/programs.ts";
import { type Folder, letter, temporaryFolder, writeLetter } from "./letters.ts";
import { aPatch } from "./pdf/pngs.ts";
import { clientOf, createTestPki, memberOf, sealOf, someDay } from "./pki.ts";

const pki = createTestPki();
const threeSigners = [clientOf(pki), memberOf(pki), sealOf(pki)];
const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

describe("signing a document", () => {
  let folder: Folder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  const sign = (
    from: string,
    to: string,
    signer: SignerSpec,
    more: Partial<SignTask> = {},
  ): Promise<SignResult> =>
    signDocument({
      path: folder.path(from),
      outPath: folder.path(to),
      signer,
      signingTime: someDay.getTime(),
      name: "Éloïse D'Œuvre",
      reason: "J'ai lu et j'accepte",
      ...more,
    });

  async function signThrice(): Promise<void> {
    let step = 0;
    for (const signer of threeSigners) {
      const result = await sign(`${step}.pdf`, `${step + 1}.pdf`, signer);
      expect(result).to.include({ ok: true });
      step++;
    }
  }

  const bigDocument = 3 << 20;
  for (const [form, objectStreams, weight] of [
    ["with object streams", true, 0],
    ["without object streams", false, 0],
    ["of several megabytes", true, bigDocument],
  ] as const) {
    it(`keeps a client's, a member's and a seal valid on a document ${form}`, async () => {
      await writeLetter(folder.path("0.pdf"), objectStreams, weight);
      await signThrice();
      const report = verifyDocument(folder.path("3.pdf"), { trustDer: [pki.rootDer] });
      expect(report.problems).to.deep.equal([]);
      expect(report.verdict).to.equal("TOTAL-PASSED");
      expect(
        report.signatures.map((each) => [each.verdict, each.kind, each.level, each.coversWholeFile]),
      ).to.deep.equal([
        ["TOTAL-PASSED", "signature", "B-B", false],
        ["TOTAL-PASSED", "signature", "B-B", false],
        ["TOTAL-PASSED", "seal", "B-B", true],
      ]);
      expect(report.signatures.map(({ signer }) => signer.commonName)).to.deep.equal([
        "Éloïse D'Œuvre",
        "Zoé Lefèvre-Łuczak",
        "Cabinet Émeraude",
      ]);
      expect(report.signatures.map(({ signedAt }) => signedAt)).to.deep.equal(
        Array(3).fill(someDay.getTime()),
      );
    });

    it(`satisfies pdfsig on a document ${form}`, async function () {
      needProgram(this, "pdfsig");
      this.timeout(30_000);
      await writeLetter(folder.path("0.pdf"), objectStreams, weight);
      await signThrice();
      const { stdout } = await ran("pdfsig", [folder.path("3.pdf")]);
      expect(stdout.match(/Signature is Valid\./g)).to.have.length(3);
      expect(stdout.match(/- Total document signed/g)).to.have.length(1);
      expect(stdout.slice(stdout.indexOf("Signature #3"))).to.contain("- Total document signed");
    });
  }

  it("shows, certifies and locks, each signature in its place, and all of them pass", async function () {
    await writeLetter(folder.path("0.pdf"), true);
    const box = { page: 2, left: 60, bottom: 80, width: 180, height: 60 };
    const lines = ["Éloïse D'Œuvre", "Signé le 02/03/2026 à 11:00 (heure de Paris)"];
    const second = { ...box, left: 300 };
    const plans: Partial<SignTask>[] = [
      { appearance: { at: box, lines }, fields: [{ fieldName: "second", box: second }], certify: true },
      { appearance: { at: { fieldName: "second" }, lines, logo: aPatch(20, 20, [0, 0, 200]) } },
      { lock: true },
    ];
    for (const [i, plan] of plans.entries()) {
      const result = await sign(
        `${i}.pdf`,
        `${i + 1}.pdf`,
        [clientOf, memberOf, sealOf][i]?.(pki) ?? expect.fail(),
        plan,
      );
      expect(result, String(i)).to.include({ ok: true });
    }
    const report = verifyDocument(folder.path("3.pdf"), { trustDer: [pki.rootDer] });
    expect(report.signatures.map(({ verdict }) => verdict)).to.deep.equal(Array(3).fill("TOTAL-PASSED"));
    const source = bytesSource(readFileSync(folder.path("2.pdf")));
    expect(inspectPdf(source, { maxBytes: 1e7, maxPages: 10 })).to.include({ ok: true });
    expect(await sign("3.pdf", "4.pdf", memberOf(pki))).to.include({ code: "pdf_certified_no_changes" });
    needProgram(this, "pdfsig");
    const { stdout } = await ran("pdfsig", [folder.path("3.pdf")]);
    expect(stdout.match(/Signature is Valid\./g)).to.have.length(3);
  });

  it("only appends, and tells the digests and sizes of what it made", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    const result = await sign("0.pdf", "1.pdf", clientOf(pki));
    if (!result.ok) throw new Error(result.code);
    const [before, after] = [readFileSync(folder.path("0.pdf")), readFileSync(folder.path("1.pdf"))];
    expect(after.subarray(0, before.length).equals(before)).to.equal(true);
    expect(result).to.include({
      sha256: sha256(folder.path("1.pdf")),
      before: sha256(folder.path("0.pdf")),
      bytes: after.length,
      revisionBytes: after.length - before.length,
      level: "B-B",
    });
  });

  it("tells the certificate's digest and serial number as node:crypto reads them", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    const result = await sign("0.pdf", "1.pdf", memberOf(pki));
    const { fingerprint256, serialNumber } = new X509Certificate(pki.member.certificateDer);
    expect(result).to.deep.include({
      certificate: {
        sha256: fingerprint256.replaceAll(":", "").toLowerCase(),
        serialHex: serialNumber.toLowerCase(),
      },
    });
  });

  it("makes a new key and certificate for every one-use signature", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    const keys = [];
    for (const name of ["1.pdf", "2.pdf"]) {
      expect(await sign("0.pdf", name, clientOf(pki))).to.include({ ok: true });
      const [signature] = readSignatures(openPdf(bytesSource(readFileSync(folder.path(name)))));
      const { certificatesDer } = readSignedData(splitContents(signature?.contents ?? expect.fail()).cms);
      const own = certificatesDer.map((der) => new X509Certificate(der)).find(({ ca }) => !ca);
      expect(own?.subject.normalize("NFC")).to.contain("CN=Éloïse D'Œuvre");
      keys.push(own?.publicKey ?? expect.fail());
    }
    expect(keys[0]?.equals(keys[1] ?? expect.fail())).to.equal(false);
  });

  it("is verified by openssl, from the CMS taken out of the file", async function () {
    needProgram(this, "openssl");
    await writeLetter(folder.path("0.pdf"), false);
    expect(await sign("0.pdf", "1.pdf", clientOf(pki))).to.include({ ok: true });
    const file = readFileSync(folder.path("1.pdf"));
    const [, gapStart = 0, gapEnd = 0] = (
      /\/ByteRange \[(\d+ \d+ \d+)/.exec(file.toString("latin1"))?.[1] ?? ""
    )
      .split(" ")
      .map(Number);
    const hex = file.subarray(gapStart + 1, gapEnd - 1).toString("latin1");
    writeFileSync(folder.path("cms.der"), Buffer.from(hex, "hex"));
    writeFileSync(folder.path("content"), Buffer.concat([file.subarray(0, gapStart), file.subarray(gapEnd)]));
    writeFileSync(folder.path("root.pem"), new X509Certificate(pki.rootDer).toString());
    const { status, stderr } = await ran("openssl", [
      ...["cms", "-verify", "-cades", "-inform", "DER", "-in", folder.path("cms.der"), "-binary"],
      ...["-content", folder.path("content"), "-CAfile", folder.path("root.pem"), "-purpose", "any"],
      ...["-attime", String(someDay.getTime() / 1000), "-out", folder.path("out")],
    ]);
    expect(stderr).to.match(/CAdES Verification successful/i);
    expect(status).to.equal(0);
  });

  it("replaces what a crash left at the place of the result", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    writeFileSync(folder.path("1.pdf"), "half a document");
    expect(await sign("0.pdf", "1.pdf", memberOf(pki))).to.include({ ok: true });
  });

  it("refuses to write over its own input, however the path is spelt", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    linkSync(folder.path("0.pdf"), folder.path("same.pdf"));
    const before = sha256(folder.path("0.pdf"));
    expect(await sign("0.pdf", "0.pdf", memberOf(pki))).to.deep.equal({ ok: false, code: "same_path" });
    expect(await sign("0.pdf", "same.pdf", memberOf(pki))).to.deep.equal({ ok: false, code: "same_path" });
    expect(sha256(folder.path("0.pdf"))).to.equal(before);
  });

  it("refuses a file that is missing, empty, cut short or no PDF, and leaves nothing behind", async () => {
    const whole = await letter(true);
    writeFileSync(folder.path("empty.pdf"), "");
    writeFileSync(folder.path("text.pdf"), "Bonjour");
    writeFileSync(folder.path("cut.pdf"), whole.subarray(0, whole.length / 2));
    for (const name of ["missing.pdf", "empty.pdf", "text.pdf", "cut.pdf"]) {
      const result = await sign(name, "out.pdf", memberOf(pki));
      expect(result.ok, name).to.equal(false);
      expect(existsSync(folder.path("out.pdf")), name).to.equal(false);
    }
    expect(await sign("missing.pdf", "out.pdf", memberOf(pki))).to.include({ code: "file_inaccessible" });
  });

  it("refuses a key that is not its certificate's", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    const key = { ...pki.member, keyId: "mixed-up", pkcs8: pki.authority.pkcs8 };
    const signer: SignerSpec = { kind: "kept", key, rootDer: pki.rootDer };
    expect(await sign("0.pdf", "1.pdf", signer)).to.deep.equal({ ok: false, code: "key_mismatch" });
    const noKey = { ...key, pkcs8: Uint8Array.of(1, 2, 3) };
    const broken: SignerSpec = { kind: "kept", key: noKey, rootDer: pki.rootDer };
    expect(await sign("0.pdf", "1.pdf", broken)).to.deep.equal({ ok: false, code: "key_unusable" });
  });

  it("refuses a name that cannot stand in a certificate", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    const result = await sign("0.pdf", "1.pdf", clientOf(pki, "Éloïse", "D'\u0000Œuvre"));
    expect(result).to.deep.equal({ ok: false, code: "name_refused" });
  });

  it("declares nothing done that does not read back: not under another root", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    const signer = { ...memberOf(pki), rootDer: createTestPki().rootDer };
    const result = await sign("0.pdf", "1.pdf", signer);
    expect(result).to.include({ ok: false, code: "readback_failed" });
    expect(existsSync(folder.path("1.pdf"))).to.equal(false);
  });

  it("declares nothing done when an earlier signature no longer checks", async () => {
    await writeLetter(folder.path("0.pdf"), false);
    await sign("0.pdf", "1.pdf", clientOf(pki));
    const damaged = readFileSync(folder.path("1.pdf"));
    const reason = damaged.lastIndexOf("/Name (") + 8;
    damaged[reason] = (damaged[reason] ?? 0) ^ 1;
    writeFileSync(folder.path("1.pdf"), damaged);
    const result = await sign("1.pdf", "2.pdf", memberOf(pki));
    expect(result).to.include({ ok: false, code: "readback_failed" });
    expect(existsSync(folder.path("2.pdf"))).to.equal(false);
  });

  it("signs over an earlier signature that leads to another root", async () => {
    const other = createTestPki(someDay, "Autre Cabinet");
    await writeLetter(folder.path("0.pdf"), true);
    expect(await sign("0.pdf", "1.pdf", { ...memberOf(other) })).to.include({ ok: true });
    const task = await sign("1.pdf", "2.pdf", clientOf(pki));
    expect(task).to.include({ ok: true });
    copyFileSync(folder.path("2.pdf"), folder.path("3.pdf"));
    const both = verifyDocument(folder.path("3.pdf"), { trustDer: [pki.rootDer, other.rootDer] });
    expect(both.verdict).to.equal("TOTAL-PASSED");
  });
});
