import { deflateSync } from "node:zlib";
import { expect } from "chai";
import { PdfRefused } from "../../../src/workers/pdf/refused.ts";
import type { PdfSource } from "../../../src/workers/pdf/source.ts";
import { serialize } from "../../../src/workers/pdf/syntax/serialize.ts";
import { openPdf } from "../../../src/workers/pdf/tail.ts";
import { aDocument, aHandmadePdf, anEmptyPage, latin1, open, revised } from "./documents.ts";

function refusalOf(
  bytes: Uint8Array,
  act: (pdf: ReturnType<typeof open>) => unknown = () => undefined,
): string {
  try {
    act(open(bytes));
    return "nothing was refused";
  } catch (error) {
    if (error instanceof PdfRefused) return error.code;
    throw error;
  }
}

/** A document whose objects 4 and 5 are in an object stream, with a cross-reference stream of the given rows. */
function withStreams(predictor: boolean): Uint8Array {
  const body = Buffer.from("4 0 5 9 << /A 1>> (compressed)");
  const first = "4 0 5 9 ".length;
  let text = "%PDF-1.7\n";
  const offsets: number[] = [];
  const add = (object: string) => {
    offsets.push(text.length);
    text += `${offsets.length} 0 obj\n${object}\nendobj\n`;
  };
  for (const object of Object.values(anEmptyPage())) add(object);
  const packed = deflateSync(body).toString("latin1");
  const holder = text.length;
  text += `6 0 obj\n<< /Type /ObjStm /N 2 /First ${first} /Filter /FlateDecode /Length ${packed.length} >>\nstream\n${packed}\nendstream\nendobj\n`;
  const start = text.length;
  const rows = [
    [0, 0, 0],
    ...offsets.map((offset) => [1, offset, 0]),
    [2, 6, 0],
    [2, 6, 1],
    [1, holder, 0],
    [1, start, 0],
  ].map(([type = 0, second = 0, third = 0]) => [type, second >> 8, second & 255, third]);
  // The PNG filter Up: each byte is the difference from the one above.
  const filtered = rows.flatMap((row, i) => [
    2,
    ...row.map((byte, j) => (byte - (rows[i - 1]?.[j] ?? 0)) & 255),
  ]);
  const xref = deflateSync(Buffer.from(predictor ? filtered : rows.flat())).toString("latin1");
  const parameters = predictor ? "/DecodeParms << /Predictor 12 /Columns 4 >>" : "";
  text += `7 0 obj\n<< /Type /XRef /Size 8 /Root 1 0 R /W [1 2 1] /Filter /FlateDecode ${parameters} /Length ${xref.length} >>\nstream\n${xref}\nendstream\nendobj\nstartxref\n${start}\n%%EOF`;
  return Buffer.from(text, "latin1");
}

