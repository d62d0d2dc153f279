import { isUtf8 } from "node:buffer";
import { CsvError, parse } from "csv-parse/sync";
import type { Sheet, SheetRow } from "../../actors/runtime/ports.ts";
import { Refused } from "./refused.ts";
import { maxCellLength, maxColumns, type Wish } from "./wish.ts";

const separators = [";", ",", "\t"] as const;
/** A quote that is never closed must not take the rest of the file for one cell. */
const maxRecordBytes = 256 * 1024;

/** The rows of a text with separators, as Excel, LibreOffice and others write it. */
export function textSheet(bytes: Buffer, wish: Wish): Sheet {
  const { text, encoding } = decoded(bytes);
  const { separator, body } = separated(text);
  let lines: string[][];
  try {
    lines = parse(body, {
      delimiter: separator,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: false,
      max_record_size: maxRecordBytes,
    });
  } catch (error) {
    if (error instanceof CsvError) throw new Refused("spreadsheet_damaged", { cause: error });
    throw error;
  }
  return { format: "csv", encoding, separator, rows: rowsOf(lines, wish.maxRows) };
}

function decoded(bytes: Buffer): { text: string; encoding: string } {
  const encoding = encodingOf(bytes);
  // A byte order mark is not part of the first header: TextDecoder drops it.
  const text = encoding === "windows-1252" ? western(bytes) : new TextDecoder(encoding).decode(bytes);
  // No text has these; a binary file that nobody knew has.
  if (text.includes("\0")) throw new Refused("spreadsheet_unknown_format");
  return { text, encoding };
}

/** TextDecoder of Node 20 reads windows-1252 as Latin-1, and so loses the letters that are only in the former. */
function western(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replace(/[\x80-\x9f]/g, (letter) => onlyInWestern[letter.charCodeAt(0) - 0x80] ?? "");
}

/** 0x80 to 0x9F; the five that nothing is assigned to stay the controls that they are in Latin-1. */
const onlyInWestern = [..."€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ"];

function encodingOf(bytes: Buffer): string {
  // What Excel calls "Unicode text".
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return isUtf8(bytes) ? "utf-8" : "windows-1252";
}

/** By the header; a first line `sep=;`, which Excel writes and hides, says it itself. */
function separated(text: string): { separator: string; body: string } {
  const said = /^sep=(.)\r?\n/i.exec(text);
  if (said?.[1] !== undefined) return { separator: said[1], body: text.slice(said[0].length) };
  const header = /\S[^\r\n]*/.exec(text)?.[0].replace(/"[^"]*"/g, "") ?? "";
  const counts = separators.map((separator) => header.split(separator).length);
  const separator = separators[counts.indexOf(Math.max(...counts))] ?? ";";
  return { separator, body: text };
}

function rowsOf(lines: readonly string[][], maxRows: number): SheetRow[] {
  const rows: SheetRow[] = [];
  lines.forEach((line, index) => {
    const cells = line.map((cell) => cell.slice(0, maxCellLength));
    while (cells.at(-1)?.trim() === "") cells.pop();
    if (cells.length === 0) return;
    if (cells.length > maxColumns) throw new Refused("spreadsheet_too_large");
    if (rows.length >= maxRows) throw new Refused("spreadsheet_too_many_rows");
    rows.push({ row: index + 1, cells });
  });
  return rows;
}
