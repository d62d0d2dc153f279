import { type RevisedObject, RevisionDraft } from "./draft.ts";
import { type FieldRequest, placeField } from "./field.ts";
import { catalogOf } from "./pages.ts";
import { damaged } from "./refused.ts";
import { as, dict, integer, name, type PdfObject, string, withEntries } from "./syntax/objects.ts";
import { serialize } from "./syntax/serialize.ts";
import { encodeDate, encodeText } from "./syntax/text.ts";
import type { PdfTail } from "./tail.ts";
import { type WrittenObject, writeStream, writeTable } from "./xref-write.ts";

/** What a signature says of itself, and `contentsBytes`, the size of the CMS that must fit. */
export interface SignatureRequest extends FieldRequest {
  readonly signingTime: Date;
  readonly name?: string;
  readonly contentsBytes: number;
}

/**
 * A revision that waits for its CMS. `tail` is all that follows the file's present bytes, with /Contents zero-filled;
 * `byteRange` holds offsets in the whole file; `contentsStart` is the offset of `<` in `tail`.
 */
export interface PreparedRevision {
  readonly tail: Uint8Array;
  readonly byteRange: readonly [number, number, number, number];
  readonly contentsStart: number;
  readonly contentsHexLength: number;
}

/** Thrown when a CMS is larger than the place kept for it. */
export class PlaceholderError extends Error {
  readonly neededBytes: number;
  readonly availableBytes: number;

  constructor(neededBytes: number, availableBytes: number) {
    super(`a CMS of ${neededBytes} bytes for a place of ${availableBytes}`);
    this.name = "PlaceholderError";
    this.neededBytes = neededBytes;
    this.availableBytes = availableBytes;
  }
}

// Each of the three numbers has room for ten digits, as the offsets of a classic table do.
const BYTE_RANGE_WIDTH = 36;
const MAX_OFFSET = 9_999_999_999;

/**
 * Makes the revision that signs the document as it stands: earlier bytes stay as they are. Throws `PdfRefused`
 * (`pdf_damaged`, `pdf_too_deep`, `pdf_certified_no_changes`, and what a stamp or a field can't be: `SigningRefusalCode`).
 */
export function prepareSignature(pdf: PdfTail, request: SignatureRequest): PreparedRevision {
  const view = pdf.latest;
  catalogOf(view);
  const draft = new RevisionDraft(view);
  const signature = draft.reserve();
  const entries = placeField(draft, signature, request);
  const asStream = pdf.sections[0].kind === "stream";
  const self = asStream ? draft.reserve().num : undefined;

  const writer = new TailWriter(pdf.source.size, endsLine(pdf) ? "" : "\n");
  const holes = writeSignature(writer, signature.num, request, entries);
  for (const object of draft.objects) writer.object(object);
  const start = writer.offset;
  const written = writer.written.toSorted((a, b) => a.num - b.num);
  const previous = pdf.sections[0].offset;
  if (self === undefined) writer.text += writeTable(written, pdf.trailer, previous, draft.limit);
  else {
    const own = { num: self, gen: 0, offset: start };
    writer.text += writeStream([...written, own], pdf.trailer, previous, draft.limit);
  }
  writer.text += `startxref\n${start}\n%%EOF\n`;
  if (writer.offset > MAX_OFFSET) throw damaged("a file too large to be signed");

  const tail = Buffer.from(writer.text, "latin1");
  const contentsHexLength = request.contentsBytes * 2;
  const gapStart = pdf.source.size + holes.contents;
  const gapEnd = gapStart + contentsHexLength + 2;
  const byteRange: PreparedRevision["byteRange"] = [
    0,
    gapStart,
    gapEnd,
    pdf.source.size + tail.length - gapEnd,
  ];
  tail.write(`[${byteRange.join(" ")}]`, holes.byteRange, "latin1");
  return { tail, byteRange, contentsStart: holes.contents, contentsHexLength };
}

/** Writes the CMS in its place, in `tail`; throws `PlaceholderError` when it does not fit, and then writes nothing. */
export function fillContents(tail: Uint8Array, prepared: PreparedRevision, cms: Uint8Array): void {
  const availableBytes = prepared.contentsHexLength / 2;
  if (cms.length > availableBytes) throw new PlaceholderError(cms.length, availableBytes);
  const target = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  target.write(Buffer.from(cms).toString("hex"), prepared.contentsStart + 1, "latin1");
}

class TailWriter {
  readonly written: WrittenObject[] = [];
  text: string;
  readonly #base: number;

  constructor(base: number, text: string) {
    this.#base = base;
    this.text = text;
  }

  get offset(): number {
    return this.#base + this.text.length;
  }

  object({ num, gen, object, data }: RevisedObject): void {
    this.written.push({ num, gen, offset: this.offset });
    this.text += `${num} ${gen} obj\n${data === undefined ? serialize(object) : streamText(object, data)}\nendobj\n`;
  }
}

function streamText(object: PdfObject, data: Uint8Array): string {
  const head = withEntries(as(object, "dict") ?? dict([]), [["Length", integer(data.length)]]);
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
  return `${serialize(head)}\nstream\n${text}\nendstream`;
}

// /ByteRange and /Contents are written apart from the rest, to know where they stand in the tail.
function writeSignature(
  writer: TailWriter,
  num: number,
  request: SignatureRequest,
  more: readonly [string, PdfObject][],
): { byteRange: number; contents: number } {
  const entries: [string, PdfObject][] = [
    ["Type", name("Sig")],
    ["Filter", name("Adobe.PPKLite")],
    ["SubFilter", name("ETSI.CAdES.detached")],
    ["M", string(Buffer.from(encodeDate(request.signingTime), "latin1"))],
  ];
  if (request.name !== undefined) entries.push(["Name", string(encodeText(request.name))]);
  if (request.reason !== undefined) entries.push(["Reason", string(encodeText(request.reason))]);
  entries.push(...more);
  writer.written.push({ num, gen: 0, offset: writer.offset });
  writer.text += `${num} 0 obj\n${serialize(dict(entries)).slice(0, -2)}/ByteRange `;
  const byteRange = writer.text.length;
  writer.text += `${" ".repeat(BYTE_RANGE_WIDTH)}\n/Contents `;
  const contents = writer.text.length;
  writer.text += `<${"0".repeat(request.contentsBytes * 2)}>\n>>\nendobj\n`;
  return { byteRange, contents };
}

function endsLine(pdf: PdfTail): boolean {
  const last = pdf.source.read(pdf.source.size - 1, 1)[0];
  return last === 10 || last === 13;
}
