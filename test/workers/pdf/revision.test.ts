import { expect } from "chai";
import { PDFDocument } from "pdf-lib";
import { PdfRefused } from "../../../src/workers/pdf/refused.ts";
import { fillContents, PlaceholderError, prepareSignature } from "../../../src/workers/pdf/revision.ts";
import { readSignatures } from "../../../src/workers/pdf/signatures.ts";
import { as } from "../../../src/workers/pdf/syntax/objects.ts";
import { serialize } from "../../../src/workers/pdf/syntax/serialize.ts";
import { needProgram } from "../../support/programs.ts";
import {
  aDocument,
  aForm,
  aHandmadePdf,
  anEmptyPage,
  aRequest,
  joined,
  latin1,
  open,
  revised,
  signed,
} from "./documents.ts";
import { checkWithQpdf } from "./qpdf.ts";

const KINDS: [string, () => Promise<Uint8Array>][] = [
  ["a document with a classic table", () => aDocument()],
  ["a document with a cross-reference stream", () => aDocument({ objectStreams: true })],
  ["a form", () => aForm()],
  ["a form in object streams", () => aForm({ objectStreams: true })],
  ["a page whose annotations stand apart", () => aForm({ indirectAnnots: true })],
  ["a form in the catalog", async () => aHandmadePdf(anEmptyPage("/AcroForm << /Fields [] >>"))],
  [
    "a form whose fields stand apart",
    async () =>
      aHandmadePdf({ ...anEmptyPage("/AcroForm 4 0 R"), 4: "<< /Fields 5 0 R /SigFlags 1 >>", 5: "[]" }),
  ],
  ["a document without end of line", async () => aHandmadePdf(anEmptyPage()).subarray(0, -1)],
];

for (const [what, make] of KINDS) {
  describe(`${what}, signed three times`, () => {
    it("keeps every earlier byte, and its three signatures", async () => {
      const before = await make();
      const kind = open(before).sections[0].kind;
      let bytes = before;
      for (const name of ["Łucja", "Élodie", "Cabinet (SARL)"]) {
        const next = signed(bytes, { name, reason: "Bon pour accord" });
        expect(Buffer.compare(next.subarray(0, bytes.length), bytes)).to.equal(0);
        bytes = next;
      }
      const pdf = open(bytes);
      expect(pdf.sections.slice(0, 3).map((section) => section.kind)).to.deep.equal([kind, kind, kind]);
      const signatures = readSignatures(pdf);
      expect(signatures.map(({ name }) => name)).to.deep.equal(["Łucja", "Élodie", "Cabinet (SARL)"]);
      expect(signatures.flatMap(({ problems }) => problems)).to.deep.equal([]);
      expect(signatures.map(({ changedAfter }) => changedAfter)).to.deep.equal([
        "signatures-only",
        "signatures-only",
        "nothing",
      ]);
      expect(signatures.map(({ coversWholeFile }) => coversWholeFile)).to.deep.equal([false, false, true]);
      expect(new Set(signatures.map(({ fieldName }) => fieldName)).size).to.equal(3);
    });

    it("has no complaint from qpdf", async function () {
      needProgram(this, "qpdf");
      const { status, output } = checkWithQpdf(signed(signed(signed(await make()))));
      expect(output).not.to.match(/warning/i);
      expect(status).to.equal(0);
    });
  });
}

