import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { type Inspection, inspectPdf } from "../../src/workers/pdf/inspect.ts";
import { createInspector } from "../../src/workers/pdf/inspector.ts";
import { firstPageOf } from "../../src/workers/pdf/pages.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { as } from "../../src/workers/pdf/syntax/objects.ts";
import { serialize } from "../../src/workers/pdf/syntax/serialize.ts";
import { signDocument } from "../../src/workers/sign-document.ts";
import { verifyDocument } from "../../src/workers/verify-document.ts";
import { type Folder, letter, temporaryFolder } from "./letters.ts";
import { aHandmadePdf, anEmptyPage, latin1, open, revised, signed } from "./pdf/documents.ts";
import { clientOf, createTestPki, memberOf, sealOf, someDay } from "./pki.ts";
import { indefinite, reallySigned } from "./real-signature.ts";

const pki = createTestPki();
const other = createTestPki(someDay, "Autre Cabinet");
const limits = { maxBytes: 10_000_000, maxPages: 500 };

const inspect = (bytes: Uint8Array): Inspection => inspectPdf(bytesSource(bytes), limits);

function code(bytes: Uint8Array): string {
  const inspection = inspect(bytes);
  return inspection.ok ? "ok" : inspection.code;
}

describe("an upload that others have signed", () => {
  let folder: Folder;
  let plain: Uint8Array;
  let once: Buffer;
  before(async () => {
    folder = temporaryFolder();
    plain = await letter(false);
    once = reallySigned(plain, other.member);
  });
  after(() => folder.remove());

  /** What signing three times says, and what is then verified of it. */
  async function signThrice(bytes: Uint8Array): Promise<string[]> {
    writeFileSync(folder.path("0.pdf"), bytes);
    const answers: string[] = [];
    for (const [step, signer] of [clientOf(pki), memberOf(pki), sealOf(pki)].entries()) {
      const [path, outPath] = [folder.path(`${step}.pdf`), folder.path(`${step + 1}.pdf`)];
      const result = await signDocument({ path, outPath, signer, signingTime: someDay.getTime(), name: "É" });
      answers.push(result.ok ? "ok" : result.code);
      if (!result.ok) break;
    }
    return answers;
  }

  function tampered(bytes: Uint8Array): Buffer {
    const copy = Buffer.from(bytes);
    const at = copy.indexOf("/MediaBox [ 0 0 595");
    expect(at).to.be.above(0);
    copy.write("6", at + 16, "latin1");
    return copy;
  }

  it("is accepted when its signatures check, whoever vouches for them, and can be signed", async () => {
    expect(inspect(once)).to.deep.equal({ ok: true, pages: 2, revisions: 2, signatures: 1 });
    expect(await signThrice(once)).to.deep.equal(["ok", "ok", "ok"]);
    const { verdict } = verifyDocument(folder.path("3.pdf"), { trustDer: [pki.rootDer, other.rootDer] });
    expect(verdict).to.equal("TOTAL-PASSED");
  });

  it("is refused when its signed bytes were changed", async () => {
    expect(code(tampered(once))).to.equal("pdf_signature_broken");
    expect(code(reallySigned(tampered(once), other.seal))).to.equal("pdf_signature_broken");
    expect(await signThrice(tampered(once))).to.deep.equal(["readback_failed"]);
  });

  it("is refused by the process that inspects, too", async () => {
    writeFileSync(folder.path("tampered.pdf"), tampered(once));
    const inspector = createInspector();
    try {
      const inspection = await inspector.inspect(folder.path("tampered.pdf"), limits);
      expect(inspection).to.include({ ok: false, code: "pdf_signature_broken" });
    } finally {
      await inspector.close();
    }
  });

  it("is refused when its CMS is none", () => {
    expect(code(signed(plain))).to.equal("pdf_signature_broken");
  });

  it("is refused when a later revision changed it, or took the signature away", () => {
    const { latest, trailer } = open(once);
    const root = as(trailer.entries.get("Root"), "ref")?.num ?? expect.fail();
    const catalog = serialize(latest.object(root));
    const page = firstPageOf(latest);
    const later = (objects: Record<number, string>) => code(revised(once, objects, root));
    expect(later({ [root]: catalog })).to.equal("ok");
    const wider = serialize(page.dict).replace("595", "666");
    expect(later({ [page.ref.num]: wider })).to.equal("pdf_signature_broken");
    expect(later({ [root]: catalog.replace(/\/AcroForm \d+ 0 R/, "") })).to.equal("pdf_signature_broken");
  });

  it("is accepted when its CMS has indefinite lengths, and refused when that was tampered with", async () => {
    const bytes = reallySigned(plain, other.member, { paddingBytes: 20, encode: indefinite });
    writeFileSync(folder.path("0.pdf"), bytes);
    const report = verifyDocument(folder.path("0.pdf"), { trustDer: [other.rootDer] });
    expect(report.signatures[0]).to.deep.include({ verdict: "INDETERMINATE", problems: ["cms_not_der"] });
    expect(await signThrice(bytes)).to.deep.equal(["ok", "ok", "ok"]);
    expect(code(tampered(bytes))).to.equal("pdf_signature_broken");
  });

  it("is accepted with a visible signature in a new field over an earlier one, which is then undecided", async () => {
    const twice = reallySigned(once, other.seal, {
      change: (text) => text.replace("[0 0 0 0]", "[0 0 9 9]"),
    });
    expect(code(twice)).to.equal("ok");
    expect(await signThrice(twice)).to.deep.equal(["ok", "ok", "ok"]);
    const trustDer = [pki.rootDer, other.rootDer];
    const { verdict, signatures } = verifyDocument(folder.path("3.pdf"), { trustDer });
    expect(verdict).to.equal("INDETERMINATE");
    expect(signatures.map(({ problems }) => problems)).to.deep.equal([
      ["shown_after_signing"],
      [],
      [],
      [],
      [],
    ]);
    expect(readFileSync(folder.path("3.pdf")).subarray(0, twice.length).equals(twice)).to.equal(true);
  });
});

