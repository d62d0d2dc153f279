import { expect } from "chai";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { serialize } from "../../src/workers/pdf/syntax/serialize.ts";
import { verifySource } from "../../src/workers/verify-document.ts";
import { aHandmadePdf, anEmptyPage, open, revised } from "./pdf/documents.ts";
import { createTestPki } from "./pki.ts";
import { reallySigned } from "./real-signature.ts";

const pki = createTestPki();
const sign = (bytes: Uint8Array) => reallySigned(bytes, pki.member);
const look = (text: string) =>
  `<< /Type /XObject /Subtype /Form /BBox [0 0 200 200] /Length ${text.length} >>\nstream\n${text}\nendstream`;
const content = (text: string) => `<< /Length ${text.length} >>\nstream\n${text}\nendstream`;
const now = (bytes: Uint8Array, num: number) => serialize(open(bytes).latest.object(num));

/** What is said of the first signature once another signatory has signed what a later revision made of the document. */
function judgedOnce(signed: Uint8Array, objects: Readonly<Record<number, string>>): string[] {
  const attacked = sign(revised(signed, objects));
  const [first, second] = verifySource(bytesSource(attacked), { trustDer: [pki.rootDer] }).signatures;
  expect(second?.verdict).to.equal("TOTAL-PASSED");
  return first?.problems ?? expect.fail();
}

/** A field for a signature that nobody will see, and what else its dictionary says. */
const field = (more = "") =>
  `<< /Type /Annot /Subtype /Widget /FT /Sig /T (evil) /Rect [0 0 0 0] /P 3 0 R ${more} >>`;

describe("an object that plays two parts in a signed document", () => {
  const changed = ["changed_after_signing"];

  it("is not awaited as the resources that its content names after a field's keys", () => {
    const signed = sign(
      aHandmadePdf({
        ...anEmptyPage("/AcroForm << /Fields [] >>", "/Contents 4 0 R /Resources << /XObject 30 0 R >>"),
        4: content("/V Do"),
      }),
    );
    const catalog = now(signed, 1)
      .replace(/\/Fields \[/, "/Fields [")
      .replace(/(\/Fields \[[^\]]*)\]/, "$1 31 0 R]");
    const evil = { 1: catalog, 30: "<< /V 32 0 R >>", 31: field("/SV 30 0 R"), 32: look("0 0 200 200 re f") };
    expect(judgedOnce(signed, evil)).to.deep.equal(changed);
  });

  it("is not awaited as a page", () => {
    const signed = sign(
      aHandmadePdf({
        ...anEmptyPage("/AcroForm << /Fields [] >>"),
        2: "<< /Type /Pages /Kids [3 0 R 30 0 R] /Count 2 >>",
      }),
    );
    const catalog = now(signed, 1).replace(/(\/Fields \[[^\]]*)\]/, "$1 31 0 R]");
    const page = "<< /Type /Page /Parent 2 0 R /Contents 32 0 R >>";
    const evil = { 1: catalog, 30: page, 31: field("/SV 30 0 R"), 32: content("0 0 9 9 re f") };
    expect(judgedOnce(signed, evil)).to.deep.equal(changed);
  });

  it("is no list of annotations that a page shows as its contents too", () => {
    const signed = sign(
      aHandmadePdf({
        ...anEmptyPage("", "/Contents 20 0 R /Annots 20 0 R"),
        4: content("BT ET"),
        20: "[4 0 R]",
      }),
    );
    const text = "0 0 200 200 re f";
    const stream = `<< /Subtype /Widget /FT /Sig /T (evil) /P 3 0 R /Length ${text.length} >>\nstream\n${text}\nendstream`;
    const array = now(signed, 20).replace("]", " 60 0 R]");
    expect(judgedOnce(signed, { 20: array, 60: stream })).to.deep.equal(changed);
  });

  it("is no list of fields that a page shows as its contents too", () => {
    const signed = sign(
      aHandmadePdf({
        ...anEmptyPage("/AcroForm << /Fields 20 0 R >>", "/Contents 20 0 R"),
        4: content("BT ET"),
        20: "[4 0 R]",
      }),
    );
    const text = "0 0 200 200 re f";
    const stream = `<< /FT /Sig /T (evil) /Length ${text.length} >>\nstream\n${text}\nendstream`;
    const array = now(signed, 20).replace("]", " 60 0 R]");
    expect(judgedOnce(signed, { 20: array, 60: stream })).to.deep.equal(changed);
  });

  it("is no catalog that a page has among its resources", () => {
    for (const key of ["Extensions", "Version", "DSS"]) {
      const signed = sign(
        aHandmadePdf({
          ...anEmptyPage("", "/Contents 4 0 R /Resources << /XObject 1 0 R >>"),
          4: content(`/${key} Do`),
        }),
      );
      const catalog = now(signed, 1).replace("<<", `<< /${key} 60 0 R`);
      expect(judgedOnce(signed, { 1: catalog, 60: look("0 0 9 9 re f") }), key).to.deep.equal(changed);
    }
    const signed = sign(
      aHandmadePdf({
        ...anEmptyPage("", "/Contents 4 0 R /Resources << /XObject 1 0 R >>"),
        4: content("/Version Do"),
        5: look("0 0 9 9 re f"),
      }),
    );
    const catalog = now(signed, 1).replace("<<", "<< /Version 5 0 R");
    expect(judgedOnce(signed, { 1: catalog })).to.deep.equal(changed);
  });

  it("is no form that a page has among its resources", () => {
    for (const key of ["DR", "DA", "SigFlags"]) {
      const signed = sign(
        aHandmadePdf({
          ...anEmptyPage("/AcroForm 5 0 R", "/Contents 4 0 R /Resources << /XObject 5 0 R >>"),
          4: content(`/${key} Do`),
          5: "<< /Fields [] >>",
          6: look("0 0 9 9 re f"),
        }),
      );
      const form = now(signed, 5)
        .replace(/\/SigFlags \d/, "")
        .replace("<<", `<< /${key} 6 0 R`);
      const more = key === "SigFlags" ? form : form.replace("<<", "<< /SigFlags 3");
      const attacked = revised(signed, { 5: more });
      const [first] = verifySource(bytesSource(attacked), { trustDer: [pki.rootDer] }).signatures;
      expect(first?.problems, key).to.deep.equal(changed);
    }
  });

  it("is no field to be signed that a page has among its resources", () => {
    for (const key of ["M", "F"]) {
      const empty = "<< /FT /Sig /T (later) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R >>";
      const signed = sign(
        aHandmadePdf({
          ...anEmptyPage(
            "/AcroForm << /Fields [6 0 R] >>",
            "/Annots [6 0 R] /Contents 4 0 R /Resources << /XObject 6 0 R >>",
          ),
          4: content(`/${key} Do`),
          5: look("0 0 9 9 re f"),
          6: empty,
        }),
      );
      const value =
        "<< /Type /Sig /Filter /X /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <00> >>";
      const attacked = revised(signed, {
        6: empty.replace("/FT", `/V 60 0 R /${key} 5 0 R /FT`),
        60: value,
      });
      const [first] = verifySource(bytesSource(attacked), { trustDer: [pki.rootDer] }).signatures.filter(
        ({ fieldName }) => fieldName !== "later",
      );
      expect(first?.problems, key).to.deep.equal(changed);
    }
  });
});
