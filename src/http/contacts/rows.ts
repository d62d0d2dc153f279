import { setImmediate as breathe } from "node:timers/promises";
import type { Cell, ContactRow, SheetRow } from "../../actors/runtime/ports.ts";
import type { FieldCode, FieldError } from "../field-errors.ts";
import { Problem } from "../problem.ts";
import { checked } from "../validation.ts";
import { readCountry, readLanguage } from "./choices.ts";
import { type ColumnName, type Header, textOf } from "./columns.ts";
import { unquoted } from "./csv.ts";
import { readPhoneCell } from "./phone-cell.ts";
import { rowSchema } from "./schema.ts";

/** What is wrong in a row; `value` is what the cell holds. */
export interface RowFault {
  row: number;
  field: string;
  code: FieldCode;
  value?: string;
}

/** A value that the sheet had changed, and that was changed back. */
export interface Mended {
  row: number;
  field: string;
  from: string;
  to: string;
}

/** The rows below the header, each good or with all that is wrong in it. */
export interface ReadRows {
  good: ContactRow[];
  faults: RowFault[];
  badRows: number[];
  mended: Mended[];
  commented: number;
}

/** A mobile takes some 30 µs: others get their turn between so many rows. */
const rowsAtOnce = 200;
const maxValue = 100;

/** Reads rows for a firm of that country. Rows that begin with `#` are remarks, as the template's example is. */
export async function readRows(
  rows: readonly SheetRow[],
  header: Header,
  country: string,
): Promise<ReadRows> {
  const read: ReadRows = { good: [], faults: [], badRows: [], mended: [], commented: 0 };
  for (const [index, row] of rows.entries()) {
    if (index % rowsAtOnce === 0) await breathe();
    if (
      textOf(row.cells.find((cell) => textOf(cell).trim() !== ""))
        .trimStart()
        .startsWith("#")
    ) {
      read.commented += 1;
      continue;
    }
    readRow(row, header, country, read);
  }
  return read;
}

function readRow({ row, cells }: SheetRow, header: Header, country: string, read: ReadRows): void {
  const faults: RowFault[] = [];
  const cellOf = (name: ColumnName): Cell => unquotedCell(cells[header.places.get(name) ?? -1] ?? "");
  const wordsOf = (name: ColumnName) => valueIn(cellOf(name));
  const fail = (field: string, code: FieldCode) => {
    const value = textOf(cellOf(field as ColumnName)).slice(0, maxValue);
    faults.push({ row, field, code, ...(value !== "" && { value }) });
  };
  const texts: Record<string, string> = {};
  for (const name of Object.keys(rowSchema.shape) as ColumnName[]) {
    const cell = cellOf(name);
    if (typeof cell === "object" && "error" in cell) fail(name, "cell_error");
    else if (wordsOf(name) !== "") texts[name] = wordsOf(name);
  }
  const people = attempt(texts);
  for (const { field, code } of people.faults) {
    if (!faults.some((one) => one.field === field)) fail(field, code);
  }
  const language = wordsOf("language") === "" ? undefined : readLanguage(wordsOf("language"));
  if (wordsOf("language") !== "" && language === undefined) fail("language", "wrong_value");
  const here = wordsOf("country") === "" ? country : readCountry(wordsOf("country"));
  if (here === undefined) fail("country", "wrong_value");
  const phone = phoneIn(cellOf("phone"), here ?? country);
  if (phone?.ok === false) fail("phone", phone.code);
  if (phone?.ok && phone.isMended) {
    read.mended.push({
      row,
      field: "phone",
      from: textOf(cellOf("phone")).slice(0, maxValue),
      to: phone.e164,
    });
  }
  if (faults.length > 0 || people.fields === undefined) {
    read.faults.push(...faults);
    read.badRows.push(row);
    return;
  }
  const more = { ...(phone?.ok && { phone: phone.e164 }), ...(language && { language }) };
  read.good.push({ row, fields: { ...people.fields, ...more } });
}

function phoneIn(cell: Cell, country: string) {
  return textOf(cell).trim() === "" ? undefined : readPhoneCell(cell, country);
}

function attempt(texts: Record<string, string>): { fields?: ContactRow["fields"]; faults: FieldError[] } {
  try {
    const { company, externalId, notes, ...named } = checked(rowSchema, texts);
    const more = { ...(company && { company }), ...(externalId && { externalId }), ...(notes && { notes }) };
    return { fields: { ...named, ...more }, faults: [] };
  } catch (error) {
    if (error instanceof Problem) return { faults: error.errors ?? [] };
    throw error;
  }
}

function unquotedCell(cell: Cell): Cell {
  return typeof cell === "string" ? unquoted(cell.trim()) : cell;
}

/** As shown, but a whole number with all its digits where the sheet would shorten it. */
function valueIn(cell: Cell): string {
  if (typeof cell === "object" && "number" in cell) {
    return /E\+/i.test(cell.shown) && Number.isSafeInteger(cell.number)
      ? String(cell.number)
      : cell.shown.trim();
  }
  return textOf(cell);
}
