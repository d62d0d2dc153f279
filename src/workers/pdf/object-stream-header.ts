import { damaged } from "./refused.ts";
import type { PdfSource } from "./source.ts";
import { ByteCursor } from "./syntax/bytes.ts";

/** The pairs of number and offset before the objects of an object stream (ISO 32000-2, 7.5.7), read as far as asked. */
export class ObjectStreamHeader {
  readonly #cursor: ByteCursor;
  readonly #count: number;
  readonly #first: number;
  readonly #numbers: number[] = [];
  readonly #offsets: number[] = [];

  constructor(body: PdfSource, count: number, first: number) {
    this.#cursor = new ByteCursor(body, 0);
    this.#count = count;
    this.#first = first;
  }

  /** Where the object is, by its place in the header or, when another one is there, by its number. */
  offsetOf(num: number, index: number): number | undefined {
    this.#readTo(index);
    if (this.#numbers[index] === num) return this.#offsets[index];
    this.#readTo(this.#count - 1);
    return this.#offsets[this.#numbers.indexOf(num)];
  }

  /** Readers differ over which of two objects of one number counts: throws `pdf_damaged` when there are such. */
  refuseTwins(): void {
    this.#readTo(this.#count - 1);
    if (new Set(this.#numbers).size < this.#count) throw damaged("an object stream with an object twice");
  }

  #readTo(index: number): void {
    const cursor = this.#cursor;
    const end = Math.min(index + 1, this.#count);
    while (this.#numbers.length < end) {
      cursor.skipBlank();
      const num = cursor.takeInteger();
      cursor.skipBlank();
      const offset = cursor.takeInteger();
      if (num === undefined || offset === undefined) throw damaged("an object stream with a broken header");
      this.#numbers.push(num);
      this.#offsets.push(this.#first + offset);
    }
  }
}
