import { expect } from "chai";
import { readSignatures } from "../../../src/workers/pdf/signatures.ts";
import { serialize } from "../../../src/workers/pdf/syntax/serialize.ts";
import { aDocument, aHandmadePdf, anEmptyPage, latin1, open, revised, signed } from "./documents.ts";

/** Rewrites the signed bytes in place; the new text must be as long as the old. */
function tampered(bytes: Uint8Array, from: RegExp, to: (match: string) => string): Uint8Array {
  const text = latin1(bytes).replace(from, (match) => to(match).padEnd(match.length));
  expect(text).to.have.length(bytes.length);
  expect(text).not.to.equal(latin1(bytes));
  return Buffer.from(text, "latin1");
}

function problemsOf(bytes: Uint8Array): string[] {
  return readSignatures(open(bytes)).flatMap(({ problems }) => problems);
}

describe("the structure of a signature", () => {
  const simple = signed(aHandmadePdf(anEmptyPage()));
  const range = /(?<=\/ByteRange )\[[^\]]*\] */;

  it("has no problem as we write it", () => {
    expect(problemsOf(simple)).to.deep.equal([]);
  });

  it("has a byte range of four counts that begins with 0", () => {
    const wrong = ["[0 1 2]", "[1 10 20 30]", "[0 -1 20 30]", "[0 1.0 20 30]", "null", "[0 10 20 30 40 50]"];
    for (const written of wrong) {
      expect(problemsOf(tampered(simple, range, () => written)), written).to.include("byte_range_malformed");
    }
  });

  it("has a gap that is the contents, to the byte", () => {
    const shift = (by: [number, number, number]) =>
      tampered(simple, range, (match) => {
        const [, a = 0, b = 0, c = 0] = (match.match(/\d+/g) ?? []).map(Number);
        return `[0 ${a + by[0]} ${b + by[1]} ${c + by[2]}]`;
      });
    expect(problemsOf(shift([1, 0, 0]))).to.deep.equal(["gap_not_contents"]);
    expect(problemsOf(shift([0, -1, 1]))).to.deep.equal(["gap_not_contents"]);
    expect(problemsOf(shift([0, 0, 2])))
      .to.include("range_beyond_file")
      .and.to.include("not_at_revision_end");
    expect(problemsOf(shift([0, 0, -20]))).to.deep.equal(["not_at_revision_end"]);
  });

  it("has its contents in hexadecimal", () => {
    const bytes = tampered(simple, /\/Contents <0{128}>/, (match) =>
      match.replace("<", "(").replace(">", ")"),
    );
    expect(problemsOf(bytes)).to.deep.equal(["contents_missing"]);
  });

  it("names no key twice", () => {
    expect(problemsOf(tampered(simple, /\/Filter \/Adobe.PPKLite/, () => "/M (x)"))).to.deep.equal([
      "repeated_keys",
    ]);
  });

  it("may not claim a later revision's end", () => {
    const bytes = signed(simple);
    const [first, second] = readSignatures(open(bytes));
    expect(first?.problems).to.deep.equal([]);
    const grown = tampered(bytes, range, () => {
      const [, a = 0, b = 0] = first?.byteRange ?? [];
      return `[0 ${a} ${b} ${bytes.length - b}]`;
    });
    expect(problemsOf(grown)).to.deep.equal(["not_at_revision_end"]);
    expect(second?.problems).to.deep.equal([]);
  });

  it("gives contents and their place", () => {
    const [signature] = readSignatures(open(simple));
    const { contentsHexStart = 0, contentsHexEnd = 0 } = signature ?? {};
    expect(latin1(simple.subarray(contentsHexStart, contentsHexEnd))).to.match(/^<0{128}>$/);
  });
});

