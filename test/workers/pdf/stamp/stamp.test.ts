import { writeFileSync } from "node:fs";
import { expect } from "chai";
import type { Appearance } from "../../../../src/actors/runtime/ports.ts";
import { readSignatures } from "../../../../src/workers/pdf/signatures.ts";
import { fitLines, heightOf } from "../../../../src/workers/pdf/stamp/lines.ts";
import { needProgram, ran } from "../../../support/programs.ts";
import { temporaryFolder } from "../../letters.ts";
import { aHandmadePdf, anEmptyPage, latin1, open, signed } from "../documents.ts";
import { aPatch } from "../pngs.ts";
import { checkWithQpdf } from "../qpdf.ts";
import { refusalOf } from "../refusal.ts";
import { boxAround, rendered } from "../rendered.ts";

const LINES = ["Élodie Łuczak-Жукова", "Signé le 23/11/2026 à 14:05 (heure de Paris)", "Bon pour accord"];
const BOX = { left: 20, bottom: 10, width: 120, height: 60 };
const BOX_HERE = { page: 1, ...BOX };
const RED = (red: number, green: number, blue: number) => red > 200 && green < 60 && blue < 60;
const INK = (red: number, green: number, blue: number) => red + green + blue < 500;

// What is inherited stands in the tree's root.
function turnedPage(turn: number, more = ""): Uint8Array {
  return aHandmadePdf({
    1: "<< /Type /Catalog /Pages 2 0 R >>",
    2: `<< /Type /Pages /Kids [3 0 R] /Count 1 /Rotate ${turn} /CropBox [350 270 50 30] /MediaBox [0 0 400 300] >>`,
    3: `<< /Type /Page /Parent 2 0 R ${more} >>`,
  });
}

function stamped(bytes: Uint8Array, appearance: Partial<Appearance> = {}): Uint8Array {
  return signed(bytes, { appearance: { at: { page: 1, ...BOX }, lines: LINES, ...appearance } });
}

describe("a stamp", () => {
  for (const turn of [0, 90, 180, 270, -90]) {
    it(`stands where it was put on a cropped page turned by ${turn}, upright`, function () {
      needProgram(this, "pdftoppm");
      const bytes = turnedPage(turn);
      // As wide as high but for the padding of 3 points: the logo fills the box.
      const logo = aPatch(114, 54, [255, 0, 0]);
      const found = boxAround(rendered(stamped(bytes, { lines: [], logo }), 1), RED);
      expect(found?.left).to.be.closeTo(BOX.left + 3, 1.5);
      expect(found?.bottom).to.be.closeTo(BOX.bottom + 3, 1.5);
      expect(found?.width).to.be.closeTo(114, 2);
      expect(found?.height).to.be.closeTo(54, 2);
      // Beside text the logo is on the reader's left.
      const both = rendered(stamped(bytes, { logo }), 1);
      const [mark, text] = [
        boxAround(both, RED),
        boxAround(both, (r, g, b) => INK(r, g, b) && !RED(r, g, b)),
      ];
      expect(mark?.left).to.be.below(text?.left ?? 0);
      expect(text?.left).to.be.above(BOX.left + 40);
      expect((text?.left ?? 0) + (text?.width ?? 0)).to.be.at.most(BOX.left + BOX.width);
      expect(text?.bottom).to.be.at.least(BOX.bottom);
    });
  }

  it("is measured in points where the page has a unit of its own", () => {
    const bytes = stamped(turnedPage(0, "/UserUnit 2"));
    expect(latin1(bytes)).to.contain("/Rect [60 35 120 65]").and.to.contain("/BBox [0 0 120 60]");
    expect(refusalOf(() => stamped(turnedPage(0), { at: { page: 1, ...BOX, left: 200 } }))).to.equal(
      "box_outside_page",
    );
    expect(
      refusalOf(() => stamped(turnedPage(0, "/UserUnit 2"), { at: { page: 1, ...BOX, left: 200 } })),
    ).to.equal("none");
  });

  it("can be read, copied and searched, in an embedded font", async function () {
    needProgram(this, "pdftotext");
    const folder = temporaryFolder();
    try {
      writeFileSync(folder.path("a.pdf"), stamped(turnedPage(90), { lines: [...LINES, "中 and e\u0301"] }));
      const { stdout } = await ran("pdftotext", [folder.path("a.pdf"), "-"]);
      for (const word of ["Élodie", "Łuczak-Жукова", "23/11/2026", "\ufffd and é"])
        expect(stdout).to.contain(word);
      const fonts = await ran("pdffonts", [folder.path("a.pdf")]);
      expect(fonts.stdout).to.match(/[A-Z]{6}\+DejaVuSans +CID TrueType +Identity-H +yes yes yes/);
    } finally {
      folder.remove();
    }
  });

  it("leaves a file of which qpdf has no complaint", function () {
    needProgram(this, "qpdf");
    const bytes = stamped(stamped(turnedPage(270)), { logo: aPatch(3, 3, [1, 2, 3]) });
    const { status, output } = checkWithQpdf(bytes);
    expect(status, output).to.equal(0);
  });

  it("is refused off the page, of no size, or on a page that is not there", () => {
    const bytes = turnedPage(90);
    const at = (changes: object) => refusalOf(() => stamped(bytes, { at: { ...BOX_HERE, ...changes } }));
    // Turned, the page is 240 wide and 300 high.
    expect(at({ left: 120 })).to.equal("none");
    expect(at({ left: 121 })).to.equal("box_outside_page");
    expect(at({ bottom: 240 })).to.equal("none");
    expect(at({ bottom: 241 })).to.equal("box_outside_page");
    for (const absurd of [
      { left: -2 },
      { width: 0 },
      { height: -5 },
      { width: Number.NaN },
      { left: Number.NaN },
    ]) {
      expect(at(absurd), JSON.stringify(absurd)).to.equal("box_outside_page");
    }
    for (const page of [0, -1, 2, 1.5, 1e9]) expect(at({ page }), String(page)).to.equal("page_missing");
  });

  it("draws the same texts by the same bytes, whatever was drawn before", () => {
    const once = stamped(turnedPage(0));
    stamped(turnedPage(0), { lines: ["Ωμέγα"] });
    expect(Buffer.compare(once, stamped(turnedPage(0)))).to.equal(0);
  });
});