describe("an upload whose author forbids more signatures", () => {
  const certified = (transform: string, lock = "", perms = "/Perms << /DocMDP 5 0 R >>") =>
    aHandmadePdf({
      ...anEmptyPage(`/AcroForm << /Fields [4 0 R] /SigFlags 3 >> ${perms}`, "/Annots [4 0 R]"),
      4: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Seal) /Rect [0 0 0 0] /P 3 0 R /V 5 0 R ${lock} >>`,
      5: `<< /Type /Sig /SubFilter /x /Reference [<< /TransformMethod ${transform} >>] >>`,
    });
  const doc = (permission: number) => `/DocMDP /TransformParams << /P ${permission} >>`;
  const field = (action: string) => `/FieldMDP /TransformParams << /Action /${action} >>`;

  it("is refused when it is certified against every change", () => {
    expect(code(certified(doc(1)))).to.equal("pdf_certified_no_changes");
    expect(code(certified(doc(1), "", ""))).to.equal("pdf_certified_no_changes");
  });

  it("is refused when every field is locked, or all but some", () => {
    expect(code(certified(field("All")))).to.equal("pdf_certified_no_changes");
    expect(code(certified(field("Exclude /Fields [(Name)]")))).to.equal("pdf_certified_no_changes");
    expect(code(certified(doc(2), "/Lock << /Action /All >>"))).to.equal("pdf_certified_no_changes");
    expect(code(certified(doc(2), "/Lock << /Action /Include /Fields [] /P 1 >>"))).to.equal(
      "pdf_certified_no_changes",
    );
  });

  it("is not refused for that when form filling is allowed, or a lock has no signature yet", () => {
    expect(code(certified(doc(2)))).to.equal("pdf_signature_broken");
    expect(code(certified(field("Include /Fields [(Name)]")))).to.equal("pdf_signature_broken");
    const unsigned = Buffer.from(
      latin1(certified(doc(2), "/Lock << /Action /All >>")).replace("/V 5 0 R", "        "),
      "latin1",
    );
    expect(code(unsigned)).to.equal("ok");
  });

  it("gets no field of a name that is locked", () => {
    const locked = certified(field("Include /Fields [(Signature1) (Signature2)]"));
    expect(latin1(signed(locked)).slice(locked.length)).to.contain("/T (Signature3)");
  });
});
