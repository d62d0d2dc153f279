import { type CellObject, CFB, read, set_cptable, type WorkBook } from "@e965/xlsx";
import * as codepages from "@e965/xlsx/dist/cpexcel.full.mjs";
import type { Cell, Sheet, SheetRow } from "../../actors/runtime/ports.ts";
import { type Parts, unpacked } from "./archive.ts";
import { checkCompound } from "./compound.ts";
import { checkedPackage, isXml } from "./policy.ts";
import { Refused } from "./refused.ts";
import { maxCellLength, maxColumns, type Wish } from "./wish.ts";

// Old .xls files keep their letters in the code page of the machine that wrote them.
set_cptable(codepages);

/** The sheet of an .xlsx or .ods. */
export async function packagedSheet(bytes: Buffer, wish: Wish): Promise<Sheet> {
  const parts = await unpacked(bytes);
  const format = checkedPackage(parts);
  return { format, ...sheetOf(repacked(parts), wish) };
}

/** The sheet of an .xls. */
export function compoundSheet(bytes: Buffer, wish: Wish): Sheet {
  checkCompound(bytes);
  return { format: "xls", ...sheetOf(bytes, wish) };
}

/** What was counted and checked, and nothing else, not compressed: the parser's own reading of a ZIP never matters. */
function repacked(parts: Parts): Buffer {
  const container = CFB.utils.cfb_new({ type: "zip" });
  for (const [name, content] of parts) {
    if (isXml(name) || name === "mimetype") CFB.utils.cfb_add(container, `/${name}`, content);
  }
  return CFB.write(container, { type: "buffer", fileType: "zip", compression: false });
}

function sheetOf(bytes: Buffer, wish: Wish): Omit<Sheet, "format"> {
  let book: WorkBook;
  try {
    book = read(bytes, { type: "buffer", dense: true, cellFormula: false, cellHTML: false });
  } catch (error) {
    throw new Refused("spreadsheet_damaged", { cause: error });
  }
  const name = chosen(book, wish.sheet);
  const data = name === undefined ? undefined : book.Sheets[name]?.["!data"];
  if (name === undefined || data === undefined) throw new Refused("spreadsheet_empty");
  return { name, rows: rowsOf(data, wish.maxRows) };
}

function chosen(book: WorkBook, wanted: string | undefined): string | undefined {
  const named = book.SheetNames.find((name) => name.toLowerCase() === wanted?.toLowerCase());
  const shown = book.SheetNames.find((_, index) => !book.Workbook?.Sheets?.[index]?.Hidden);
  return named ?? shown;
}

function rowsOf(data: readonly (readonly CellObject[] | undefined)[], maxRows: number): SheetRow[] {
  const rows: SheetRow[] = [];
  data.forEach((line, index) => {
    const cells = cellsOf(line ?? []);
    if (cells.length === 0) return;
    if (rows.length >= maxRows) throw new Refused("spreadsheet_too_many_rows");
    rows.push({ row: index + 1, cells });
  });
  return rows;
}

function cellsOf(line: readonly (CellObject | undefined)[]): Cell[] {
  const cells: Cell[] = [];
  line.forEach((cell, column) => {
    const value = cellOf(cell);
    if (value === "") return;
    if (column >= maxColumns) throw new Refused("spreadsheet_too_large");
    while (cells.length < column) cells.push("");
    cells.push(value);
  });
  return cells;
}

function cellOf(cell: CellObject | undefined): Cell {
  if (cell?.v === undefined || cell.v === null) return "";
  if (cell.t === "e") return { error: cell.w ?? "#ERROR!" };
  const shown = (cell.w ?? String(cell.v)).slice(0, maxCellLength);
  if (cell.t === "n" && typeof cell.v === "number") return { number: cell.v, shown };
  return (typeof cell.v === "string" ? cell.v : shown).slice(0, maxCellLength);
}