describe("a prepared revision", () => {
  it("has a byte range that leaves out exactly the contents", async () => {
    const before = await aDocument();
    const prepared = prepareSignature(open(before), aRequest());
    const all = joined(before, prepared);
    const [zero, gapStart, gapEnd, rest] = prepared.byteRange;
    expect(zero).to.equal(0);
    expect(gapStart).to.equal(before.length + prepared.contentsStart);
    expect(gapEnd + rest).to.equal(all.length);
    expect(latin1(all.subarray(gapStart, gapEnd))).to.equal(`<${"0".repeat(128)}>`);
    expect(latin1(prepared.tail)).to.contain(`/ByteRange [${prepared.byteRange.join(" ")}]`);
  });

  it("says who, why and when", async () => {
    const bytes = signed(await aDocument(), { name: "Élodie", reason: "Ł", fieldName: "Client.1" });
    const [signature] = readSignatures(open(bytes));
    expect(signature).to.include({
      fieldName: "Client_1",
      name: "Élodie",
      reason: "Ł",
      subFilter: "ETSI.CAdES.detached",
    });
    expect(signature?.signedAt?.toISOString()).to.equal("2025-01-31T09:30:00.000Z");
    expect(latin1(bytes)).to.contain("/M (D:20250131093000Z)");
  });

  it("takes a name that no field has", async () => {
    const bytes = signed(signed(await aForm(), { fieldName: "Signature1" }));
    expect(readSignatures(open(bytes)).map(({ fieldName }) => fieldName)).to.deep.equal([
      "Signature11",
      "Signature2",
    ]);
  });

  it("puts an invisible, locked widget on the first page", async () => {
    const pdf = open(signed(await aDocument()));
    const [field] = readSignatures(pdf);
    expect(field).to.not.equal(undefined);
    const page = (await PDFDocument.load(signed(await aDocument()))).getPage(0);
    const widget = page.node.Annots()?.lookup(0)?.toString() ?? "";
    for (const entry of ["/Subtype /Widget", "/FT /Sig", "/F 132", "/Rect [ 0 0 0 0 ]"])
      expect(widget).to.contain(entry);
  });

  it("keeps the rest of the trailer, the catalog and generation numbers", () => {
    const objects = { ...anEmptyPage("/Lang (fr-FR) /Odd#20Key [1.50 <AB>]"), 4: "<< /Title (x) >>" };
    const text = latin1(aHandmadePdf(objects, "/Info 4 0 R /ID [<AA> <BB>]"))
      .replace("3 0 obj", "3 7 obj")
      .replace("[3 0 R]", "[3 7 R]")
      .replace(/(trailer)/, "$1");
    const rows = text.split("\n");
    const row = rows.findIndex((line) => line.startsWith("0 5")) + 4;
    rows[row] = (rows[row] ?? "").replace("00000 n", "00007 n");
    const pdf = open(signed(Buffer.from(rows.join("\n"), "latin1")));
    expect(pdf.latest.find(3)).to.include({ gen: 7 });
    const catalog = serialize(pdf.latest.object(1));
    expect(catalog).to.contain("/Lang (fr-FR)").and.to.contain("/Odd#20Key [1.50 (\\253)]");
    expect(serialize(pdf.trailer.entries.get("Info") ?? null)).to.equal("4 0 R");
    expect(serialize(pdf.trailer.entries.get("ID") ?? null)).to.equal("[(\\252) (\\273)]");
    expect(as(pdf.trailer.entries.get("Prev"), "number")?.value).to.equal(pdf.sections[1]?.offset);
  });

  it("takes a CMS that fits, and no other", async () => {
    const before = await aDocument();
    const prepared = prepareSignature(open(before), aRequest({ contentsBytes: 4 }));
    expect(() => fillContents(prepared.tail, prepared, new Uint8Array(5)))
      .to.throw(PlaceholderError)
      .that.includes({ neededBytes: 5, availableBytes: 4 });
    fillContents(prepared.tail, prepared, Uint8Array.of(0xde, 0xad, 0x01));
    const [signature] = readSignatures(open(joined(before, prepared)));
    expect([...(signature?.contents ?? [])]).to.deep.equal([0xde, 0xad, 0x01, 0]);
    expect(signature?.problems).to.deep.equal([]);
  });

  it("is refused where a certification allows no change", () => {
    const certified = (permission: number) =>
      aHandmadePdf({
        ...anEmptyPage("/Perms << /DocMDP 4 0 R >>"),
        4: `<< /Type /Sig /Reference [<< /TransformMethod /DocMDP /TransformParams << /P ${permission} >> >>] >>`,
      });
    expect(() => prepareSignature(open(certified(1)), aRequest()))
      .to.throw(PdfRefused)
      .with.property("code", "pdf_certified_no_changes");
    expect(() => prepareSignature(open(certified(2)), aRequest())).not.to.throw();
  });

  it("is refused for a document without catalog or pages", () => {
    const cases = [
      { 1: "<< /Pages 2 0 R >>" },
      { 1: "<< /Type /Catalog >>" },
      { ...anEmptyPage(), 2: "<< /Type /Pages /Kids [] >>" },
    ];
    for (const objects of cases) {
      expect(() => prepareSignature(open(aHandmadePdf(objects)), aRequest()))
        .to.throw(PdfRefused)
        .with.property("code", "pdf_damaged");
    }
  });

  it("takes numbers above all that a revision ever used", () => {
    const bytes = revised(aHandmadePdf(anEmptyPage()), { 40: "(far)" });
    const prepared = prepareSignature(open(bytes), aRequest());
    expect(latin1(prepared.tail)).to.match(/^41 0 obj/);
  });
});
