import type { SheetReading } from "../../actors/runtime/ports.ts";
import { Refused } from "./refused.ts";
import { textSheet } from "./text.ts";
import type { Wish } from "./wish.ts";
import { compoundSheet, packagedSheet } from "./workbook.ts";

const zip = Buffer.from("PK\x03\x04", "latin1");
const emptyZip = Buffer.from("PK\x05\x06", "latin1");
const compound = Buffer.from("d0cf11e0a1b11ae1", "hex");
/** What programs call .xls and is a page, XML of Excel 2003, a PDF, or rich text. */
const otherText = /^\uFEFF?\s*(?:<|%PDF-|\{\\rtf|MIME-Version:)/i;

/** Reads a spreadsheet that anybody may have made. Only inside a process that may be killed. */
export async function readSpreadsheet(bytes: Buffer, wish: Wish): Promise<SheetReading> {
  try {
    const sheet = await sheetOf(bytes, wish);
    if (sheet.rows.length === 0) return { ok: false, code: "spreadsheet_empty" };
    return { ok: true, sheet };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, code: error.code };
    throw error;
  }
}

async function sheetOf(bytes: Buffer, wish: Wish) {
  const beginsWith = (magic: Buffer) => bytes.subarray(0, magic.length).equals(magic);
  if (beginsWith(zip)) return packagedSheet(bytes, wish);
  if (beginsWith(compound)) return compoundSheet(bytes, wish);
  if (beginsWith(emptyZip) || otherText.test(bytes.toString("utf8", 0, 200))) {
    throw new Refused("spreadsheet_unknown_format");
  }
  return textSheet(bytes, wish);
}
