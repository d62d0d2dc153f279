import type { ProblemKind } from "../problems.ts";

const unprocessable = (title: string, detail: string) => ({ status: 422, title, detail });

/** What is said of contacts and of files of them; in French too (problems-fr.ts). */
export const contactProblems = {
  contact_exists: {
    status: 409,
    title: "This contact exists already",
    detail:
      "Location leads to the contact with this reference, or with this e-mail and name: change that one.",
  },
  contacts_columns: unprocessable(
    "The columns are not those of the template",
    "errors names those that are missing or stand twice; the template is at /v1/contacts/template.xlsx.",
  ),
  spreadsheet_unknown_format: unprocessable(
    "This is no spreadsheet that can be read",
    "Save it as .xlsx, .ods, .xls (97-2003) or .csv, and send the file itself.",
  ),
  spreadsheet_damaged: unprocessable("The spreadsheet is damaged", "Save it again, as .xlsx or .csv."),
  spreadsheet_encrypted: unprocessable(
    "The spreadsheet is protected by a password",
    "Remove the password, then send it again.",
  ),
  spreadsheet_macros: unprocessable(
    "The spreadsheet has macros",
    "Save it without them, as .xlsx or .csv. Binary workbooks (.xlsb) are refused as well.",
  ),
  spreadsheet_external_links: unprocessable(
    "The spreadsheet has links to other files or data",
    "Copy the values into a new spreadsheet, without links, queries and embedded objects.",
  ),
  spreadsheet_entities: unprocessable(
    "The spreadsheet has XML that is refused",
    "No program writes document types into spreadsheets: save it again, as .xlsx or .csv.",
  ),
  spreadsheet_too_large: {
    status: 413,
    title: "The spreadsheet is too large",
    detail: "5 MB, 50 MB once unpacked, 100 columns: take the other sheets out, or split it.",
  },
  spreadsheet_too_many_entries: unprocessable(
    "The spreadsheet has too many parts",
    "At most 200 files may be in it: keep one sheet, without images.",
  ),
  spreadsheet_too_many_rows: unprocessable(
    "The spreadsheet has too many rows",
    "At most 10,000 beside the header: split it.",
  ),
  spreadsheet_empty: unprocessable(
    "The spreadsheet is empty",
    "Fill in the sheet Contacts, or the first one.",
  ),
  spreadsheet_timeout: unprocessable(
    "The spreadsheet takes too long to read",
    "Save it again, as .xlsx or .csv, without formats and empty rows; reading has 15 seconds.",
  ),
  spreadsheet_failed: unprocessable(
    "The spreadsheet could not be read safely",
    "Save it again, as .xlsx or .csv.",
  ),
} satisfies Record<string, ProblemKind>;

export type ContactProblem = keyof typeof contactProblems;