describe("what followed a signature", () => {
  const content = "<< /Length 11 >>\nstream\n0 0 1 1 re f\nendstream";
  const document = aHandmadePdf({
    ...anEmptyPage("/Lang (fr)", "/Contents 4 0 R"),
    4: content,
    5: "<< /Type /Unused >>",
  });
  const once = signed(document);

  function changed(objects: Readonly<Record<number, string>>): string | undefined {
    return readSignatures(open(revised(once, objects)))[0]?.changedAfter;
  }

  function now(num: number): string {
    return serialize(open(once).latest.object(num));
  }

  const page = now(3);
  const catalog = now(1);
  const form = [...open(once).sections[0].numbers()].find((num) => now(num).includes("/Fields")) ?? 0;
  const next = open(once).latest.limit();

  it("is nothing when nothing followed", () => {
    expect(readSignatures(open(once))[0]).to.include({ changedAfter: "nothing", coversWholeFile: true });
  });

  it("is nothing but signatures when objects are written anew as they were", () => {
    expect(changed({ 3: page, 4: content })).to.equal("signatures-only");
  });

  it("is other when the page, its contents or an unused object change", () => {
    expect(changed({ 4: content.replace("0 0 1", "9 9 9") })).to.equal("other");
    expect(changed({ 3: page.replace("200 200", "300 300") })).to.equal("other");
    expect(changed({ 5: "<< /Type /Used >>" })).to.equal("other");
  });

  it("is other when the catalog changes beyond its form", () => {
    expect(changed({ 1: catalog.replace("/Lang (fr)", "/Lang (en)") })).to.equal("other");
    expect(changed({ 1: catalog.replace(/\/AcroForm \d+ 0 R/, "") })).to.equal("other");
  });

  it("is other when a field is taken away, or the form asks for new appearances", () => {
    expect(changed({ [form]: "<< /Fields [] /SigFlags 3 >>" })).to.equal("other");
    expect(changed({ [form]: now(form).replace("<<", "<< /NeedAppearances true") })).to.equal("other");
  });

  it("is other when an annotation that is no signature appears", () => {
    const note = `<< /Type /Annot /Subtype /FreeText /Rect [0 0 100 100] /P 3 0 R >>`;
    const annotated = page.replace(/\/Annots \[([^\]]*)\]/, `/Annots [$1 ${next} 0 R]`);
    expect(annotated).not.to.equal(page);
    expect(changed({ [next]: note, 3: annotated })).to.equal("other");
    const text = `<< /Type /Annot /Subtype /Widget /FT /Tx /T (t) /Rect [0 0 100 100] /P 3 0 R >>`;
    expect(changed({ [next]: text, 3: annotated })).to.equal("other");
    const widget = `<< /Type /Annot /Subtype /Widget /FT /Sig /T (t) /Rect [0 0 0 0] /P 3 0 R >>`;
    expect(changed({ [next]: widget, 3: annotated })).to.equal("signatures-only");
  });

  it("is other when an object nobody asked for is added", () => {
    expect(changed({ [next]: "<< /Stray true >>" })).to.equal("other");
  });

  it("is other when a revision after a good one spoils it, for both signatures", () => {
    const twice = signed(once);
    const spoilt = revised(twice, { 5: "(changed)" });
    expect(readSignatures(open(twice)).map(({ changedAfter }) => changedAfter)).to.deep.equal([
      "signatures-only",
      "nothing",
    ]);
    expect(readSignatures(open(spoilt)).map(({ changedAfter }) => changedAfter)).to.deep.equal([
      "other",
      "other",
    ]);
  });

  it("is other when data stands after the end", () => {
    const [signature] = readSignatures(open(Buffer.concat([once, Buffer.from("startling data\n")])));
    expect(signature).to.include({ changedAfter: "other", coversWholeFile: false });
  });

  it("is no more than signatures for a security store", () => {
    const store = catalog.replace("<<", `<< /DSS ${next} 0 R`);
    const cert = "<< /Length 2 >>\nstream\n0\x00\nendstream";
    const added = { 1: store, [next]: `<< /Certs [${next + 1} 0 R] >>`, [next + 1]: cert };
    expect(changed(added)).to.equal("signatures-only");
    const more = revised(revised(once, added), {
      [next]: `<< /Certs [${next + 1} 0 R ${next + 2} 0 R] >>`,
      [next + 2]: cert,
    });
    expect(readSignatures(open(more))[0]?.changedAfter).to.equal("signatures-only");
  });

  it("is other when a security store brings content that the signed page waited for", () => {
    const waiting = signed(aHandmadePdf(anEmptyPage("", "/Contents [30 0 R]")));
    const pdf = open(waiting);
    const store = serialize(pdf.latest.object(1)).replace("<<", "<< /DSS 40 0 R");
    const shadow = revised(waiting, { 1: store, 40: "<< /Certs [30 0 R] >>", 30: content });
    expect(readSignatures(open(shadow))[0]?.changedAfter).to.equal("other");
  });

  it("is other when a page posed as a security store is written anew", () => {
    const posing = signed(aHandmadePdf({ ...anEmptyPage("/DSS << /VRI << /AA 3 0 R >> >>") }));
    const other = serialize(open(posing).latest.object(3)).replace("200 200", "300 300");
    expect(readSignatures(open(revised(posing, { 3: other })))[0]?.changedAfter).to.equal("other");
  });

  it("is other when the signed table points beyond its own end", () => {
    const at = (text: string) => String(text.length + 4_000).padStart(10, "0");
    const base = latin1(aHandmadePdf(anEmptyPage("", "/Contents 4 0 R")));
    const row = "0000000000 65535 f \n";
    const early = base.replace("0 4\n", "0 5\n").replace("trailer", `${at(base)} 00000 n \ntrailer`);
    expect(early).to.contain(row);
    const bytes = signed(Buffer.from(early.replace("/Size 4", "/Size 5"), "latin1"));
    const twice = signed(bytes);
    expect(readSignatures(open(twice))[0]?.changedAfter).to.equal("other");
  });
});

describe("signatures in a document by pdf-lib", () => {
  it("are none before the first", async () => {
    expect(readSignatures(open(await aDocument()))).to.deep.equal([]);
  });
});
