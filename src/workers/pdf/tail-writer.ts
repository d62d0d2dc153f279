import type { RevisedObject, RevisionDraft } from "./draft.ts";
import { damaged } from "./refused.ts";
import { as, dict, integer, type PdfObject, withEntries } from "./syntax/objects.ts";
import { serialize } from "./syntax/serialize.ts";
import type { PdfTail } from "./tail.ts";
import { type WrittenObject, writeStream, writeTable } from "./xref-write.ts";

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

/** Writes one revision after a document's last byte: its signature, if it has one, what was drafted, and its table. */
export class TailWriter {
  readonly #pdf: PdfTail;
  readonly #written: WrittenObject[] = [];
  readonly #draft: RevisionDraft;
  #text: string;

  constructor(pdf: PdfTail, draft: RevisionDraft) {
    this.#pdf = pdf;
    this.#draft = draft;
    this.#text = endsLine(pdf) ? "" : "\n";
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
    for (const object of this.#draft.objects) this.#object(object);
    const start = this.#offset;
    const written = this.#written.toSorted((a, b) => a.num - b.num);
    const previous = sections[0].offset;
    if (sections[0].kind === "stream") {
      const self = { num: this.#draft.reserve().num, gen: 0, offset: start };
      this.#text += writeStream([...written, self], trailer, previous, this.#draft.limit);
    } else this.#text += writeTable(written, trailer, previous, this.#draft.limit);
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

  #object({ num, gen, object, data }: RevisedObject): void {
    this.#begin(num, gen);
    this.#text += `${data === undefined ? serialize(object) : streamText(object, data)}\nendobj\n`;
  }

  get #offset(): number {
    return this.#pdf.source.size + this.#text.length;
  }

  #begin(num: number, gen: number): void {
    this.#written.push({ num, gen, offset: this.#offset });
    this.#text += `${num} ${gen} obj\n`;
  }
}

function streamText(object: PdfObject, data: Uint8Array): string {
  const head = withEntries(as(object, "dict") ?? dict([]), [["Length", integer(data.length)]]);
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
  return `${serialize(head)}\nstream\n${text}\nendstream`;
}

function endsLine(pdf: PdfTail): boolean {
  const last = pdf.source.read(pdf.source.size - 1, 1)[0];
  return last === 10 || last === 13;
}
