import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CFB, type utils } from "@e965/xlsx";
import { expect } from "chai";
import type { SheetReading } from "../../../src/actors/runtime/ports.ts";
import { createSpreadsheets } from "../../../src/workers/spreadsheet/reader.ts";
import { aBook, aZip, cell, type Row, xlsxParts } from "../../support/spreadsheets.ts";

describe("an unknown spreadsheet", () => {
  const reader = createSpreadsheets();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "collecte-sheets-"));
  });
  after(async () => {
    await reader.close();
    await rm(folder, { recursive: true });
  });

  async function reading(bytes: Uint8Array | string, maxRows = 10_001): Promise<SheetReading> {
    const path = join(folder, "file");
    await writeFile(path, bytes);
    return reader.read(path, { sheet: "contacts", maxRows });
  }
  async function codeOf(bytes: Uint8Array | string, maxRows?: number): Promise<string | undefined> {
    const read = await reading(bytes, maxRows);
    return read.ok ? undefined : read.code;
  }
  async function rowsOf(bytes: Uint8Array | string) {
    const read = await reading(bytes);
    if (!read.ok) throw new Error(read.code);
    return read.sheet;
  }

  const rows: Row[] = [
    ["Prénom", "Nom", "Mobile"],
    ["Éloïse", "Œuvrard", 612345678],
    [],
    ["Łukasz", "O'Neil & fils <x>", "+48 512 345 678"],
  ];
  for (const [format, bookType] of [
    ["xlsx", "xlsx"],
    ["ods", "ods"],
    ["xls", "biff8"],
  ] as const) {
    it(`is read as .${format} by its content, with numbers as numbers and rows as people count them`, async () => {
      expect(await rowsOf(aBook(bookType, { Autre: [["x"]], CONTACTS: rows }))).to.deep.equal({
        format,
        name: "CONTACTS",
        rows: [
          { row: 1, cells: ["Prénom", "Nom", "Mobile"] },
          { row: 2, cells: ["Éloïse", "Œuvrard", { number: 612345678, shown: "612345678" }] },
          { row: 4, cells: ["Łukasz", "O'Neil & fils <x>", "+48 512 345 678"] },
        ],
      });
    });
  }

  it("has the first sheet that isn't hidden, when none has the name", async () => {
    const hide = (book: ReturnType<typeof utils.book_new>) => {
      book.Workbook = { Sheets: [{ Hidden: 1 }, {}] };
    };
    const book = aBook("xlsx", { Secret: [["no"]], Clients: [["yes"]] }, hide);
    expect(await rowsOf(book)).to.include({ name: "Clients" });
  });

  it("has the values that it shows: no formula is computed, and an error is one", async () => {
    const formula =
      '<c r="A1"><f>1+1</f><v>7</v></c><c r="B1" t="str"><f>HYPERLINK("http://x")</f><v>shown</v></c>';
    const parts = xlsxParts(`<row r="1">${formula}<c r="C1" t="e"><v>#REF!</v></c></row>`);
    expect((await rowsOf(await aZip(parts))).rows[0]?.cells).to.deep.equal([
      { number: 7, shown: "7" },
      "shown",
      { error: "#REF!" },
    ]);
    const unknown = xlsxParts(`<row r="1">${cell("A1", "x")}<c r="B1"><f>1+1</f></c></row>`);
    expect((await rowsOf(await aZip(unknown))).rows[0]?.cells).to.deep.equal(["x"]);
  });

  const header = "Prénom;Nom;E-mail\r\n";
  const text = `${header}Zoé;"Le ""Grand"";x";z@x.fr\r\n\r\nA;B;C\r\n`;
  const expected = [
    { row: 1, cells: ["Prénom", "Nom", "E-mail"] },
    { row: 2, cells: ["Zoé", 'Le "Grand";x', "z@x.fr"] },
    { row: 4, cells: ["A", "B", "C"] },
  ];
  for (const [what, bytes, facts] of [
    ["UTF-8", Buffer.from(text), { encoding: "utf-8", separator: ";" }],
    ["UTF-8 with a byte order mark", Buffer.from(`\uFEFF${text}`), { encoding: "utf-8", separator: ";" }],
    ["windows-1252", Buffer.from(text, "latin1"), { encoding: "windows-1252", separator: ";" }],
    ["UTF-16, as Excel's Unicode text", Buffer.from(`\uFEFF${text}`, "utf16le"), { encoding: "utf-16le" }],
    ["Excel's sep=", Buffer.from(`sep=;\r\n${text}`), { separator: ";" }],
    ["line feeds", Buffer.from(text.replaceAll("\r\n", "\n")), { separator: ";" }],
  ] as const) {
    it(`is read as .csv: ${what}`, async () => {
      const sheet = await rowsOf(bytes);
      expect(sheet).to.include({ format: "csv", ...facts });
      expect(sheet.rows).to.deep.equal(expected);
    });
  }

  it("is read as .csv with € and œ of windows-1252, and with commas or tabs by its header", async () => {
    const sheet = await rowsOf(Buffer.from([0x41, 0x2c, 0x42, 0x0a, 0x80, 0x2c, 0x9c, 0x0a]));
    expect(sheet).to.include({ separator: ",", encoding: "windows-1252" });
    expect(sheet.rows[1]?.cells).to.deep.equal(["€", "œ"]);
    expect(await rowsOf('"a,b"\tc;d\te\n1\t2\t3\n')).to.include({ separator: "\t" });
  });

  const bomb = (name: string, megabytes: number): [string, Buffer] => [name, Buffer.alloc(megabytes << 20)];
  const grown = async (more: [string, string | Buffer][]) => aZip([...xlsxParts(""), ...more]);
  const changed = (part: string, change: (xml: string) => string) =>
    aZip(
      xlsxParts(`<row r="1">${cell("A1", "x")}</row>`).map(([name, xml]) => [
        name,
        name === part ? change(xml) : xml,
      ]),
    );
  const types = "[Content_Types].xml";
  const overriding = (type: string) => (xml: string) =>
    xml.replace("</Types>", `<Override PartName="/xl/x.bin" ContentType="${type}"/></Types>`);
  const relating = (relation: string) => (xml: string) =>
    xml.replace("</Relationships>", `<Relationship Id="r9" ${relation}/></Relationships>`);
  const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const ods = (content: string, more: [string, string][] = []) =>
    aZip([
      ["mimetype", "application/vnd.oasis.opendocument.spreadsheet"],
      ["content.xml", `<office:document-content>${content}</office:document-content>`],
      ...more,
    ]);

  type Refusal = [string, string, () => Buffer | string | Promise<Buffer | string>];
  const refused: Refusal[] = [
    ["51 MB in one part", "spreadsheet_too_large", () => grown([bomb("xl/media/a.png", 51)])],
    [
      "60 MB in many parts",
      "spreadsheet_too_large",
      () => grown(Array.from({ length: 6 }, (_, i) => bomb(`xl/m${i}`, 10))),
    ],
    [
      "a part that says to be smaller than it is",
      "spreadsheet_damaged",
      async () => lying(await grown([bomb("xl/big.xml", 2)])),
    ],
    [
      "201 parts",
      "spreadsheet_too_many_entries",
      () => grown(Array.from({ length: 196 }, (_, i) => [`p${i}`, "x"])),
    ],
    ["two parts of one name", "spreadsheet_damaged", () => grown([["XL/workbook.xml", "<x/>"]])],
    ["a ZIP in a ZIP", "spreadsheet_unknown_format", async () => aZip([["a.xlsx", await grown([])]])],
    ["a truncated ZIP", "spreadsheet_damaged", async () => (await grown([])).subarray(0, 400)],
    ["10,002 rows with the header", "spreadsheet_too_many_rows", () => `h\n${"x\n".repeat(10_001)}`],
    ["101 columns", "spreadsheet_too_large", () => `${"h;".repeat(100)}h\n`],
    [
      "a document type",
      "spreadsheet_entities",
      () => changed("xl/workbook.xml", (xml) => `<!DOCTYPE x [<!ENTITY a "b">]>${xml}`),
    ],
    [
      "UTF-16 inside",
      "spreadsheet_damaged",
      () =>
        aZip(
          xlsxParts("").map(([name, xml]) => [
            name,
            name.endsWith("sheet1.xml") ? Buffer.from(xml, "utf16le") : xml,
          ]),
        ),
    ],
    ["a VBA project", "spreadsheet_macros", () => grown([["xl/vbaProject.bin", "x"]])],
    [
      "a VBA project of another name",
      "spreadsheet_macros",
      () => changed(types, overriding("application/vnd.ms-office.vbaProject")),
    ],
    [
      "a VBA project by relation",
      "spreadsheet_macros",
      () =>
        changed(
          "xl/_rels/workbook.xml.rels",
          relating('Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="a.bin"'),
        ),
    ],
    [
      "the type of .xlsm",
      "spreadsheet_macros",
      () =>
        changed(types, (xml) =>
          xml.replace(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
          ),
        ),
    ],
    ["an .xlsb", "spreadsheet_macros", () => aBook("xlsb", [["x"]])],
    ["a macro sheet", "spreadsheet_macros", () => grown([["xl/macrosheets/sheet1.xml", "<x/>"]])],
    [
      "a link to another book",
      "spreadsheet_external_links",
      () => grown([["xl/externalLinks/externalLink1.xml", "<x/>"]]),
    ],
    ["a data connection", "spreadsheet_external_links", () => grown([["xl/connections.xml", "<x/>"]])],
    [
      "an external image",
      "spreadsheet_external_links",
      () =>
        changed(
          "xl/_rels/workbook.xml.rels",
          relating(`Type="${office}/image" Target="http://x/y.png" TargetMode="External"`),
        ),
    ],
    ...[
      `Target="http://x/y.png?a>b" Type="${office}/image" TargetMode="External"`,
      `Type="${office}/image" Target="http://x/y.png" TargetMode="Ext&#101;rnal"`,
      `Type="${office}/image" Target="http://x/y.png" TargetMode = 'External'`,
    ].map(
      (attributes): Refusal => [
        `a relationship that is written ${attributes.slice(0, 30)}…`,
        "spreadsheet_external_links",
        () => changed("xl/_rels/workbook.xml.rels", relating(attributes)),
      ],
    ),
    [
      "a Basic library of .ods",
      "spreadsheet_macros",
      () => ods("", [["Basic/Standard/Module1.xml", "<x/>"]]),
    ],
    [
      "a script event of .ods",
      "spreadsheet_macros",
      () => ods('<script:event-listener xlink:href="vnd.sun.star.script:x"/>'),
    ],
    [
      "an .ods with a linked table",
      "spreadsheet_external_links",
      () => ods('<table:table-source xlink:href="../a.ods"/>'),
    ],
    [
      "an encrypted .ods",
      "spreadsheet_encrypted",
      () => ods("", [["META-INF/manifest.xml", "<manifest:encryption-data/>"]]),
    ],
    [
      "an encrypted .xlsx",
      "spreadsheet_encrypted",
      () =>
        compound([
          ["/EncryptedPackage", Buffer.alloc(5_000)],
          ["/EncryptionInfo", Buffer.alloc(100)],
        ]),
    ],
    [
      "an encrypted .xls",
      "spreadsheet_encrypted",
      () => compound([["/Workbook", record(0x2f, Buffer.alloc(6))]]),
    ],
    [
      "an .xls with VBA",
      "spreadsheet_macros",
      () =>
        compound([
          ["/Workbook", record(0x2f, Buffer.alloc(6))],
          ["/_VBA_PROJECT_CUR/VBA/dir", Buffer.alloc(10)],
        ]),
    ],
    [
      "an .xls with a macro sheet",
      "spreadsheet_macros",
      () => compound([["/Workbook", record(0x85, Buffer.from([0, 0, 0, 0, 0, 1, 1, 0, 0x41]))]]),
    ],
    [
      "an .xls with a link to another book",
      "spreadsheet_external_links",
      () => compound([["/Workbook", record(0x1ae, Buffer.from([1, 0, 5, 0, 0, 0x61, 0x62]))]]),
    ],
    [
      "a Word file of OLE2",
      "spreadsheet_unknown_format",
      () => compound([["/WordDocument", Buffer.alloc(5_000)]]),
    ],
    ["a PDF", "spreadsheet_unknown_format", () => "%PDF-1.7\n"],
    [
      "a web page that is called .xls",
      "spreadsheet_unknown_format",
      () => "<html><table><tr><td>x</td></tr></table></html>",
    ],
    [
      "another binary file",
      "spreadsheet_unknown_format",
      () => Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]),
    ],
    ["a .csv whose quote is never closed", "spreadsheet_damaged", () => 'a;b\n"x;y\n'],
    ["nothing but blanks", "spreadsheet_empty", () => " \n;;\n"],
    ["an empty sheet", "spreadsheet_empty", () => aBook("xlsx", [[]])],
  ];
  for (const [what, code, bytes] of refused) {
    it(`is refused as ${code}: ${what}`, async () => {
      expect(await codeOf(await bytes())).to.equal(code);
    });
  }

  it("may have hyperlinks, which Excel makes of e-mail addresses", async () => {
    const link = relating(`Type="${office}/hyperlink" Target="mailto:a@x.fr" TargetMode="External"`);
    expect(await codeOf(await changed("xl/_rels/workbook.xml.rels", link))).to.equal(undefined);
  });

  it("may say of a relationship that it is internal, in any writing", async () => {
    const link = relating(`Type="${office}/theme" Target="theme/x>y.xml" TargetMode = 'Internal'`);
    expect(await codeOf(await changed("xl/_rels/workbook.xml.rels", link))).to.equal(undefined);
  });

  it("may have 10,001 rows with the header", async () => {
    expect(await codeOf(`h\n${"x\n".repeat(10_000)}`)).to.equal(undefined);
  });

  it("is given up when it takes too long, and the next one is read", async () => {
    const hasty = createSpreadsheets({ wallMs: 1 });
    const path = join(folder, "slow");
    await writeFile(path, aBook("xlsx", rows));
    expect(await hasty.read(path, { maxRows: 10 })).to.deep.equal({ ok: false, code: "spreadsheet_timeout" });
    await hasty.close();
    expect(await codeOf("a\nb\n")).to.equal(undefined);
  });

  for (const [what, bytes] of bombs(ods)) {
    it(`costs its own process at most: ${what}`, async () => {
      const strict = createSpreadsheets({ wallMs: 1_500 });
      const path = join(folder, "bomb");
      await writeFile(path, await bytes());
      const read = await strict.read(path, { maxRows: 10 });
      await strict.close();
      expect(read.ok).to.equal(false);
    });
  }
});

