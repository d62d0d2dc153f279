/** A cell: text, a number with what the sheet shows of it, or the name of an error such as `#REF!`. */
export type Cell = string | { number: number; shown: string } | { error: string };

/** One row as people count them, from 1; rows without any value are left out. */
export interface SheetRow {
  row: number;
  cells: Cell[];
}

/** The one sheet of a file that was read. */
export interface Sheet {
  format: "xlsx" | "ods" | "xls" | "csv";
  /** Of spreadsheets: the sheet's name. */
  name?: string;
  /** Of csv: how it was read. */
  encoding?: string;
  separator?: string;
  rows: SheetRow[];
}

export type SheetReading = { ok: true; sheet: Sheet } | { ok: false; code: string };

/** Reads unknown spreadsheets in a process of its own that may die. Throws `Overloaded` when too many wait. */
export interface Spreadsheets {
  /**
   * What the file is, its content says and not its name. The sheet called `sheet` is read, whatever its case, or else the
   * first that isn't hidden. Formulas are never computed: a cell has the value that the file shows for it.
   */
  read(path: string, options: { sheet?: string; maxRows: number }): Promise<SheetReading>;
}
