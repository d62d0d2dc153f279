import type { PdfSource } from "../source.ts";

const CHUNK_BYTES = 16_384;
const NO_BYTES = new Uint8Array(0);

/** PDF white space (ISO 32000-2, table 1). */
export function isWhite(byte: number): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9 || byte === 0 || byte === 12;
}

/** PDF delimiters (ISO 32000-2, table 2). */
export function isDelimiter(byte: number): boolean {
  return (
    byte === 0x28 ||
    byte === 0x29 ||
    byte === 0x3c ||
    byte === 0x3e ||
    byte === 0x5b ||
    byte === 0x5d ||
    byte === 0x7b ||
    byte === 0x7d ||
    byte === 0x2f ||
    byte === 0x25
  );
}

/** An ASCII digit. */
export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** The value of an ASCII hexadecimal digit, or -1. */
export function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  return -1;
}

/** A moving position over a source, read by chunks; -1 stands for the byte after the end. */
export class ByteCursor {
  readonly source: PdfSource;
  position: number;
  #chunk: Uint8Array = NO_BYTES;
  #chunkStart = 0;

  constructor(source: PdfSource, position: number) {
    this.source = source;
    this.position = position;
  }

  /** The byte at the position, without moving. */
  peek(ahead = 0): number {
    const at = this.position + ahead;
    const known = this.#chunk[at - this.#chunkStart];
    if (known !== undefined) return known;
    if (at < 0 || at >= this.source.size) return -1;
    this.#chunk = this.source.read(at, CHUNK_BYTES);
    this.#chunkStart = at;
    return this.#chunk[0] ?? -1;
  }

  /** Moves over white space, comments not included. */
  skipWhite(): void {
    while (isWhite(this.peek())) this.position++;
  }

  /** Moves over white space and comments. */
  skipBlank(): void {
    for (;;) {
      this.skipWhite();
      if (this.peek() !== 0x25) return;
      while (this.peek() !== 10 && this.peek() !== 13 && this.peek() !== -1) this.position++;
    }
  }

  /** Moves over `word` if it stands here; says whether it did. */
  take(word: string): boolean {
    for (let i = 0; i < word.length; i++) if (this.peek(i) !== word.charCodeAt(i)) return false;
    this.position += word.length;
    return true;
  }

  /** The run of regular characters that stands here, at most `limit` long. */
  takeRegular(limit: number): string {
    let word = "";
    for (let byte = this.peek(); byte !== -1 && word.length < limit; byte = this.peek()) {
      if (isWhite(byte) || isDelimiter(byte)) break;
      word += String.fromCharCode(byte);
      this.position++;
    }
    return word;
  }

  /** The unsigned integer that stands here, or undefined without moving. */
  takeInteger(): number | undefined {
    const start = this.position;
    let value = 0;
    for (let byte = this.peek(); isDigit(byte); byte = this.peek()) {
      value = value * 10 + byte - 0x30;
      this.position++;
      if (!Number.isSafeInteger(value)) {
        this.position = start;
        return undefined;
      }
    }
    return this.position === start ? undefined : value;
  }
}
