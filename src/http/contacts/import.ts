import type { Request, Response } from "express";
import { idFrom } from "../../actors/runtime/ids.ts";
import type { ImportMode, Sheet } from "../../actors/runtime/ports.ts";
import { digestOf } from "../../actors/runtime/secrets.ts";
import type { Door } from "../door.ts";
import { refusalProblem } from "../failures.ts";
import { idempotencyKey } from "../idempotency.ts";
import { Problem } from "../problem.ts";
import type { FirmCaller } from "../route.ts";
import { receive } from "../upload.ts";
import { checked } from "../validation.ts";
import { readHeader } from "./columns.ts";
import { shownReport, type Told } from "./report.ts";
import { readRows } from "./rows.ts";
import { importQuery } from "./schema.ts";
import { sheetName } from "./template.ts";

const maxBytes = 5 * 1024 * 1024;
const maxRows = 10_000;

/** `POST /v1/contacts/imports`: a file as the body, a report row by row as the answer, whatever becomes of the rows. */
export async function importContacts(
  door: Door,
  request: Request,
  response: Response,
  { firm }: FirmCaller,
): Promise<void> {
  const key = idempotencyKey(request);
  const { mode } = checked(importQuery, request.query);
  if (request.is(["multipart/*", "application/json"]) || request.get("Content-Encoding")) {
    throw new Problem("unsupported_media_type");
  }
  const path = door.blobs.temporaryPath();
  try {
    const { sha256 } = await receive(request, path, maxBytes, spreadsheets);
    const sheet = await sheetIn(door, path);
    const { told, good } = await toldOf(sheet, mode, firm.country);
    const name = key === undefined ? undefined : nameOf(firm.id, key, `${mode} ${sha256}`);
    const order = { mode, rows: good, hasBadRows: told.badRows.length > 0, told };
    const answer = await door.contacts.import(firm.id, order, name);
    response.vary("Accept-Language");
    response.json(shownReport(answer, request.acceptsLanguages("en", "fr") === "fr"));
  } finally {
    await door.blobs.discard(path);
  }
}

/** What they are is told by the whole of them, in the process that reads them. */
const spreadsheets = {
  magic: Buffer.alloc(0),
  notIt: "spreadsheet_empty",
  tooLarge: "spreadsheet_too_large",
} as const;

/** The same key of the same firm is the same import. */
function nameOf(firmId: string, key: string, request: string) {
  return { id: idFrom("imp", firmId, key), fingerprint: digestOf(request) };
}

async function sheetIn(door: Door, path: string): Promise<Sheet> {
  // The header is a row as well.
  const reading = await door.spreadsheets.read(path, { sheet: sheetName, maxRows: maxRows + 1 });
  if (!reading.ok)
    throw refusalProblem(reading.code, reading.code === "spreadsheet_too_many_rows" ? { maxRows } : {});
  return reading.sheet;
}

async function toldOf({ rows, ...file }: Sheet, mode: ImportMode, country: string) {
  const [first, ...others] = rows;
  const { places, read: columns, ignored, faults } = readHeader(first?.cells ?? []);
  if (faults.length > 0) throw new Problem("contacts_columns", { errors: faults });
  const header = { places, read: columns, ignored, faults };
  const { good, ...read } = await readRows(others, header, country);
  const told: Told = { mode, file, columns, ignoredColumns: ignored, ...read };
  return { told, good };
}
