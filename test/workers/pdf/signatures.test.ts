import { expect } from "chai";
import { catalogOf } from "../../../src/workers/pdf/pages.ts";
import { readSignatures } from "../../../src/workers/pdf/signatures.ts";
import { as } from "../../../src/workers/pdf/syntax/objects.ts";
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
  const content = "<< /Length 12 >>\nstream\n0 0 1 1 re f\nendstream";
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

  it("is told when a remark appears, and other when another annotation does", () => {
    const note = `<< /Type /Annot /Subtype /FreeText /Rect [0 0 100 100] /P 3 0 R >>`;
    const annotated = page.replace(/\/Annots \[([^\]]*)\]/, `/Annots [$1 ${next} 0 R]`);
    expect(annotated).not.to.equal(page);
    expect(changed({ [next]: note, 3: annotated })).to.equal("annotated");
    const acting = note.replace("/FreeText", "/FreeText /A << /S /URI /URI (x:) >>");
    expect(changed({ [next]: acting, 3: annotated })).to.equal("other");
    expect(changed({ [next]: note.replace("/FreeText", "/Link"), 3: annotated })).to.equal("other");
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

  it("is no more than signatures for texts about the document, its metadata and its version", () => {
    const xmp = (text: string) =>
      `<< /Type /Metadata /Subtype /XML /Length ${text.length} >>\nstream\n${text}\nendstream`;
    const about = aHandmadePdf(
      { ...anEmptyPage("/Metadata 4 0 R"), 4: xmp("<a/>"), 5: "<< /Title (T) /Company (C) >>" },
      "/Info 5 0 R",
    );
    const bytes = signed(about);
    const newer = serialize(open(bytes).latest.object(1)).replace("<<", "<< /Version /2.0");
    const objects = { 1: newer, 4: xmp("<bb/>"), 5: "<< /Title (T) /ModDate (D:2026) /Company (C) >>" };
    expect(changeAfterFirst(revised(bytes, objects))).to.equal("signatures-only");
    expect(changeAfterFirst(revised(bytes, { 5: "<< /Title [(T)] /Company (C) >>" }))).to.equal("other");
    expect(changeAfterFirst(revised(bytes, { 5: "<< /Title (T) /Company (D) >>" }))).to.equal("other");
  });

  it("is other when metadata changes that the page also shows", () => {
    const shared = (text: string) =>
      `<< /Type /Metadata /Subtype /XML /Length 11 >>\nstream\n${text}\nendstream`;
    const bytes = signed(
      aHandmadePdf({ ...anEmptyPage("/Metadata 4 0 R", "/Contents 4 0 R"), 4: shared("0 0 1 1 re f") }),
    );
    expect(changeAfterFirst(revised(bytes, { 4: shared("0 0 9 9 re f") }))).to.equal("other");
  });

  it("is no more than signatures for a form's first defaults, unless it has text to draw by them", () => {
    const withDefaults = now(form).replace("<<", "<< /DA (/Helv 0 Tf) /DR << /Font << >> >>");
    expect(changed({ [form]: withDefaults })).to.equal("signatures-only");
    const text = "<< /FT /Tx /T (t) /V (1000) >>";
    const bytes = signed(
      aHandmadePdf({ ...anEmptyPage("/AcroForm 4 0 R"), 4: "<< /Fields [5 0 R] >>", 5: text }),
    );
    const later = serialize(open(bytes).latest.object(4)).replace("<<", "<< /DA (/Helv 0 Tf)");
    expect(changeAfterFirst(revised(bytes, { 4: later }))).to.equal("other");
  });

  it("is no more than signatures for a page's resources under another number", () => {
    const bytes = signed(
      aHandmadePdf({ ...anEmptyPage("", "/Resources 4 0 R"), 4: "<< /ProcSet [/PDF] >>" }),
    );
    const pageNow = serialize(open(bytes).latest.object(3)).replace("/Resources 4", "/Resources 30");
    expect(changeAfterFirst(revised(bytes, { 3: pageNow, 30: "<< /ProcSet [/PDF] >>" }))).to.equal(
      "signatures-only",
    );
    expect(changeAfterFirst(revised(bytes, { 3: pageNow, 30: "<< /ProcSet [/Text] >>" }))).to.equal("other");
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

describe("a signature field that appeared after a signature", () => {
  const look =
    "<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Length 12 >>\nstream\n0 0 1 1 re f\nendstream";
  const junk =
    "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /x /ByteRange [0 1 2 99999] /Contents <00> >>";

  /** Adds object 40 as a field and a widget of page 3, with more objects. */
  function added(
    widget: string,
    more: Record<number, string> = {},
    bytes = plain,
    isField = true,
  ): string | undefined {
    const { latest } = open(bytes);
    const page = serialize(latest.object(3)).replace(/\/Annots \[([^\]]*)\]/, "/Annots [$1 40 0 R]");
    const form = as(catalogOf(latest).dict.entries.get("AcroForm"), "ref")?.num ?? 0;
    const fields = serialize(latest.object(form)).replace(/\/Fields \[([^\]]*)\]/, "/Fields [$1 40 0 R]");
    const field = `<< /Type /Annot /Subtype /Widget /FT /Sig /T (t) /P 3 0 R ${widget} >>`;
    return changeAfterFirst(
      revised(bytes, { 3: page, ...(isField && { [form]: fields }), 40: field, ...more }),
    );
  }

  const plain = signed(aHandmadePdf(anEmptyPage()));
  const page = "/Rect [0 0 200 200]";
  const point = "/Rect [0 0 0 0]";
  const painted = "/AP << /N 41 0 R >>";

  it("changes nothing else when it takes up no room, signed or not", () => {
    expect(added(point)).to.equal("signatures-only");
    expect(added(`${point} /V 42 0 R ${painted}`, { 41: look, 42: junk })).to.equal("signatures-only");
  });

  it("is another change when it has a look and no signature", () => {
    expect(added(`${page} ${painted}`, { 41: look })).to.equal("other");
    expect(added(`${page} ${painted} /V null`, { 41: look })).to.equal("other");
    expect(added(`${page} ${painted} /V (signed)`, { 41: look })).to.equal("other");
    expect(added(`${point} ${painted}`, { 41: look })).to.equal("other");
    expect(added(`${page} /MK << /BG [1 1 1] >>`)).to.equal("other");
    expect(added(`${page} /BS << /W 400 >>`)).to.equal("other");
  });

  it("is another change when its signature is an older one, or one that nobody would judge", () => {
    const older = open(plain).sections[0].numbers();
    const signature = [...older].find((num) =>
      serialize(open(plain).latest.object(num)).includes("/ByteRange"),
    );
    expect(added(`${page} ${painted} /V ${signature} 0 R`, { 41: look })).to.equal("other");
    expect(added(`${page} ${painted} /V 42 0 R`, { 41: look, 42: junk }, plain, false)).to.equal("other");
  });

  it("shows when it takes up room, with a signature or for one to come", () => {
    expect(added(`${page} ${painted} /V 42 0 R`, { 41: look, 42: junk })).to.equal("signatures-shown");
    expect(added(page)).to.equal("signatures-shown");
    expect(added("/Rect [0 0 (x) 0]")).to.equal("signatures-shown");
  });

  it("is another change when the signed page waited for it", () => {
    const waiting = signed(aHandmadePdf(anEmptyPage("", "/Annots [50 0 R]")));
    const overlay = `<< /Type /Annot /Subtype /Widget /FT /Sig /T (u) ${page} /P 3 0 R ${painted} >>`;
    const lock = "/Lock 50 0 R";
    expect(added(point, {}, waiting)).to.equal("signatures-only");
    expect(added(`${point} ${lock}`, { 41: look, 50: overlay }, waiting)).to.equal("other");
  });

  it("is another change when the page waited for what poses as the file's structure", () => {
    const waiting = signed(aHandmadePdf(anEmptyPage("", "/Contents 50 0 R")));
    const posing = "<< /Type /ObjStm /N 0 /First 0 /Length 12 >>\nstream\n0 0 1 1 re f\nendstream";
    expect(added(point, {}, waiting)).to.equal("signatures-only");
    expect(added(point, { 50: posing }, waiting)).to.equal("other");
  });
});

describe("a signature field that was there when others signed", () => {
  const look =
    "<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Length 12 >>\nstream\n0 0 1 1 re f\nendstream";
  const field = "<< /Type /Annot /Subtype /Widget /FT /Sig /T (t) /Rect [9 9 99 99] /P 3 0 R >>";
  const filled = (value: string) => field.replace("/T (t)", `/T (t) /AP << /N 21 0 R >> ${value}`);
  const sealed = "<< /Type /Sig /SubFilter /x /ByteRange [0 1 2 99999] /Contents <00> >>";
  const prepared = (fields: string) =>
    signed(
      aHandmadePdf({
        ...anEmptyPage("/AcroForm 5 0 R", "/Annots [4 0 R]"),
        4: field,
        5: `<< /Fields [${fields}] >>`,
      }),
    );

  it("may get its signature and a look", () => {
    const bytes = prepared("4 0 R");
    expect(changeAfterFirst(revised(bytes, { 4: filled("/V 20 0 R"), 20: sealed, 21: look }))).to.equal(
      "signatures-only",
    );
  });

  it("may not get a look without a signature, or be no field of the form", () => {
    const bytes = prepared("4 0 R");
    expect(changeAfterFirst(revised(bytes, { 4: filled(""), 21: look }))).to.equal("other");
    expect(changeAfterFirst(revised(bytes, { 4: filled("/V (x)"), 21: look }))).to.equal("other");
    const stray = revised(prepared(""), { 4: filled("/V 20 0 R"), 20: sealed, 21: look });
    expect(changeAfterFirst(stray)).to.equal("other");
  });
});

function changeAfterFirst(bytes: Uint8Array): string | undefined {
  return readSignatures(open(bytes))[0]?.changedAfter;
}

describe("signatures in a document by pdf-lib", () => {
  it("are none before the first", async () => {
    expect(readSignatures(open(await aDocument()))).to.deep.equal([]);
  });
});
