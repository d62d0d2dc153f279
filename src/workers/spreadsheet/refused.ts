/** Why a spreadsheet is not read; the codes are explained in docs/errors.md. */
export type SpreadsheetCode =
  | "spreadsheet_unknown_format"
  | "spreadsheet_damaged"
  | "spreadsheet_encrypted"
  | "spreadsheet_macros"
  | "spreadsheet_external_links"
  | "spreadsheet_entities"
  | "spreadsheet_too_large"
  | "spreadsheet_too_many_entries"
  | "spreadsheet_too_many_rows"
  | "spreadsheet_empty"
  | "spreadsheet_timeout"
  | "spreadsheet_failed";

/** Thrown inside the reading process only; what leaves it is the code. */
export class Refused extends Error {
  readonly code: SpreadsheetCode;

  constructor(code: SpreadsheetCode, options: { cause?: unknown } = {}) {
    super(code, options);
    this.name = "Refused";
    this.code = code;
  }
}
