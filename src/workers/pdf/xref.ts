import { decodeStream, type InflationBudget } from "./filters.ts";
import { damaged, PdfRefused } from "./refused.ts";
import type { PdfSource } from "./source.ts";
import { ByteCursor } from "./syntax/bytes.ts";
import { countOf, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import { ObjectParser, parseIndirectAt } from "./syntax/parser.ts";
import { readTable } from "./xref-table.ts";

/** Where an object is: nowhere, at an offset of the file, or in an object stream (ISO 32000-2, 7.5.8.3). */
export type XrefEntry =
  | { readonly kind: "free" }
  | { readonly kind: "offset"; readonly offset: number; readonly gen: number }
  | { readonly kind: "compressed"; readonly stream: number; readonly index: number };

/** Object numbers that a section lists one after another. */
export interface XrefRange {
  readonly first: number;
  readonly count: number;
}

/**
 * Entries by object number, read when asked for. `limit` is one more than the highest number; `ranges` are those of
 * the section itself, in its order.
 */
export interface XrefEntries {
  readonly limit: number;
  readonly ranges: readonly XrefRange[];
  find(num: number): XrefEntry | undefined;
  numbers(): Iterable<number>;
}

/** What closes a section: the offset that its `startxref` names, and where its `%%EOF` ends. */
export interface SectionEnd {
  readonly announced: number;
  readonly eof: number;
}

/** One cross-reference section with its trailer. */
export interface XrefSection extends XrefEntries {
  readonly offset: number;
  readonly kind: "table" | "stream";
  readonly trailer: PdfDict;
  readonly end: SectionEnd | undefined;
}

/** The highest object number that readers are asked to support (ISO 32000-1, annex C). */
export const MAX_OBJECT_NUMBER = 8_388_607;

/** Reads the section at `offset`, a table (with the stream of a hybrid) or a stream; throws `PdfRefused`. */
export function readSection(source: PdfSource, offset: number, budget: InflationBudget): XrefSection {
  const cursor = new ByteCursor(source, offset);
  cursor.skipWhite();
  if (!cursor.take("xref")) return readStreamSection(source, offset, budget);
  const table = readTable(cursor);
  const trailer = new ObjectParser(cursor).object();
  if (trailer === null || typeof trailer === "boolean" || trailer.type !== "dict") {
    throw damaged("a cross-reference table without trailer");
  }
  const end = readEnd(cursor);
  const hybrid = offsetIn(source, trailer, "XRefStm");
  if (hybrid === undefined) return section({ offset, kind: "table", trailer, end }, table);
  return section(
    { offset, kind: "table", trailer, end },
    joined(table, readStreamSection(source, hybrid, budget)),
  );
}

/** The offset under `key` (`Prev`, `XRefStm`), or undefined; throws `pdf_truncated` when it lies outside the file. */
export function offsetIn(source: PdfSource, trailer: PdfDict, key: string): number | undefined {
  const offset = countOf(trailer.entries.get(key));
  // Some writers say /Prev 0 for none: no section can stand where the header is.
  if (offset === undefined || offset === 0) return undefined;
  if (offset >= source.size) throw new PdfRefused("pdf_truncated", `/${key} names an offset beyond the end`);
  return offset;
}

function section(head: Omit<XrefSection, keyof XrefEntries>, entries: XrefEntries): XrefSection {
  if (entries.limit > MAX_OBJECT_NUMBER + 1) throw damaged("an object number too high");
  const { offset, kind, trailer, end } = head;
  const { limit, ranges, find, numbers } = entries;
  return { offset, kind, trailer, end, limit, ranges, find, numbers };
}

// ISO 32000-2, 7.5.8.4: what the table of a hybrid hides (as free or not at all) is looked up in its stream.
function joined(table: XrefEntries, stream: XrefEntries): XrefEntries {
  return {
    limit: Math.max(table.limit, stream.limit),
    ranges: table.ranges,
    find(num) {
      const entry = table.find(num);
      if (entry !== undefined && entry.kind !== "free") return entry;
      return stream.find(num) ?? entry;
    },
    numbers: () => new Set([...table.numbers(), ...stream.numbers()]),
  };
}

function readStreamSection(source: PdfSource, offset: number, budget: InflationBudget): XrefSection {
  const { object } = parseIndirectAt(source, offset);
  if (object === null || typeof object === "boolean" || object.type !== "stream") {
    throw damaged("no cross-reference section where one is announced");
  }
  const trailer = object.dict;
  const length = countOf(trailer.entries.get("Length"));
  if (nameOf(trailer.entries.get("Type")) !== "XRef" || length === undefined) {
    throw damaged("a cross-reference stream without type or direct length");
  }
  if (object.dataStart + length > source.size) {
    throw new PdfRefused("pdf_truncated", "a cross-reference stream beyond the end");
  }
  const direct = (value: PdfObject | undefined) => value ?? null;
  const packed = source.read(object.dataStart, length);
  const bytes = decodeStream(packed, trailer, direct, budget, rowsBytes(trailer));
  const cursor = new ByteCursor(source, object.dataStart + length);
  cursor.skipWhite();
  cursor.take("endstream");
  cursor.skipWhite();
  cursor.take("endobj");
  return section({ offset, kind: "stream", trailer, end: readEnd(cursor) }, streamEntries(bytes, trailer));
}

/** What the rows of all objects take, should it be this section that lists them, each with the byte of a predictor. */
function rowsBytes(trailer: PdfDict): number | undefined {
  const index = integersOf(trailer, "Index");
  const count = index === undefined ? countOf(trailer.entries.get("Size")) : index[1];
  const width = integersOf(trailer, "W")?.reduce((sum, one) => sum + one, 1);
  return index !== undefined && index.length > 2 ? undefined : count && width && count * width;
}

function streamEntries(bytes: Uint8Array, trailer: PdfDict): XrefEntries {
  const [typeWidth, secondWidth, thirdWidth] = integersOf(trailer, "W") ?? [];
  if (typeWidth === undefined || secondWidth === undefined || thirdWidth === undefined) {
    throw damaged("a cross-reference stream without /W");
  }
  const width = typeWidth + secondWidth + thirdWidth;
  if (Math.max(typeWidth, secondWidth, thirdWidth) > 8 || width === 0) throw damaged("absurd widths in /W");
  const index = integersOf(trailer, "Index") ?? [0, countOf(trailer.entries.get("Size")) ?? 0];
  const ranges: { first: number; count: number; row: number }[] = [];
  let rows = 0;
  let limit = 0;
  for (let i = 0; i + 1 < index.length; i += 2) {
    const first = index[i] ?? 0;
    const count = Math.min(index[i + 1] ?? 0, Math.floor(bytes.length / width) - rows);
    if (count <= 0) continue;
    ranges.push({ first, count, row: rows });
    rows += count;
    limit = Math.max(limit, first + count);
  }
  const field = (at: number, size: number) => {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (bytes[at + i] ?? 0);
    return value;
  };
  return {
    limit,
    ranges,
    find(num) {
      for (const range of ranges) {
        if (num < range.first || num >= range.first + range.count) continue;
        const at = (range.row + num - range.first) * width;
        const type = typeWidth === 0 ? 1 : field(at, typeWidth);
        const second = field(at + typeWidth, secondWidth);
        const third = field(at + typeWidth + secondWidth, thirdWidth);
        if (type === 1) return { kind: "offset", offset: second, gen: third };
        if (type === 2) return { kind: "compressed", stream: second, index: third };
        return { kind: "free" };
      }
      return undefined;
    },
    *numbers() {
      for (const { first, count } of ranges) for (let i = 0; i < count; i++) yield first + i;
    },
  };
}

function integersOf(trailer: PdfDict, key: string): number[] | undefined {
  const object = trailer.entries.get(key) ?? null;
  if (object === null || typeof object === "boolean" || object.type !== "array") return undefined;
  return object.items.map((item) => {
    const value = countOf(item);
    if (value === undefined) throw damaged(`something else than counts in /${key}`);
    return value;
  });
}

function readEnd(cursor: ByteCursor): SectionEnd | undefined {
  // Some writers leave a comment here.
  cursor.skipBlank();
  if (!cursor.take("startxref")) return undefined;
  cursor.skipWhite();
  const announced = cursor.takeInteger();
  cursor.skipWhite();
  return announced !== undefined && cursor.take("%%EOF") ? { announced, eof: cursor.position } : undefined;
}
