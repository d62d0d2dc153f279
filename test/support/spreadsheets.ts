import { buffer } from "node:stream/consumers";
import { type BookType, utils, write } from "@e965/xlsx";
import { ZipFile } from "yazl";

export type Row = (string | number | undefined)[];

/** A workbook of one sheet, or of those that are named. */
export function aBook(
  bookType: BookType,
  sheets: Row[] | Record<string, Row[]>,
  change: (book: ReturnType<typeof utils.book_new>) => void = () => undefined,
): Buffer {
  const book = utils.book_new();
  const named = Array.isArray(sheets) ? { Feuille1: sheets } : sheets;
  for (const [name, rows] of Object.entries(named)) {
    utils.book_append_sheet(book, utils.aoa_to_sheet(rows), name);
  }
  change(book);
  return write(book, { type: "buffer", bookType, compression: true });
}

/** A ZIP of these entries, in their order. */
export function aZip(
  entries: readonly (readonly [name: string, content: string | Buffer])[],
): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of entries) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream);
}

const main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** The parts of the least .xlsx, with these cells in its sheet. */
export function xlsxParts(sheetData: string): [string, string][] {
  return [
    [
      "[Content_Types].xml",
      `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${main}"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
    ],
    [
      "_rels/.rels",
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      "xl/workbook.xml",
      `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${relations}"><sheets><sheet name="Contacts" sheetId="1" r:id="r1"/></sheets></workbook>`,
    ],
    [
      "xl/_rels/workbook.xml.rels",
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    ],
    [
      "xl/worksheets/sheet1.xml",
      `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${sheetData}</sheetData></worksheet>`,
    ],
  ];
}

/** A cell with a text. */
export function cell(at: string, text: string): string {
  return `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`;
}
