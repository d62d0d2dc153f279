import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { digestRanges } from "../../src/workers/digests.ts";
import { catalogOf, firstPageOf } from "../../src/workers/pdf/pages.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { as, type PdfObject } from "../../src/workers/pdf/syntax/objects.ts";
import { serialize } from "../../src/workers/pdf/syntax/serialize.ts";
import { openPdf } from "../../src/workers/pdf/tail.ts";
import { signDocument } from "../../src/workers/sign-document.ts";
import { type VerifyReport, verifyDocument } from "../../src/workers/verify-document.ts";
import { seeded } from "../support/chance.ts";
import { type Folder, letter, temporaryFolder, writeLetter } from "./letters.ts";
import { revised } from "./pdf/documents.ts";
import { clientOf, createTestPki, memberOf, sealOf, someDay } from "./pki.ts";
import { reallySigned } from "./real-signature.ts";

const pki = createTestPki();
const trustDer = [pki.rootDer];

describe("verifying a document", () => {
  let folder: Folder;
  let signed: Buffer;

  before(async () => {
    folder = temporaryFolder();
    await writeLetter(folder.path("0.pdf"), false);
    let step = 0;
    for (const signer of [clientOf(pki), memberOf(pki), sealOf(pki)]) {
      const task = { signer, signingTime: someDay.getTime(), name: "Éloïse" };
      const result = await signDocument({
        ...task,
        path: folder.path(`${step}.pdf`),
        outPath: folder.path(`${++step}.pdf`),
      });
      expect(result).to.include({ ok: true });
    }
    signed = readFileSync(folder.path("3.pdf"));
  });
  after(() => folder.remove());

  function verified(
    bytes: Uint8Array,
    options: Parameters<typeof verifyDocument>[1] = { trustDer },
  ): VerifyReport {
    writeFileSync(folder.path("tried.pdf"), bytes);
    return verifyDocument(folder.path("tried.pdf"), options);
  }

  /** With one bit turned; `where` is its byte. */
  function flipped(bytes: Uint8Array, where: number, bit: number): Buffer {
    const copy = Buffer.from(bytes);
    copy[where] = (copy[where] ?? 0) ^ (1 << bit);
    return copy;
  }

  it("tells size, digest, and who signed with which certificate", () => {
    const report = verified(signed);
    expect(report.verdict).to.equal("TOTAL-PASSED");
    expect(report.bytes).to.equal(signed.length);
    expect(report.sha256).to.equal(createHash("sha256").update(signed).digest("hex"));
    const [client, , seal] = report.signatures;
    expect(client?.certificate).to.include({
      notBefore: someDay.getTime() - 5 * 60_000,
      issuer: "Cabinet Émeraude – Émission",
    });
    expect(client?.changedAfter).to.equal("signatures-only");
    expect(seal?.signer).to.deep.equal({ commonName: "Cabinet Émeraude", organization: "Cabinet Émeraude" });
    expect(seal?.changedAfter).to.equal("nothing");
  });

  it("is undecided under another root, or under none", () => {
    const other = verified(signed, { trustDer: [createTestPki().rootDer] });
    expect(other.verdict).to.equal("INDETERMINATE");
    expect(other.signatures.map(({ problems }) => problems)).to.deep.equal(
      Array(3).fill(["chain_untrusted"]),
    );
    const none = verified(signed, { trustDer: [] });
    expect(none.verdict).to.equal("INDETERMINATE");
    expect(none.signatures[0]?.problems).to.deep.equal(["no_certificate_chain_found"]);
  });

  it("judges certificates at the claimed time, or at the time asked", () => {
    const later = verified(signed, { trustDer, at: someDay.getTime() + 24 * 3_600_000 });
    expect(later.signatures.map(({ problems }) => problems)).to.deep.equal([["certificate_expired"], [], []]);
    expect(later.verdict).to.equal("INDETERMINATE");
  });

  it("is undecided on a document without a signature, a file that is no PDF, and a missing one", async () => {
    expect(verified(await letter(true))).to.include({ verdict: "INDETERMINATE" });
    expect(verified(await letter(true)).problems).to.deep.equal(["no_signature"]);
    const text = verified(Buffer.from("Bonjour"));
    expect(text.verdict).to.equal("INDETERMINATE");
    expect(text.problems).to.have.length(1);
    const missing = verifyDocument(folder.path("missing.pdf"), { trustDer });
    expect(missing.problems).to.deep.equal(["document_unreadable"]);
  });

  it("reports one flipped bit, at 500 places of the file", function () {
    this.timeout(60_000);
    const random = seeded(20_260_302);
    const passed: string[] = [];
    for (let i = 0; i < 500; i++) {
      const [where, bit] = [random(signed.length), random(8)];
      if (verified(flipped(signed, where, bit)).verdict === "TOTAL-PASSED") passed.push(`${where}.${bit}`);
    }
    expect(passed).to.deep.equal([]);
  });

  // No digest covers the last signature's Contents: the CMS, the case of its hexadecimal digits, its zero padding.
  it("reports one flipped bit, at 1,000 places of the last signature's Contents and its padding", function () {
    this.timeout(60_000);
    const padded = signedWithPadding(200);
    expect(verified(padded).verdict).to.equal("TOTAL-PASSED");
    const [start, end] = gapOf(padded);
    const random = seeded(7);
    const passed: string[] = [];
    for (let i = 0; i < 1000; i++) {
      const [where, bit] = [start + random(end - start), random(8)];
      if (verified(flipped(padded, where, bit)).verdict === "TOTAL-PASSED") passed.push(`${where}.${bit}`);
    }
    expect(passed).to.deep.equal([]);
  });

  it("reports what stands in the padding after the CMS", () => {
    const padded = signedWithPadding(200);
    const [, end] = gapOf(padded);
    padded.write("c0ffee", end - 21, "latin1");
    expect(verified(padded).signatures.at(-1)?.problems).to.deep.equal(["padding_not_zero"]);
    expect(verified(padded).verdict).to.equal("TOTAL-FAILED");
  });

  it("reports hexadecimal digits that were blanked out or changed their case", () => {
    const padded = signedWithPadding(200);
    const [start, end] = gapOf(padded);
    const blank = Buffer.from(padded);
    blank.write("  ", end - 3, "latin1");
    expect(verified(blank).verdict).to.equal("TOTAL-FAILED");
    const letterAt = padded.subarray(start, end).toString("latin1").search(/[a-f]/) + start;
    const recased = flipped(padded, letterAt, 5);
    expect(verified(recased).signatures.at(-1)?.problems).to.deep.equal(["contents_not_canonical"]);
  });

  it("reports bytes added after the last signature", () => {
    writeFileSync(folder.path("tried.pdf"), signed);
    appendFileSync(folder.path("tried.pdf"), "% one more line\n");
    expect(verifyDocument(folder.path("tried.pdf"), { trustDer }).verdict).not.to.equal("TOTAL-PASSED");
  });

  it("reports a widget without a signature that a later revision paints over the page", () => {
    const pdf = openPdf(bytesSource(signed));
    const page = firstPageOf(pdf.latest);
    const form = as(catalogOf(pdf.latest).dict.entries.get("AcroForm"), "ref")?.num ?? expect.fail();
    const next = pdf.latest.limit();
    const grown = (object: PdfObject, list: RegExp) =>
      serialize(object).replace(list, (all) => `${all.slice(0, -1)} ${next} 0 R]`);
    const root = as(pdf.trailer.entries.get("Root"), "ref")?.num;
    const overlay = {
      [page.ref.num]: grown(page.dict, /\/Annots \[[^\]]*\]/),
      [form]: grown(pdf.latest.object(form), /\/Fields \[[^\]]*\]/),
      [next]: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (x) /F 4 /Rect [0 0 595 842] /P ${page.ref.num} 0 R /AP << /N ${next + 1} 0 R >> >>`,
      [next + 1]:
        "<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Length 16 >>\nstream\n1 g 0 0 1 1 re f\nendstream",
    };
    const report = verified(revised(signed, overlay, root));
    expect(report.verdict).to.equal("TOTAL-FAILED");
    expect(report.signatures.map(({ problems }) => problems)).to.deep.equal(
      Array(3).fill(["changed_after_signing"]),
    );
  });

  it("reports a revision taken away: what remains is what was signed then", () => {
    const report = verified(readFileSync(folder.path("2.pdf")));
    expect(report.verdict).to.equal("TOTAL-PASSED");
    expect(report.signatures).to.have.length(2);
  });

  const signedWithPadding = (paddingBytes: number): Buffer =>
    reallySigned(readFileSync(folder.path("0.pdf")), pki.member, { paddingBytes });

  function gapOf(bytes: Buffer): [number, number] {
    const ranges = [...bytes.toString("latin1").matchAll(/\/ByteRange \[0 (\d+) (\d+) \d+\]/g)];
    const [, start, end] = ranges.at(-1) ?? expect.fail();
    return [Number(start), Number(end)];
  }
});

describe("digests of a file's signed ranges", () => {
  const sha = (algorithm: string, ...parts: Uint8Array[]): string =>
    createHash(algorithm).update(Buffer.concat(parts)).digest("hex");

  it("are those of the ranges alone, across pieces of the file, in any order and algorithm", () => {
    const random = seeded(3);
    const bytes = Buffer.alloc((5 << 20) + 77);
    for (let i = 0; i < bytes.length; i += 1013) bytes[i] = random(256);
    const megabyte = 1 << 20;
    const ranges = [
      { algorithm: "sha256" as const, gapStart: 4 * megabyte, gapEnd: 4 * megabyte + 900, end: bytes.length },
      { algorithm: "sha512" as const, gapStart: 10, gapEnd: 2 * megabyte, end: 3 * megabyte + 1 },
      { algorithm: "sha256" as const, gapStart: megabyte, gapEnd: megabyte, end: megabyte },
      {
        algorithm: "sha384" as const,
        gapStart: bytes.length - 2,
        gapEnd: bytes.length - 1,
        end: bytes.length,
      },
      { algorithm: "sha256" as const, gapStart: 0, gapEnd: 5, end: bytes.length },
    ];
    const digests = digestRanges(bytesSource(bytes), ranges);
    expect(digests.sha256).to.equal(sha("sha256", bytes));
    expect(digests.ranges.map((digest) => Buffer.from(digest).toString("hex"))).to.deep.equal(
      ranges.map(({ algorithm, gapStart, gapEnd, end }) =>
        sha(algorithm, bytes.subarray(0, gapStart), bytes.subarray(gapEnd, end)),
      ),
    );
  });
});
