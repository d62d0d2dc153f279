import { expect } from "chai";
import { PdfRefused } from "../../../src/workers/pdf/refused.ts";
import { bytesSource } from "../../../src/workers/pdf/source.ts";
import { parseObjectAt } from "../../../src/workers/pdf/syntax/parser.ts";
import { serialize } from "../../../src/workers/pdf/syntax/serialize.ts";
import { decodeDate, decodeText, encodeDate, encodeText } from "../../../src/workers/pdf/syntax/text.ts";
import { latin1 } from "./documents.ts";

function parse(text: string) {
  return parseObjectAt(bytesSource(Buffer.from(text, "latin1")), 0);
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return "nothing was refused";
  } catch (error) {
    if (error instanceof PdfRefused) return error.code;
    throw error;
  }
}

describe("PDF syntax", () => {
  const kept: [string, string][] = [
    ["null", "null"],
    ["true", "true"],
    ["-0.50", "-0.50"],
    ["+17.", "+17."],
    ["/A#20B#2fC", "/A#20B#2fC"],
    ["12 0 R", "12 0 R"],
    ["[1 2 3 0 R 4]", "[1 2 3 0 R 4]"],
    ["(a\\(b\\)\\\\c)", "(a\\(b\\)\\\\c)"],
    ["<</A 1/B[/C]%comment\n/D<</E null>>>>", "<<\n/A 1\n/B [/C]\n/D <<\n/E null\n>>\n>>"],
  ];
  for (const [written, again] of kept) {
    it(`keeps ${written}`, () => {
      expect(serialize(parse(written))).to.equal(again);
    });
  }

  const strings: [string, string][] = [
    ["(a(b)c)", "a(b)c"],
    ["(\\101\\7\\r\\q)", "A\x07\rq"],
    ["(a\\\r\nb)", "ab"],
    ["<48 65 6C6c 6>", "Hell`"],
  ];
  for (const [written, meant] of strings) {
    it(`reads the string ${JSON.stringify(written)}`, () => {
      const string = parse(written);
      if (string === null || typeof string === "boolean" || string.type !== "string")
        throw new Error("no string");
      expect(latin1(string.bytes)).to.equal(meant);
      expect([string.start, string.end]).to.deep.equal([0, written.length]);
    });
  }

  it("keeps the last of two values of one key, and tells", () => {
    expect(parse("<< /A 1 /A 2 >>")).to.deep.include({ repeats: true });
    expect(serialize(parse("<< /A 1 /A 2 >>"))).to.equal("<<\n/A 2\n>>");
  });

  it("reads a hundred levels, and no more", () => {
    expect(codeOf(() => parse(`${"[".repeat(101)}${"]".repeat(101)}`))).to.equal("nothing was refused");
    expect(codeOf(() => parse("[".repeat(102)))).to.equal("pdf_too_deep");
    expect(codeOf(() => parse("<< /A ".repeat(200_000)))).to.equal("pdf_too_deep");
  });

  it("refuses what breaks off", () => {
    for (const text of ["", "(abc", "<48", "[1 2", "<< /A", "<< /A 1 >", "endobj", ")", "<4G>"]) {
      expect(
        codeOf(() => parse(text)),
        text,
      ).to.equal("pdf_damaged");
    }
  });

  it("refuses an array of millions of items", () => {
    expect(codeOf(() => parse(`[${"0 ".repeat(1_000_001)}]`))).to.equal("pdf_damaged");
  });
});

describe("a text string", () => {
  it("is PDFDocEncoding when it can be", () => {
    expect(latin1(encodeText("Élodie Müller"))).to.equal("\xc9lodie M\xfcller");
  });

  it("is UTF-16BE with its mark otherwise", () => {
    expect(latin1(encodeText("Ł"))).to.equal("\xfe\xff\x01\x41");
  });

  it("comes back as it was", () => {
    for (const text of ["", "Élodie", "Łucja 😀", "a\nb"])
      expect(decodeText(encodeText(text))).to.equal(text);
  });
});

describe("a PDF date", () => {
  it("is written in UTC to the second", () => {
    expect(encodeDate(new Date("2025-01-31T09:30:00.999Z"))).to.equal("D:20250131093000Z");
  });

  it("is read with and without its zone", () => {
    expect(decodeDate("D:20250131093000Z")?.toISOString()).to.equal("2025-01-31T09:30:00.000Z");
    expect(decodeDate("D:20250131093000+01'30'")?.toISOString()).to.equal("2025-01-31T08:00:00.000Z");
    expect(decodeDate("D:20250131093000-02'00")?.toISOString()).to.equal("2025-01-31T11:30:00.000Z");
    expect(decodeDate("D:2025")?.toISOString()).to.equal("2025-01-01T00:00:00.000Z");
    expect(decodeDate("yesterday")).to.equal(undefined);
  });
});
