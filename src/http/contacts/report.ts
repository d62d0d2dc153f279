import type { ImportAnswer, ImportMode, RowOutcome, Sheet } from "../../actors/runtime/ports.ts";
import { fieldCodes } from "../field-errors.ts";
import type { ColumnName } from "./columns.ts";
import { fieldsInFrench } from "./fields-fr.ts";
import type { Mended, RowFault } from "./rows.ts";

/** What an import found before the book was asked; kept with the answer, so that it has codes and no words. */
export interface Told {
  mode: ImportMode;
  file: Omit<Sheet, "rows">;
  columns: { header: string; field: ColumnName }[];
  ignoredColumns: string[];
  faults: RowFault[];
  badRows: number[];
  mended: Mended[];
  commented: number;
}

/** The answer to an import, row by row. */
export function shownReport({ applied, outcomes, told }: ImportAnswer, isFrench: boolean) {
  const { mode, file, columns, ignoredColumns, faults, badRows, mended, commented } = told as Told;
  const explained = (code: RowFault["code"]) =>
    (isFrench ? fieldsInFrench[code] : undefined) ?? fieldCodes[code];
  const errors = [
    ...faults.map((fault) => ({ ...fault, detail: explained(fault.code) })),
    ...outcomes.flatMap((one) => {
      if (one.outcome === "duplicate") {
        const { row, ofRow } = one;
        return { row, field: "row", code: "row_duplicate", detail: explained("row_duplicate"), ofRow };
      }
      if (one.outcome !== "ambiguous") return [];
      const detail = explained("contact_ambiguous");
      return { row: one.row, field: "row", code: "contact_ambiguous", detail, contacts: one.matches };
    }),
  ].sort((one, other) => one.row - other.row);
  const rows = [
    ...outcomes.map((one) => (isGood(one) ? one : { row: one.row, outcome: "bad" as const })),
    ...badRows.map((row) => ({ row, outcome: "bad" as const })),
  ].sort((one, other) => one.row - other.row);
  const count = (wanted: string) => rows.filter(({ outcome }) => outcome === wanted).length;
  const bad = count("bad");
  return {
    mode,
    applied,
    ...file,
    columns,
    ignoredColumns,
    counts: {
      rows: rows.length,
      good: rows.length - bad,
      bad,
      created: count("created"),
      updated: count("updated"),
      unchanged: count("unchanged"),
      commented,
    },
    rows,
    errors,
    mended,
  };
}

function isGood(one: RowOutcome): boolean {
  return one.outcome !== "duplicate" && one.outcome !== "ambiguous";
}
