import { damaged } from "./refused.ts";
import type { PdfSource } from "./source.ts";
import { type ByteCursor, isDigit, isWhite } from "./syntax/bytes.ts";
import type { XrefEntries, XrefEntry } from "./xref.ts";

const ENTRY_BYTES = 20;

interface Subsection {
  readonly first: number;
  readonly count: number;
  entry(index: number): XrefEntry;
}

/** Reads the subsections of a table, and leaves the cursor at its trailer's dictionary (ISO 32000-2, 7.5.4). */
export function readTable(cursor: ByteCursor): XrefEntries {
  const subsections: Subsection[] = [];
  let limit = 0;
  for (;;) {
    cursor.skipBlank();
    if (cursor.take("trailer")) break;
    const first = cursor.takeInteger();
    cursor.skipWhite();
    const count = cursor.takeInteger();
    if (first === undefined || count === undefined) throw damaged("a cross-reference table that breaks off");
    cursor.skipWhite();
    if (count === 0) continue;
    subsections.push(
      hasFixedWidth(cursor, count) ? fixed(cursor, first, count) : loose(cursor, first, count),
    );
    limit = Math.max(limit, first + count);
  }
  return {
    limit,
    ranges: subsections,
    find(num) {
      for (const subsection of subsections) {
        const index = num - subsection.first;
        if (index >= 0 && index < subsection.count) return subsection.entry(index);
      }
      return undefined;
    },
    *numbers() {
      for (const { first, count } of subsections) for (let i = 0; i < count; i++) yield first + i;
    },
  };
}

function hasFixedWidth(cursor: ByteCursor, count: number): boolean {
  const start = cursor.position;
  if (start + count * ENTRY_BYTES > cursor.source.size) return false;
  for (const index of [0, count - 1]) {
    if (decodeEntry(cursor.source.read(start + index * ENTRY_BYTES, ENTRY_BYTES)) === undefined) return false;
  }
  cursor.position = start + count * ENTRY_BYTES;
  cursor.skipBlank();
  const next = cursor.peek();
  cursor.position = start;
  return isDigit(next) || next === 0x74;
}

function fixed(cursor: ByteCursor, first: number, count: number): Subsection {
  const start = cursor.position;
  const source: PdfSource = cursor.source;
  cursor.position = start + count * ENTRY_BYTES;
  let rows: Uint8Array | undefined;
  return {
    first,
    count,
    entry(index) {
      rows ??= source.read(start, count * ENTRY_BYTES);
      const entry = decodeEntry(rows.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES));
      if (entry === undefined)
        throw damaged(`a cross-reference entry for object ${first + index} that is none`);
      return entry;
    },
  };
}

// Entries of 19 or 21 bytes are wrong, but common enough: they are read one after another.
function loose(cursor: ByteCursor, first: number, count: number): Subsection {
  const entries: XrefEntry[] = [];
  for (let i = 0; i < count; i++) {
    cursor.skipWhite();
    const offset = cursor.takeInteger();
    cursor.skipWhite();
    const gen = cursor.takeInteger();
    cursor.skipWhite();
    if (offset === undefined || gen === undefined) throw damaged("a cross-reference table that breaks off");
    if (cursor.take("n")) entries.push(inUse(offset, gen));
    else if (cursor.take("f")) entries.push({ kind: "free" });
    else throw damaged("a cross-reference entry that is neither free nor in use");
  }
  return { first, count, entry: (index) => entries[index] ?? { kind: "free" } };
}

function decodeEntry(bytes: Uint8Array): XrefEntry | undefined {
  const offset = digits(bytes, 0, 10);
  const gen = digits(bytes, 11, 5);
  if (offset === undefined || gen === undefined || bytes[10] !== 32 || bytes[16] !== 32) return undefined;
  if (!isWhite(bytes[18] ?? -1) || !isWhite(bytes[19] ?? -1)) return undefined;
  if (bytes[17] === 0x6e) return inUse(offset, gen);
  return bytes[17] === 0x66 ? { kind: "free" } : undefined;
}

function digits(bytes: Uint8Array, from: number, length: number): number | undefined {
  let value = 0;
  for (let i = from; i < from + length; i++) {
    const byte = bytes[i] ?? -1;
    if (!isDigit(byte)) return undefined;
    value = value * 10 + byte - 0x30;
  }
  return value;
}

// Some writers mark an unused object as in use at offset 0, where no object can be.
function inUse(offset: number, gen: number): XrefEntry {
  return offset === 0 ? { kind: "free" } : { kind: "offset", offset, gen };
}
