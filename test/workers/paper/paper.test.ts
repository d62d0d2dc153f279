import { writeFile } from "node:fs/promises";
import { expect } from "chai";
import fc from "fast-check";
import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFString } from "pdf-lib";
import type { Paper } from "../../../src/actors/runtime/ports.ts";
import { layOut, pageSize } from "../../../src/workers/paper/lay-out.ts";
import { drawnPages, paperPdf } from "../../../src/workers/paper/paper.ts";
import { readPaper } from "../../../src/workers/paper/read-paper.ts";
import { codePoints } from "../../../src/workers/paper/visible.ts";
import { lengthOf, wrap } from "../../../src/workers/paper/wrap.ts";
import { bytesSource } from "../../../src/workers/pdf/source.ts";
import { needProgram, ran } from "../../support/programs.ts";
import { type Folder, temporaryFolder } from "../letters.ts";

const at = Date.UTC(2026, 10, 30, 9);

function paper(texts: readonly string[], more: Partial<Paper> = {}): Paper {
  return {
    language: "fr",
    title: "Dossier de preuve",
    blocks: texts.map((text) => ({ kind: "row", label: "Nom", text })),
    footer: "col_1",
    at,
    facts: { head: "abc", digest2: `<"&'>` },
    ...more,
  };
}

describe("a paper", () => {
  let folder: Folder;
  before(() => {
    folder = temporaryFolder();
  });
  after(() => folder.remove());

  async function textOf(one: Paper): Promise<string> {
    const path = folder.path("paper.pdf");
    await writeFile(path, paperPdf(one));
    return (await ran("pdftotext", ["-layout", path, "-"])).stdout;
  }

  it("is a PDF that other readers take, with the file that it carries", async function () {
    needProgram(this, "qpdf");
    needProgram(this, "pdfdetach");
    const path = folder.path("paper.pdf");
    const attachment = {
      name: "record.json",
      description: "d",
      mediaType: "application/json",
      bytes: Buffer.from("{}"),
    };
    await writeFile(path, paperPdf(paper(["Zoé"], { attachment })));
    expect((await ran("qpdf", ["--check", path])).status).to.equal(0);
    expect((await ran("pdfdetach", ["-list", path])).stdout).to.include("record.json");
  });

  it("shows names of any script, and as U+ what has no glyph, is unseen or turns the reading direction", async function () {
    needProgram(this, "pdftotext");
    const text = await textOf(paper(["Łukasz Ελένη Иван Đặng", "中", "a\u202eb\u200bc\u0007d"]));
    expect(text).to.include("Łukasz Ελένη Иван Đặng");
    expect(text).to.include("[U+4E2D]");
    expect(text).to.include("a[U+202E]b[U+200B]c[U+0007]d");
  });

  it("shows Arabic and Hebrew from right to left and joined, and gives them back as they were typed", async function () {
    needProgram(this, "pdftotext");
    // pdftotext takes the direction of a page from most of its letters.
    const french =
      "Le dossier de preuve se lit de gauche à droite, quels que soient les noms qui y figurent.";
    const text = await textOf(paper([french, "à محمد عبد الله (s2)", "de דוד כהן a signé", "عقد 2027.pdf"]));
    const isolated = text.replace(/[\u202a-\u202e]/g, "");
    expect(isolated).to.include("محمد عبد الله").and.include("דוד כהן");
    expect(isolated)
      .to.match(/à .*محمد/)
      .and.match(/כהן\s*a signé/);
  });

  it("has its headings as an outline, each at its place", async () => {
    const rows = Array.from({ length: 90 }, (_, i) => ({ kind: "row", label: "n", text: `${i}` }) as const);
    const heading = (text: string) => ({ kind: "heading", text }) as const;
    const one = paper([], { blocks: [heading("Personnes"), ...rows, heading("Événements"), ...rows] });
    const { headings } = layOut(one);
    expect(headings.map(({ text, page }) => [text, page])).to.deep.equal([
      ["Personnes", 0],
      ["Événements", 1],
    ]);
    const read = await PDFDocument.load(paperPdf(one));
    const outline = read.catalog.lookup(PDFName.of("Outlines"), PDFDict);
    const last = outline.lookup(PDFName.of("Last"), PDFDict);
    expect(last.lookup(PDFName.of("Title"), PDFString, PDFHexString).decodeText()).to.equal("Événements");
    const [target] = last.lookup(PDFName.of("Dest"), PDFArray).asArray();
    expect(target).to.equal(read.getPage(1).ref);
  });

  it("begins no line with the sign that French parts from its word, and ends none with «", () => {
    for (let width = 60; width < 400; width++) {
      const lines = wrap(codePoints("un « deux » trois ; quatre : cinq ! six ? « sept » huit"), 10, width);
      for (const line of lines) {
        const text = String.fromCodePoint(...line);
        if (text.includes(" ")) expect(text).to.not.match(/^[»;:!?]|«$/);
      }
    }
  });

  it("breaks lines and pages, and numbers these", async function () {
    needProgram(this, "pdftotext");
    const text = await textOf(paper(Array.from({ length: 150 }, (_, i) => `ligne ${i}`)));
    for (let i = 0; i < 150; i++) expect(text).to.match(new RegExp(`ligne ${i}\\b`));
    expect(text).to.include("1/3").and.include("3/3");
  });

  it("never draws beyond its margins, whatever is written", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 400 }), { maxLength: 30 }), (texts) => {
        for (const page of layOut(paper([...texts, "x".repeat(500)])).pages)
          for (const { x, y, size, points } of page) {
            expect(x + (lengthOf(points) * size) / 1_000).to.be.at.most(pageSize.width - 49);
            expect(y).to.be.within(29, pageSize.height - 50);
          }
      }),
      { numRuns: 60 },
    );
  });

  it("can be taken apart again: its facts, its pages, its attachment", () => {
    const bytes = Buffer.from(JSON.stringify({ name: "é中" }));
    const one = paper(["Ελένη"], {
      attachment: { name: "record.json", description: "d", mediaType: "application/json", bytes },
    });
    const read = readPaper(bytesSource(paperPdf(one)));
    expect(read.facts).to.deep.equal(one.facts);
    expect(read.contents).to.deep.equal(drawnPages(one).contents);
    expect(Buffer.from(read.attachment ?? []).equals(bytes)).to.equal(true);
  });

  it("is the same bytes each time", () => {
    expect(paperPdf(paper(["Ελένη"])).equals(paperPdf(paper(["Ελένη"])))).to.equal(true);
  });
});
