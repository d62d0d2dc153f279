import { read, utils, write } from "@e965/xlsx";
import type { ApiClient } from "./api-client.ts";
import type { Client } from "./clients.ts";

/** What an import answers, row by row; the header is row 1. */
export interface ImportReport {
  applied: boolean;
  counts: { rows: number; good: number; bad: number; created: number; updated: number; unchanged: number };
  rows: { row: number; outcome: string; contactId?: string }[];
  errors: { row: number; field: string; code: string; detail: string }[];
}

const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const imports = "/v1/contacts/imports";

/** What stands below each heading of the French template. */
const cells: Record<string, (client: Client) => string> = {
  Prénom: ({ firstName }) => firstName,
  Nom: ({ lastName }) => lastName,
  "E-mail": ({ email }) => email,
  Mobile: ({ phone }) => phone,
  Société: ({ company }) => company,
};

/**
 * Fills the firm's clients in: downloads the template, writes a row for each, has the file checked, and imports all rows or
 * none. Answers the contacts' ids, in the order of the clients.
 */
export async function importClients(api: ApiClient, apiKey: string, clients: Client[]): Promise<string[]> {
  const template = await api.bytes({
    method: "GET",
    path: "/v1/contacts/template.xlsx?language=fr",
    bearer: apiKey,
  });
  const { bytes, firstRow } = filled(template, clients);
  const send = (mode: "check" | "all") =>
    api.json<ImportReport>({
      method: "POST",
      path: `${imports}?mode=${mode}`,
      bearer: apiKey,
      body: bytes,
      contentType: xlsx,
    });
  const { errors } = await send("check");
  if (errors[0]) throw new Error(`row ${errors[0].row}: ${errors[0].detail}`);
  const { rows } = await send("all");
  const ids = new Map(rows.map(({ row, contactId }) => [row, contactId]));
  return clients.map((_, i) => ids.get(firstRow + i) ?? "");
}

/** The template with a row for each client below its example; `firstRow` is the row of the first, counted from 1. */
export function filled(template: Buffer, clients: Client[]): { bytes: Buffer; firstRow: number } {
  const book = read(template, { type: "buffer" });
  const sheet = book.Sheets[book.SheetNames[0] ?? ""];
  if (!sheet) throw new Error("the template has no sheet");
  const [headings = [], ...examples] = utils.sheet_to_json<string[]>(sheet, { header: 1, blankrows: false });
  const rows = clients.map((client) => headings.map((heading) => cells[heading]?.(client) ?? ""));
  const above = 1 + examples.length;
  utils.sheet_add_aoa(sheet, rows, { origin: above });
  return { bytes: write(book, { type: "buffer", bookType: "xlsx", compression: true }), firstRow: above + 1 };
}
