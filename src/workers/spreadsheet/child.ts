import { readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { SheetReading } from "../../actors/runtime/ports.ts";
import { readSpreadsheet } from "./read.ts";
import type { Question } from "./reader.ts";

/** The pipe for rows: a line of them would be too long. */
const ROWS_FD = 3;

async function answer({ path, wish }: Question): Promise<SheetReading> {
  try {
    return await readSpreadsheet(readFileSync(path), wish);
  } catch {
    // Nothing of the error: its message could quote the file.
    return { ok: false, code: "spreadsheet_failed" };
  }
}

function send(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(ROWS_FD, bytes, at);
}

// One question a line, one answer a line, in order; the end of the input ends the process.
for await (const line of createInterface({ input: process.stdin })) {
  const reading = await answer(JSON.parse(line) as Question);
  const bytes = Buffer.from(JSON.stringify(reading));
  send(bytes);
  process.stdout.write(`${JSON.stringify({ bytes: bytes.length })}\n`);
}
