import { decode, decodedSize, isPacking } from "./decoders.ts";
import { PdfRefused } from "./refused.ts";
import { as, nameOf, type PdfDict, type PdfObject, type PdfStream } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

/** How many filters one stream may have. */
export const MAX_FILTERS = 4;
/** What one stream may unpack to. */
export const MAX_STREAM_BYTES = 64 * 1024 * 1024;
/** What all streams of one document may unpack to. */
export const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

/**
 * Measures what the streams of one document unpack to. A few kilobytes can become gigabytes, which would be the
 * browser's of whoever is asked to sign: refuses more than 64 MB a stream, after any of its filters, 256 MB in all,
 * or 4 filters. What a picture's own filter (JPEG, fax) makes of its bytes is not counted: its size is in plain sight.
 */
export class ContentMeter {
  #left = MAX_TOTAL_BYTES;

  /** Throws `PdfRefused("pdf_too_large")`. A stream that is damaged is as large as it is: readers pass over it. */
  measure(view: PdfView, stream: PdfStream): void {
    const { entries } = stream.dict;
    const filters = listOf(view, entries.get("Filter"));
    if (filters.length === 0) return;
    if (filters.length > MAX_FILTERS) throw new PdfRefused("pdf_too_large", "over 4 filters on a stream");
    const parameters = listOf(view, entries.get("DecodeParms"));
    const names = filters.map((filter) => nameOf(view.resolve(filter)) ?? "");
    let bytes = view.raw(stream);
    for (const [index, name] of names.entries()) {
      if (!isPacking(name)) return;
      const earlyChange = isEarly(view, view.dict(parameters[index]));
      const next = names[index + 1];
      if (next === undefined || !isPacking(next)) {
        this.#count(decodedSize(name, bytes, this.#limit, earlyChange));
        return;
      }
      const decoded = decode(name, bytes, this.#limit, earlyChange);
      if (!(decoded instanceof Uint8Array)) {
        this.#count(decoded);
        return;
      }
      this.#count(decoded.length);
      bytes = decoded;
    }
  }

  get #limit(): number {
    return Math.min(MAX_STREAM_BYTES, this.#left);
  }

  #count(size: number | "too far" | "damaged"): void {
    if (size === "too far") throw new PdfRefused("pdf_too_large", "a stream that unpacks too far");
    // zlib takes no limit of 0.
    if (size !== "damaged") this.#left = Math.max(1, this.#left - size);
  }
}

function listOf(view: PdfView, value: PdfObject | undefined): readonly PdfObject[] {
  const resolved = view.resolve(value);
  if (resolved === null) return [];
  return as(resolved, "array")?.items ?? [resolved];
}

/** LZW's /EarlyChange (ISO 32000-2, table 8), which is 1 unless it is said to be 0. */
function isEarly(view: PdfView, parameters: PdfDict | undefined): boolean {
  return as(view.resolve(parameters?.entries.get("EarlyChange")), "number")?.value !== 0;
}
