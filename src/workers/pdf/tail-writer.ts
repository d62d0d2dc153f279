import type { RevisedObject } from "./field.ts";
import { damaged } from "./refused.ts";
import { dict, integer, type PdfObject } from "./syntax/objects.ts";
import { serialize } from "./syntax/serialize.ts";
import type { PdfTail } from "./tail.ts";
import { type WrittenObject, writeStream, writeTable } from "./xref-write.ts";

/** A stream that a revision adds. */
export interface NewStream {
  readonly num: number;
  readonly bytes: Uint8Array;
}

/** Where the two parts of a signature that are filled in later stand in the tail. */
export interface SignatureHoles {
  readonly byteRange: number;
  readonly contents: number;
  readonly contentsBytes: number;
}

/**
 * A revision whose signature waits for its /Contents. `tail` is all that follows the file's present bytes, with
 * /Contents zero-filled; `byteRange` holds offsets in the whole file; `contentsStart` is the offset of `<` in `tail`.
 */
export interface PreparedRevision {
  readonly tail: Uint8Array;
  readonly byteRange: readonly [number, number, number, number];
  readonly contentsStart: number;
  readonly contentsHexLength: number;
}

// Each of the three numbers has room for ten digits, as the offsets of a classic table do.
const BYTE_RANGE_WIDTH = 36;
const MAX_OFFSET = 9_999_999_999;

/** Writes one revision after a document's last byte: its objects in the order they come, then its own table. */
export class TailWriter {
  readonly #pdf: PdfTail;
  readonly #written: WrittenObject[] = [];
  #text: string;
  #free: number;

  constructor(pdf: PdfTail) {
    this.#pdf = pdf;
    this.#text = endsLine(pdf) ? "" : "\n";
    this.#free = pdf.latest.limit();
  }

  /** A new object number. */
  next(): number {
    return this.#free++;
  }

  /** An object, added or redefined. */
  object({ num, gen, object }: RevisedObject): void {
    this.#begin(num, gen);
    this.#text += `${serialize(object)}\nendobj\n`;
  }

  /**
   * A new stream, as it is: certificates and what is said of them hardly shrink, and where no signature covers them a
   * deflated one could change a bit and stay the same.
   */
  stream({ num, bytes }: NewStream): void {
    this.#begin(num, 0);
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    const head = dict([["Length", integer(data.length)]]);
    this.#text += `${serialize(head)}\nstream\n${data}\nendstream\nendobj\n`;
  }

  /** A signature dictionary: /ByteRange and /Contents stand after its other entries, to be filled in later. */
  signature(
    num: number,
    entries: Iterable<readonly [string, PdfObject]>,
    contentsBytes: number,
  ): SignatureHoles {
    this.#begin(num, 0);
    this.#text += `${serialize(dict(entries)).slice(0, -2)}/ByteRange `;
    const byteRange = this.#text.length;
    this.#text += `${" ".repeat(BYTE_RANGE_WIDTH)}\n/Contents `;
    const contents = this.#text.length;
    this.#text += `<${"0".repeat(contentsBytes * 2)}>\n>>\nendobj\n`;
    return { byteRange, contents, contentsBytes };
  }

  /** Ends the revision; throws `PdfRefused` when the file would grow past what offsets can tell. */
  end(): Buffer {
    const { source, sections, trailer } = this.#pdf;
    const start = this.#offset;
    const written = this.#written.toSorted((a, b) => a.num - b.num);
    const previous = sections[0].offset;
    if (sections[0].kind === "stream") {
      const self = { num: this.next(), gen: 0, offset: start };
      this.#text += writeStream([...written, self], trailer, previous, this.#free);
    } else this.#text += writeTable(written, trailer, previous, this.#free);
    this.#text += `startxref\n${start}\n%%EOF\n`;
    if (source.size + this.#text.length > MAX_OFFSET) throw damaged("a file too large to be signed");
    return Buffer.from(this.#text, "latin1");
  }

  /** Ends the revision as one that waits for its signature, with the /ByteRange written. */
  endSigned({ byteRange: at, contents, contentsBytes }: SignatureHoles): PreparedRevision {
    const tail = this.end();
    const { size } = this.#pdf.source;
    const contentsHexLength = contentsBytes * 2;
    const gapStart = size + contents;
    const gapEnd = gapStart + contentsHexLength + 2;
    const byteRange = [0, gapStart, gapEnd, size + tail.length - gapEnd] as const;
    tail.write(`[${byteRange.join(" ")}]`, at, "latin1");
    return { tail, byteRange, contentsStart: contents, contentsHexLength };
  }

  get #offset(): number {
    return this.#pdf.source.size + this.#text.length;
  }

  #begin(num: number, gen: number): void {
    this.#written.push({ num, gen, offset: this.#offset });
    this.#text += `${num} ${gen} obj\n`;
  }
}

function endsLine(pdf: PdfTail): boolean {
  const last = pdf.source.read(pdf.source.size - 1, 1)[0];
  return last === 10 || last === 13;
}