/** Files that are small once inflated, and large or slow once they are read. */
function bombs(ods: (content: string) => Promise<Buffer>): [string, () => Promise<Buffer>][] {
  const cells =
    '<table:table-cell table:number-columns-repeated="90" office:value-type="string"><text:p>x</text:p></table:table-cell>';
  const row = `<table:table-row table:number-rows-repeated="1000000">${cells}</table:table-row>`;
  const table = `<table:table table:name="a">${row.repeat(20)}</table:table>`;
  const open = '<c r="A1" t="inlineStr"><is><t>'.repeat(100_000);
  return [
    [
      "rows that are repeated",
      () => ods(`<office:body><office:spreadsheet>${table}</office:spreadsheet></office:body>`),
    ],
    ["elements that are never closed", () => aZip(xlsxParts(`<row r="1">${open}`))],
    ["rows that begin and never end", () => aZip(xlsxParts('<row r="1"'.repeat(300_000)))],
    [
      "a cell at the end of the sheet and 11 more",
      () =>
        aZip(
          xlsxParts(
            Array.from(
              { length: 12 },
              (_, i) => `<row r="${1048560 + i}">${cell(`A${1048560 + i}`, "x")}</row>`,
            ).join(""),
          ),
        ),
    ],
  ];
}

/** The same ZIP, whose directory and headers say that its last part has 10 bytes. */
function lying(zip: Buffer): Buffer {
  const bytes = Buffer.from(zip);
  const directory = bytes.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"));
  bytes.writeUInt32LE(10, directory + 24);
  return bytes;
}

function compound(streams: [string, Buffer][]): Buffer {
  const container = CFB.utils.cfb_new();
  for (const [name, content] of streams) CFB.utils.cfb_add(container, name, content);
  return CFB.write(container, { type: "buffer" });
}

function record(kind: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(kind, 0);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data, Buffer.alloc(5_000)]);
}
