import { expect } from "chai";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { serialize } from "../../src/workers/pdf/syntax/serialize.ts";
import { verifySource } from "../../src/workers/verify-document.ts";
import { aHandmadePdf, anEmptyPage, latin1, open, revised } from "./pdf/documents.ts";
import { createTestPki } from "./pki.ts";
import { reallySigned } from "./real-signature.ts";

const pki = createTestPki();
const sign = (bytes: Uint8Array) => reallySigned(bytes, pki.member);
const content = (text: string) => `<< /Length ${text.length} >>\nstream\n${text}\nendstream`;
const changed = ["changed_after_signing"];

describe("a later revision that other readers see otherwise", () => {
  const text = "BT (1 000) Tj ET";
  const signed = sign(
    aHandmadePdf({
      ...anEmptyPage("", "/Contents 4 0 R /Resources << /XObject << /A 5 0 R >> >>"),
      4: content(text),
      5: content(""),
    }),
  );
  const page = serialize(open(signed).latest.object(3));
  const problemsOf = (bytes: Uint8Array) =>
    verifySource(bytesSource(bytes), { trustDer: [pki.rootDer] }).signatures[0]?.problems;
  const edited = (bytes: Uint8Array, from: string | RegExp, to: string) => {
    const tail = latin1(bytes.subarray(signed.length));
    expect(tail).to.match(
      typeof from === "string" ? new RegExp(from.replace(/[[\]()/\\^$.|?*+]/g, "\\$&")) : from,
    );
    return Buffer.concat([signed, Buffer.from(tail.replace(from, to), "latin1")]);
  };

  it("leaves all as it was when it writes an object again as it was", () => {
    expect(problemsOf(revised(signed, { 3: page, 4: content(text) }))).to.deep.equal([]);
  });

  it("gives an object another generation, so that nobody refers to it", () => {
    expect(problemsOf(edited(revised(signed, { 4: content(text) }), " 00000 n", " 00001 n"))).to.deep.equal(
      changed,
    );
    expect(problemsOf(edited(revised(signed, { 4: content(text) }), "4 0 obj", "4 1 obj"))).to.deep.equal(
      changed,
    );
  });

  it("says a key twice inside an object that may change", () => {
    const twice = page.replace("/A 5 0 R", "/A 4 0 R /A 5 0 R");
    expect(problemsOf(revised(signed, { 3: twice }))).to.deep.equal(changed);
  });

  it("writes a number that some read as another", () => {
    const odd = page.replace("200 200", "200-9 200");
    expect(odd).not.to.equal(page);
    expect(problemsOf(revised(signed, { 3: odd }))).to.deep.equal(changed);
    const free = open(signed).latest.limit();
    const widget = `<< /Type /Annot /Subtype /Widget /FT /Sig /T (x) /Rect [0 0 0-900 0-900] /P 3 0 R >>`;
    const annotated = page.replace(/\/Annots \[([^\]]*)\]/, `/Annots [$1 ${free} 0 R]`);
    const shown = verifySource(bytesSource(revised(signed, { 3: annotated, [free]: widget })), {
      trustDer: [],
    });
    expect(shown.signatures[0]?.problems).to.include("shown_after_signing");
  });

  it("writes a stream again that goes on after its length", () => {
    const more = content(text).replace("\nendstream", " 0 0 9 9 re f\nendstream");
    expect(problemsOf(revised(signed, { 4: more }))).to.deep.equal(changed);
  });

  it("brings an object that it doesn't list, for readers that search the file", () => {
    const evil = `4 0 obj\n${content("BT (9 000) Tj ET")}\nendobj\n`;
    const hidden = `<< /Length ${evil.length} >>\nstream\n${evil}endstream`;
    const free = open(signed).latest.limit();
    const catalog = serialize(open(signed).latest.object(1)).replace(
      "<<",
      `<< /DSS << /Certs [${free} 0 R] >>`,
    );
    expect(problemsOf(revised(signed, { 1: catalog, [free]: hidden }))).to.deep.equal(changed);
    const plain = revised(signed, { 3: page });
    const at = latin1(plain).lastIndexOf("xref\n3 1");
    const start = latin1(plain).lastIndexOf(`startxref\n${at}`);
    expect(start).to.be.greaterThan(0);
    const whole = latin1(plain);
    const moved = `${whole.slice(0, at)}${evil}${whole.slice(at).replace(`startxref\n${at}`, `startxref\n${at + evil.length}`)}`;
    expect(problemsOf(Buffer.from(moved, "latin1"))).to.deep.equal(changed);
  });

  it("announces fewer objects than there are", () => {
    expect(problemsOf(edited(revised(signed, { 3: page }), /\/Size \d+/, "/Size 4"))).to.deep.equal(changed);
  });

  it("is followed by so much white space that some no longer find its end", () => {
    expect(problemsOf(Buffer.concat([signed, Buffer.alloc(2, 10)]))).to.deep.equal([]);
    expect(problemsOf(Buffer.concat([signed, Buffer.alloc(1_100, 10)]))).to.deep.equal(changed);
  });

  it("begins where no reader but ours looks for its cross-reference section", () => {
    const plain = latin1(revised(signed, { 3: page }));
    const at = plain.lastIndexOf("xref\n3 1");
    const moved = `${plain.slice(0, at)}\n\n${plain.slice(at)}`;
    expect(problemsOf(Buffer.from(moved, "latin1"))).to.deep.equal(changed);
  });
});

describe("a signature that says it is a document timestamp", () => {
  it("is a signature, which a certification may forbid", () => {
    const docMdp =
      "<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P 1 /V /1.2 >> >>";
    const certified = reallySigned(aHandmadePdf(anEmptyPage("/AcroForm << /Fields [] >>")), pki.member, {
      entries: `/Reference [${docMdp}]`,
    });
    const free = open(certified).latest.limit();
    const catalog = serialize(open(certified).latest.object(1)).replace(
      /(\/Fields \[[^\]]*)\]/,
      `$1 ${free} 0 R]`,
    );
    const value = "/Type /DocTimeStamp /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <00>";
    const later = revised(certified, {
      1: catalog,
      [free]: `<< /FT /Sig /T (x) /V << ${value} >> >>`,
    });
    const { signatures } = verifySource(bytesSource(later), { trustDer: [pki.rootDer] });
    const first = signatures.find(({ fieldName }) => fieldName !== "x");
    expect(first?.problems).to.deep.equal(["change_forbidden"]);
  });
});
