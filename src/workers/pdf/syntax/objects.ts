/** A number with the text it was written as, so that an updated object keeps its exact notation. */
export interface PdfNumber {
  readonly type: "number";
  readonly value: number;
  readonly text: string;
}

/** A name without its slash, `#xx` decoded, one character a byte. */
export interface PdfName {
  readonly type: "name";
  readonly value: string;
}

/** A string; `start` and `end` are offsets in the source it was parsed from, delimiters included. */
export interface PdfString {
  readonly type: "string";
  readonly bytes: Uint8Array;
  readonly hex: boolean;
  readonly start: number;
  readonly end: number;
}

/** An indirect reference. */
export interface PdfRef {
  readonly type: "ref";
  readonly num: number;
  readonly gen: number;
}

/** An array. */
export interface PdfArray {
  readonly type: "array";
  readonly items: readonly PdfObject[];
}

/**
 * A dictionary; `repeats` tells that a key was written twice (the last one is kept), `differs` that it was with
 * another value.
 */
export interface PdfDict {
  readonly type: "dict";
  readonly entries: ReadonlyMap<string, PdfObject>;
  readonly repeats: boolean;
  readonly differs: boolean;
}

/** A stream: its dictionary and where its raw data begins in the source. */
export interface PdfStream {
  readonly type: "stream";
  readonly dict: PdfDict;
  readonly dataStart: number;
}

/** Any PDF object (ISO 32000-2, 7.3); null and booleans are themselves. */
export type PdfObject =
  | null
  | boolean
  | PdfNumber
  | PdfName
  | PdfString
  | PdfRef
  | PdfArray
  | PdfDict
  | PdfStream;

/** A PDF name. */
export function name(value: string): PdfName {
  return { type: "name", value };
}

/** A PDF integer. */
export function integer(value: number): PdfNumber {
  return { type: "number", value, text: String(value) };
}

/** A PDF number with at most four decimals: far below what a printer can show. */
export function real(value: number): PdfNumber {
  const rounded = Math.round(value * 10_000) / 10_000;
  return { type: "number", value: rounded, text: decimal(rounded) };
}

/** The number as PDF text: never with an exponent (ISO 32000-2, 7.3.3). */
export function decimal(value: number): string {
  return value
    .toFixed(4)
    .replace(/\.?0+$/, "")
    .replace(/^-0$/, "0");
}

/** Whether a number is written as ISO 32000-2, 7.3.3, says: readers make different numbers of `1-2` and `--3`. */
export function isWellFormed({ text }: PdfNumber): boolean {
  return text.length <= 32 && /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text);
}

/** A reference to an object. */
export function ref(num: number, gen: number): PdfRef {
  return { type: "ref", num, gen };
}

/** A PDF array. */
export function array(items: readonly PdfObject[]): PdfArray {
  return { type: "array", items };
}

/** A dictionary of the given entries, in their order. */
export function dict(entries: Iterable<readonly [string, PdfObject]>): PdfDict {
  return { type: "dict", entries: new Map(entries), repeats: false, differs: false };
}

/** A string object that was not read from a file. */
export function string(bytes: Uint8Array): PdfString {
  return { type: "string", bytes, hex: false, start: -1, end: -1 };
}

/** A copy of `base` with some entries set. */
export function withEntries(base: PdfDict, entries: Iterable<readonly [string, PdfObject]>): PdfDict {
  return dict([...base.entries, ...entries]);
}

/** The object if it is of that type, else undefined. */
export function as<T extends Exclude<PdfObject, null | boolean>["type"]>(
  object: PdfObject | undefined,
  type: T,
): Extract<PdfObject, { type: T }> | undefined {
  if (object === null || object === undefined || typeof object === "boolean") return undefined;
  return object.type === type ? (object as Extract<PdfObject, { type: T }>) : undefined;
}

/** The text of a name, or undefined. */
export function nameOf(object: PdfObject | undefined): string | undefined {
  return as(object, "name")?.value;
}

/** The value of a non-negative safe integer, or undefined. */
export function countOf(object: PdfObject | undefined): number | undefined {
  const value = as(object, "number")?.value;
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
