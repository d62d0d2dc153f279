import type { Contact } from "../../actors/runtime/ports.ts";
import { columns } from "./columns.ts";

/**
 * What a spreadsheet would take for a formula, and `#`, which our import takes for a remark; apostrophes before it, so
 * that taking one away always gives back what was written.
 */
const active = /^'*[=+\-@\t\r\n#＝＋－＠]/;
const quoted = /^'+[=+\-@\t\r\n#＝＋－＠]/;

/** Excel reads UTF-8 only with a byte order mark. */
export const byteOrderMark = "\uFEFF";

const written = columns.filter(({ name }) => name !== "country");

export function csvHeader(language: "fr" | "en"): string {
  return csvLine(written.map((column) => column[language]));
}

export function csvRow(contact: Contact): string {
  return csvLine(written.map(({ name }) => (name === "country" ? "" : (contact[name] ?? ""))));
}

/** A line of RFC 4180 with `;`; no cell of it can be a formula. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(";")}\r\n`;
}

function csvCell(text: string): string {
  const safe = active.test(text) ? `'${text}` : text;
  return /[;"\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What a cell meant before it was quoted for a spreadsheet. */
export function unquoted(text: string): string {
  return quoted.test(text) ? text.slice(1) : text;
}