describe("the tail of a PDF", () => {
  it("finds objects by a classic table", () => {
    const pdf = open(aHandmadePdf({ ...anEmptyPage(), 4: "(four)" }));
    expect(serialize(pdf.latest.object(4))).to.equal("(four)");
    expect(pdf.latest.object(99)).to.equal(null);
    expect(pdf.sections[0].kind).to.equal("table");
  });

  it("finds objects by a table of entries one byte too short", () => {
    const text = latin1(aHandmadePdf({ ...anEmptyPage(), 4: "(four)" })).replaceAll(/ ([nf]) \n/g, " $1\n");
    expect(serialize(open(Buffer.from(text, "latin1")).latest.object(4))).to.equal("(four)");
  });

  for (const predictor of [false, true]) {
    it(`finds objects by a stream ${predictor ? "with" : "without"} predictor, and in object streams`, () => {
      const pdf = open(withStreams(predictor));
      expect(pdf.sections[0].kind).to.equal("stream");
      expect(serialize(pdf.latest.object(4))).to.equal("<<\n/A 1\n>>");
      expect(serialize(pdf.latest.object(5))).to.equal("(compressed)");
      expect(pdf.latest.limit()).to.equal(8);
    });
  }

  it("finds in the stream of a hybrid what its table hides", () => {
    const base = latin1(aHandmadePdf({ ...anEmptyPage(), 5: "(in use)" }));
    const hidden = base.lastIndexOf("xref\n0 ");
    const extra = `4 0 obj\n(hidden)\nendobj\n`;
    const rows = `\x01${String.fromCharCode(hidden >> 8, hidden & 255)}\0`;
    const stream = `6 0 obj\n<< /Type /XRef /Size 7 /W [1 2 1] /Index [4 1] /Length 4 >>\nstream\n${rows}\nendstream\nendobj\n`;
    const text = base
      .replace("xref\n0 ", `${extra}${stream}xref\n0 `)
      .replace("/Root 1 0 R", `/Root 1 0 R /XRefStm ${hidden + extra.length}`)
      .replace(/startxref\n\d+/, `startxref\n${hidden + extra.length + stream.length}`);
    const pdf = open(Buffer.from(text, "latin1"));
    expect(serialize(pdf.latest.object(4))).to.equal("(hidden)");
    expect(serialize(pdf.latest.object(5))).to.equal("(in use)");
  });

  it("keeps each revision's view", () => {
    const first = aHandmadePdf({ ...anEmptyPage(), 4: "(before)" });
    const pdf = open(revised(first, { 4: "(after)" }));
    expect(serialize(pdf.latest.object(4))).to.equal("(after)");
    expect(serialize(pdf.view(1).object(4))).to.equal("(before)");
    expect(pdf.revisions.map(({ eof }) => eof)).to.deep.equal([pdf.source.size - 1, first.length - 1]);
  });

  it("reads a small part of a large file", async () => {
    const bytes = await aDocument({ pages: 300 });
    let read = 0;
    const counted: PdfSource = {
      size: bytes.length,
      read(offset, length) {
        const part = bytes.subarray(offset, offset + length);
        read += part.length;
        return part;
      },
    };
    openPdf(counted).latest.object(1);
    expect(read).to.be.below(bytes.length / 2);
  });

  it("is refused when encrypted", () => {
    expect(refusalOf(aHandmadePdf(anEmptyPage(), "/Encrypt 9 0 R"))).to.equal("pdf_encrypted");
  });

  it("is refused when it goes round in a circle", () => {
    const text = latin1(aHandmadePdf(anEmptyPage()));
    const start = text.lastIndexOf("xref\n0 ");
    expect(refusalOf(aHandmadePdf(anEmptyPage(), `/Prev ${start}`))).to.equal("pdf_damaged");
  });

  it("is refused when an offset lies beyond the end", () => {
    const text = latin1(aHandmadePdf(anEmptyPage()));
    expect(refusalOf(Buffer.from(text.replace(/startxref\n\d+/, "startxref\n99999")))).to.equal(
      "pdf_truncated",
    );
    expect(refusalOf(aHandmadePdf(anEmptyPage(), "/Prev 99999"))).to.equal("pdf_truncated");
  });

  it("is refused when an object stream's length is inside itself", () => {
    const text = latin1(withStreams(false)).replace(
      /(\/First 8 \/Filter \/FlateDecode) \/Length \d+/,
      "$1 /Length 4 0 R",
    );
    const moved = text.replace(/startxref\n\d+/, `startxref\n${text.indexOf("7 0 obj")}`);
    expect(refusalOf(Buffer.from(moved, "latin1"), (pdf) => pdf.latest.object(4))).to.equal("pdf_damaged");
  });

  it("can be read with 256 revisions, four times what an upload may have, and not with 257", () => {
    let bytes = aHandmadePdf(anEmptyPage());
    for (let i = 1; i < 256; i++) bytes = revised(bytes, { 4: `(${i})` });
    expect(open(bytes).revisions).to.have.length(256);
    expect(refusalOf(revised(bytes, { 4: "(256)" }))).to.equal("pdf_too_many_revisions");
  });

  it("does not inflate a cross-reference stream without end", () => {
    const bomb = deflateSync(Buffer.alloc(70 * 1024 * 1024));
    const head = `%PDF-1.7\n1 0 obj\n<< /Type /XRef /Size 2 /Root 1 0 R /W [1 2 1] /Filter /FlateDecode /Length ${bomb.length} >>\nstream\n`;
    const end = "\nendstream\nendobj\nstartxref\n9\n%%EOF";
    expect(refusalOf(Buffer.concat([Buffer.from(head), bomb, Buffer.from(end)]))).to.equal("pdf_too_large");
  });
});