describe("the lines of a stamp", () => {
  it("shrink until they fit, then are cut, and never lie outside", () => {
    const texts = ["Anne-Charlotte de la Rochefoucauld-Montmorency d'Estissac".repeat(3), ...LINES];
    let last = Infinity;
    for (const [width, height] of [
      [300, 120],
      [120, 40],
      [60, 20],
      [20, 10],
      [4, 4],
    ] as const) {
      const { size, lines } = fitLines(texts, width, height);
      expect(size).to.be.at.most(last);
      expect(heightOf(lines.length, size)).to.be.at.most(height + 1e-6);
      last = size;
    }
    expect(fitLines(["Short"], 300, 100)).to.include({ size: 11 });
  });
});

describe("fields for signatures to come", () => {
  it("are filled later without a doubt on what was signed before", () => {
    const first = signed(turnedPage(90), {
      appearance: { at: BOX_HERE, lines: LINES },
      fields: [
        { fieldName: "second", box: { ...BOX_HERE, bottom: 80 } },
        { fieldName: "third", box: { ...BOX_HERE, bottom: 150 } },
      ],
    });
    const second = stamped(first, { at: { fieldName: "second" } });
    const third = stamped(signed(second), { at: { fieldName: "third" } });
    const signatures = readSignatures(open(third));
    expect(signatures.map(({ fieldName }) => fieldName)).to.deep.equal([
      "Signature1",
      "second",
      "Signature2",
      "third",
    ]);
    expect(signatures.flatMap(({ problems }) => problems)).to.deep.equal([]);
    expect(signatures.map(({ changedAfter }) => changedAfter)).to.deep.equal([
      ...Array(3).fill("signatures-only"),
      "nothing",
    ]);
  });

  it("show nothing until they are filled, then the stamp upright", function () {
    needProgram(this, "pdftoppm");
    const logo = aPatch(114, 54, [255, 0, 0]);
    const bytes = signed(turnedPage(270), { fields: [{ fieldName: "later", box: BOX_HERE }] });
    expect(boxAround(rendered(bytes, 1), (r, g, b) => r + g + b < 765)).to.equal(undefined);
    const found = boxAround(
      rendered(stamped(bytes, { at: { fieldName: "later" }, lines: [], logo }), 1),
      RED,
    );
    expect(found?.left).to.be.closeTo(BOX.left + 3, 1.5);
    expect(found?.bottom).to.be.closeTo(BOX.bottom + 3, 1.5);
    expect(found?.width).to.be.closeTo(114, 2);
  });

  it("take no name that a field has", () => {
    const fields = [{ fieldName: "Name", box: BOX_HERE }];
    const form = aHandmadePdf({
      ...anEmptyPage("/AcroForm << /Fields [4 0 R] >>"),
      4: "<< /FT /Tx /T (Name) >>",
    });
    expect(refusalOf(() => signed(form, { fields }))).to.equal("field_taken");
    expect(refusalOf(() => signed(turnedPage(0), { fields: [...fields, ...fields] }))).to.equal(
      "field_taken",
    );
  });
});
