import { damaged, PdfRefused } from "../refused.ts";
import type { PdfSource } from "../source.ts";
import { ByteCursor, hexValue, isDelimiter, isDigit, isWhite } from "./bytes.ts";
import type { PdfArray, PdfDict, PdfName, PdfNumber, PdfObject, PdfRef, PdfString } from "./objects.ts";
import { serialize } from "./serialize.ts";

const MAX_DEPTH = 100;
// A hostile array of millions of items would fill the heap long before the file's size limit is met.
const MAX_TOKENS = 1_000_000;
const MAX_WORD = 1_024;
const SHORT_STRING = 32;
const END_OF_OBJECT = "endobj";
const ESCAPES: Record<string, number> = { n: 10, r: 13, t: 9, b: 8, f: 12 };

/** What stands at an offset as `num gen obj …`. */
export interface IndirectObject {
  readonly num: number;
  readonly gen: number;
  readonly object: PdfObject;
}

/** Parses the object at `offset`; throws `PdfRefused` (`pdf_damaged`, `pdf_too_deep`), and always ends. */
export function parseObjectAt(source: PdfSource, offset: number): PdfObject {
  return new ObjectParser(new ByteCursor(source, offset)).object();
}

/** Parses `num gen obj …` at `offset`; throws `PdfRefused` when something else stands there. */
export function parseIndirectAt(source: PdfSource, offset: number): IndirectObject {
  const cursor = new ByteCursor(source, offset);
  cursor.skipBlank();
  const num = cursor.takeInteger();
  cursor.skipBlank();
  const gen = cursor.takeInteger();
  cursor.skipBlank();
  if (num === undefined || gen === undefined || !cursor.take("obj")) {
    throw damaged(`no object at offset ${offset}`);
  }
  const object = new ObjectParser(cursor).object();
  if (object === null || typeof object === "boolean" || object.type !== "dict") return { num, gen, object };
  cursor.skipBlank();
  if (!cursor.take("stream")) return { num, gen, object };
  if (cursor.peek() === 13) cursor.position++;
  if (cursor.peek() === 10) cursor.position++;
  return { num, gen, object: { type: "stream", dict: object, dataStart: cursor.position } };
}

/** A recursive descent over one object (ISO 32000-2, 7.3), with bounded depth and size. */
export class ObjectParser {
  readonly cursor: ByteCursor;
  #tokens = 0;

  constructor(cursor: ByteCursor) {
    this.cursor = cursor;
  }

  /** The object at the cursor, which ends just after it. */
  object(depth = 0): PdfObject {
    if (depth > MAX_DEPTH) throw new PdfRefused("pdf_too_deep", `objects nested over ${MAX_DEPTH} deep`);
    if (++this.#tokens > MAX_TOKENS) throw damaged(`an object of over ${MAX_TOKENS} parts`);
    this.cursor.skipBlank();
    const byte = this.cursor.peek();
    switch (byte) {
      case 0x2f:
        return this.#name();
      case 0x28:
        return this.#literal();
      case 0x5b:
        return this.#array(depth);
      case 0x3c:
        return this.cursor.peek(1) === 0x3c ? this.#dict(depth) : this.#hex();
      default:
        return isNumberStart(byte) ? this.#numberOrRef() : this.#keyword();
    }
  }

  #name(): PdfName {
    this.cursor.position++;
    let value = "";
    for (let byte = this.cursor.peek(); byte !== -1; byte = this.cursor.peek()) {
      if (isWhite(byte) || isDelimiter(byte)) break;
      const high = byte === 0x23 ? hexValue(this.cursor.peek(1)) : -1;
      const low = high === -1 ? -1 : hexValue(this.cursor.peek(2));
      value += String.fromCharCode(low === -1 ? byte : high * 16 + low);
      this.cursor.position += low === -1 ? 1 : 3;
      if (value.length > MAX_WORD) throw damaged("a name too long");
    }
    return { type: "name", value };
  }

