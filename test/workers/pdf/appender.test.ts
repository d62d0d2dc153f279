import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { pageAt } from "../../../src/workers/pdf/page-at.ts";
import { PdfRefused } from "../../../src/workers/pdf/refused.ts";
import { prepareSignature } from "../../../src/workers/pdf/revision.ts";
import { readSignatures } from "../../../src/workers/pdf/signatures.ts";
import { bytesSource, type PdfSource } from "../../../src/workers/pdf/source.ts";
import { openPdf } from "../../../src/workers/pdf/tail.ts";
import { needProgram } from "../../support/programs.ts";
import { temporaryFolder } from "../letters.ts";
import {
  aDocument,
  aForm,
  aHandmadePdf,
  anEmptyPage,
  aRequest,
  latin1,
  open,
  revised,
  signed,
} from "./documents.ts";
import { checkWithQpdf } from "./qpdf.ts";

const LINES = ["Élodie", "Signé le 23/11/2026 à 14:05 (heure de Paris)"];
const BOX = { page: 1, left: 10, bottom: 10, width: 80, height: 30 };

/** The text with other line ends, its table and startxref moved to where things are then. */
function rewritten(change: (text: string) => string): Uint8Array {
  let text = change(latin1(aHandmadePdf(anEmptyPage())));
  text = text.replace(/(\d{10}) 00000 n/g, "??????????  00000 n").replace(/ {2}00000 n/g, " 00000 n");
  for (let num = 1; text.includes("??????????"); num++) {
    const at = text.search(new RegExp(`(?<![0-9])${num}\\s+0\\s+obj`));
    text = text.replace("??????????", String(at).padStart(10, "0"));
  }
  const start = text.search(/xref[\r\n ]+0 /);
  return Buffer.from(text.replace(/startxref(\s+)\d+/, `startxref$1${start}`), "latin1");
}

function byQpdf(bytes: Uint8Array, ...args: string[]): Uint8Array {
  const folder = temporaryFolder();
  try {
    writeFileSync(folder.path("in.pdf"), bytes);
    const { status, stderr } = spawnSync("qpdf", [...args, folder.path("in.pdf"), folder.path("out.pdf")]);
    expect(status, String(stderr)).to.equal(0);
    return readFileSync(folder.path("out.pdf"));
  } finally {
    folder.remove();
  }
}