  #literal(): PdfString {
    const start = this.cursor.position++;
    const bytes: number[] = [];
    for (let open = 1; open > 0; ) {
      const byte = this.cursor.peek();
      if (byte === -1) throw damaged("a string that never ends");
      this.cursor.position++;
      if (byte === 0x5c) {
        this.#escape(bytes);
        continue;
      }
      if (byte === 0x28) open++;
      if (byte === 0x29) open--;
      if (open > 0) bytes.push(byte);
    }
    const end = this.cursor.position;
    return { type: "string", bytes: Uint8Array.from(bytes), hex: false, start, end };
  }

  #escape(bytes: number[]): void {
    const byte = this.cursor.peek();
    this.cursor.position++;
    if (byte >= 0x30 && byte <= 0x37) {
      let value = byte - 0x30;
      for (let i = 0; i < 2 && this.cursor.peek() >= 0x30 && this.cursor.peek() <= 0x37; i++) {
        value = value * 8 + this.cursor.peek() - 0x30;
        this.cursor.position++;
      }
      bytes.push(value & 0xff);
    } else if (byte === 13) {
      if (this.cursor.peek() === 10) this.cursor.position++;
    } else if (byte !== 10 && byte !== -1) {
      bytes.push(ESCAPES[String.fromCharCode(byte)] ?? byte);
    }
  }

  #hex(): PdfString {
    const start = this.cursor.position++;
    let bytes = new Uint8Array(SHORT_STRING);
    let digits = 0;
    for (;;) {
      const byte = this.cursor.peek();
      this.cursor.position++;
      if (byte === 0x3e) break;
      const value = hexValue(byte);
      if (value >= 0) {
        const at = digits >> 1;
        if (at === bytes.length) bytes = doubled(bytes);
        bytes[at] = digits % 2 === 0 ? value * 16 : (bytes[at] ?? 0) + value;
        digits++;
      } else if (!isWhite(byte)) throw damaged("a hexadecimal string with other characters");
    }
    // An odd last digit stands for itself and a zero.
    bytes = bytes.slice(0, (digits + 1) >> 1);
    return { type: "string", bytes, hex: true, start, end: this.cursor.position };
  }

  #array(depth: number): PdfArray {
    this.cursor.position++;
    const items: PdfObject[] = [];
    for (;;) {
      this.cursor.skipBlank();
      if (this.cursor.take("]")) return { type: "array", items };
      items.push(this.object(depth + 1));
    }
  }

  #dict(depth: number): PdfDict {
    this.cursor.position += 2;
    const entries = new Map<string, PdfObject>();
    let [repeats, differs] = [false, false];
    for (;;) {
      this.cursor.skipBlank();
      if (this.cursor.take(">>")) return { type: "dict", entries, repeats, differs };
      if (this.cursor.peek() !== 0x2f) throw damaged("a dictionary key that is no name");
      const key = this.#name().value;
      const value = this.object(depth + 1);
      const known = entries.get(key);
      if (known !== undefined) {
        repeats = true;
        differs ||= serialize(known) !== serialize(value);
      }
      entries.set(key, value);
    }
  }

  #numberOrRef(): PdfNumber | PdfRef {
    const start = this.cursor.position;
    const value = this.cursor.takeInteger();
    const end = this.cursor.position;
    if (value !== undefined && endsWord(this.cursor.peek())) {
      const gen = this.#generation();
      if (gen !== undefined) return { type: "ref", num: value, gen };
      const text = String(value);
      this.cursor.position = end;
      if (text.length === end - start) return { type: "number", value, text };
    }
    this.cursor.position = start;
    return this.#number();
  }

  /** Of a reference, whose number stands before the cursor. */
  #generation(): number | undefined {
    this.cursor.skipBlank();
    const gen = this.cursor.takeInteger();
    if (gen === undefined) return undefined;
    this.cursor.skipBlank();
    if (this.cursor.peek() !== 0x52 || !endsWord(this.cursor.peek(1))) return undefined;
    this.cursor.position++;
    return gen;
  }

  #number(): PdfNumber {
    const text = this.#numberText();
    if (!/^[-+.\d]+$/.test(text)) throw damaged("a number with other characters");
    const value = Number.parseFloat(text);
    return { type: "number", value: Number.isFinite(value) ? value : 0, text };
  }

  // Some writers leave no space between an object that is a number and the word that ends it.
  #numberText(): string {
    const text = this.cursor.takeRegular(MAX_WORD);
    if (!text.endsWith(END_OF_OBJECT)) return text;
    this.cursor.position -= END_OF_OBJECT.length;
    return text.slice(0, -END_OF_OBJECT.length);
  }

  #keyword(): PdfObject {
    const word = this.cursor.takeRegular(MAX_WORD);
    if (word === "true") return true;
    if (word === "false") return false;
    if (word === "null") return null;
    throw damaged("an unknown word where an object should be");
  }
}

function doubled(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}

function isNumberStart(byte: number): boolean {
  return isDigit(byte) || byte === 0x2b || byte === 0x2d || byte === 0x2e;
}

function endsWord(byte: number): boolean {
  return byte === -1 || isWhite(byte) || isDelimiter(byte);
}