// Objects 3 and 4, the page and its annotations, are known only to the stream that /XRefStm names (7.5.8.4).
function aHybrid(): Uint8Array {
  const kept = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Annots 4 0 R >> []";
  const body = `3 0 4 ${kept.indexOf("[]")} ${kept}`;
  let text = "%PDF-1.5\n";
  const at: number[] = [];
  const add = (num: number, object: string) => {
    at[num] = text.length;
    text += `${num} 0 obj\n${object}\nendobj\n`;
  };
  add(1, "<< /Type /Catalog /Pages 2 0 R >>");
  add(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
  add(
    5,
    `<< /Type /ObjStm /N 2 /First ${body.indexOf("<<")} /Length ${body.length} >>\nstream\n${body}\nendstream`,
  );
  const rows = "\x02\x00\x05\x00\x02\x00\x05\x01";
  add(
    6,
    `<< /Type /XRef /Size 7 /W [1 2 1] /Index [3 2] /Length ${rows.length} >>\nstream\n${rows}\nendstream`,
  );
  const start = text.length;
  const row = (offset: number | undefined) =>
    offset === undefined ? "0000000000 00000 f \n" : `${String(offset).padStart(10, "0")} 00000 n \n`;
  text += `xref\n0 7\n0000000000 65535 f \n${[1, 2, 3, 4, 5, 6].map((num) => row(at[num])).join("")}`;
  text += `trailer\n<< /Size 7 /Root 1 0 R /XRefStm ${at[6]} >>\nstartxref\n${start}\n%%EOF`;
  return Buffer.from(text, "latin1");
}

function aReusedNumber(): Uint8Array {
  const text = latin1(aHandmadePdf({ ...anEmptyPage(), 5: "(five)" }));
  const [page = ""] = /3 0 obj[\s\S]*?endobj\n/.exec(text) ?? [];
  const start = text.length + page.length;
  const table = `xref\n0 1\n0000000004 65535 f \n3 2\n${String(text.length).padStart(10, "0")} 00002 n \n0000000000 00003 f \n`;
  const trailer = `trailer\n<< /Size 6 /Root 1 0 R /Prev ${text.indexOf("xref\n0")} >>\nstartxref\n${start}\n%%EOF\n`;
  const moved = text.replace("[3 0 R]", "[3 2 R]");
  return Buffer.from(`${moved}${page.replace("3 0 obj", "3 2 obj")}${table}${trailer}`, "latin1");
}

const KINDS: [string, () => Uint8Array | Promise<Uint8Array>][] = [
  ["of PDF 1.0", () => aHandmadePdf(anEmptyPage(), "", "%PDF-1.0\n")],
  ["of PDF 2.0 by its catalog", () => aHandmadePdf(anEmptyPage("/Version /2.0 /Extensions << /X << >> >>"))],
  ["with cross-reference streams", () => aDocument({ objectStreams: true })],
  ["that is a form in object streams", () => aForm({ objectStreams: true })],
  ["with annotations in an object stream", () => aForm({ objectStreams: true, indirectAnnots: true })],
  ["that is a hybrid", aHybrid],
  [
    "with CR alone for line ends",
    () => rewritten((text) => text.replaceAll(/ ?\n/g, "\r").replaceAll(/([nf])\r(?=\d|t)/g, "$1\r\n")),
  ],
  [
    "with CRLF for line ends",
    () => rewritten((text) => text.replaceAll(/(?<! )\n/g, "\r\n").replaceAll(/([nf]) \n/g, "$1\r\n")),
  ],
  ["without an end of line", () => rewritten((text) => text.trimEnd())],
  [
    "with odd blanks in its objects",
    () =>
      rewritten((text) => text.replace("3 0 obj\n<<", "3\n0\tobj %x\n\f<<").replace("2 0 obj\n", "2  0 obj")),
  ],
  [
    "with a /Size too small",
    () =>
      Buffer.from(
        latin1(aHandmadePdf({ ...anEmptyPage(), 9: "(far)" })).replace("/Size 10", "/Size 4 "),
        "latin1",
      ),
  ],
  ["with a number reused in a later generation, and free ones", aReusedNumber],
  [
    "with its form in the catalog, and no /Fields",
    () => aHandmadePdf(anEmptyPage("/AcroForm << /DA (/F 0 Tf) >>")),
  ],
  [
    "with all of its form indirect",
    () =>
      aHandmadePdf({
        ...anEmptyPage("/AcroForm 4 0 R", "/Annots 6 0 R"),
        4: "<< /Fields 5 0 R /SigFlags 7 0 R >>",
        5: "[]",
        6: "[]",
        7: "1",
      }),
  ],
];

function inTurn(bytes: Uint8Array): Uint8Array[] {
  const fields = [{ fieldName: "last", box: { ...BOX, bottom: 60 } }];
  const first = signed(bytes, { appearance: { at: BOX, lines: LINES }, fields });
  const second = signed(first);
  return [first, second, signed(second, { appearance: { at: { fieldName: "last" }, lines: LINES } })];
}

describe("a document", () => {
  for (const [what, make] of KINDS) {
    it(`${what} takes three signatures, seen and unseen`, async function () {
      const bytes = await make();
      let before = bytes;
      for (const after of inTurn(bytes)) {
        expect(Buffer.compare(after.subarray(0, before.length), before)).to.equal(0);
        before = after;
      }
      const signatures = readSignatures(open(before));
      expect(signatures.flatMap(({ problems }) => problems)).to.deep.equal([]);
      expect(signatures.map(({ changedAfter }) => changedAfter)).to.deep.equal([
        "signatures-only",
        "signatures-only",
        "nothing",
      ]);
      needProgram(this, "qpdf");
      const complaint = checkWithQpdf(bytes);
      const { status, output } = checkWithQpdf(before);
      expect(status, output).to.be.at.most(complaint.status ?? 0);
    });
  }

  it("that qpdf linearized takes them too, with and without object streams", function () {
    needProgram(this, "qpdf");
    for (const mode of ["disable", "generate"]) {
      const bytes = byQpdf(aHandmadePdf(anEmptyPage()), "--linearize", `--object-streams=${mode}`);
      const last = inTurn(bytes).at(-1) ?? expect.fail();
      expect(readSignatures(open(last)).map(({ changedAfter }) => changedAfter)).to.include("nothing");
      expect(checkWithQpdf(last).status).to.equal(0);
    }
  });
});

describe("a page tree", () => {
  const many = 2_600;

  // Leaves 10 a node, nodes 10 a node; or all in one.
  function aTree(flat: boolean): Uint8Array {
    const objects: Record<number, string> = { 1: "<< /Type /Catalog /Pages 2 0 R >>" };
    const kids = Array.from({ length: many }, (_, i) => i + 5_000);
    for (const num of kids) objects[num] = `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${num} 200] >>`;
    let next = 3;
    const node = (numbers: number[], parent: number): number => {
      const own = parent === 0 ? 2 : next++;
      const inner = flat || numbers.length <= 10 ? numbers : chunks(numbers).map((part) => node(part, own));
      const list = inner.map((num) => `${num} 0 R`).join(" ");
      const up = parent === 0 ? "" : `/Parent ${parent} 0 R`;
      objects[own] = `<< /Type /Pages /Count ${numbers.length} ${up} /Kids [${list}] >>`;
      return own;
    };
    node(kids, 0);
    return aHandmadePdf(objects);
  }

  function chunks(numbers: number[]): number[][] {
    const size = Math.ceil(numbers.length / 10);
    return Array.from({ length: Math.ceil(numbers.length / size) }, (_, i) =>
      numbers.slice(i * size, (i + 1) * size),
    );
  }

  for (const flat of [true, false]) {
    it(`of ${many} pages ${flat ? "in one node" : "in nodes of ten"} is not walked for a stamp on one of them`, () => {
      const bytes = aTree(flat);
      for (const page of [1, 2, 1_234, many]) {
        let reads = 0;
        const all = bytesSource(bytes);
        const counted: PdfSource = {
          size: all.size,
          read(offset, length) {
            reads++;
            return all.read(offset, length);
          },
        };
        const pdf = openPdf(counted);
        expect(pageAt(pdf.latest, page).ref.num).to.equal(4_999 + page);
        const { tail } = prepareSignature(
          pdf,
          aRequest({ appearance: { at: { ...BOX, page }, lines: LINES } }),
        );
        expect(latin1(tail)).to.contain(`/P ${4_999 + page} 0 R`);
        expect(reads).to.be.below(150);
      }
      expect(() => pageAt(open(bytes).latest, many + 1)).to.throw(PdfRefused, "page_missing");
    });
  }

  it("whose counts are wrong is walked", () => {
    const bytes = revised(aTree(false), { 3: "<< /Type /Pages /Kids [5000 0 R] /Count 7 /Parent 2 0 R >>" });
    expect(pageAt(open(bytes).latest, 1).ref.num).to.equal(5_000);
    expect(pageAt(open(bytes).latest, 2).ref.num).to.be.above(5_000);
  });
});
