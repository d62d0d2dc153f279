import { constants, inflateSync } from "node:zlib";
import { PdfRefused } from "./refused.ts";
import { nameOf, type PdfStream } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

const MAX_FILTERS = 4;
const MAX_STREAM_BYTES = 64 * 1024 * 1024;
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

/**
 * Measures what the page contents of one document inflate to. A few kilobytes can become gigabytes, which would be
 * the browser's of whoever is asked to sign: refuses more than 64 MB a stream, 256 MB in all, or 4 filters.
 */
export class ContentMeter {
  #left = MAX_TOTAL_BYTES;

  /** Throws `PdfRefused("pdf_too_large")`. A stream that is damaged is as large as it is: readers pass over it. */
  measure(view: PdfView, stream: PdfStream): void {
    const filter = view.resolve(stream.dict.entries.get("Filter"));
    const filters = nameOf(filter) === undefined ? view.items(filter) : [filter];
    if (filters.length > MAX_FILTERS) throw new PdfRefused("pdf_too_large", "over 4 filters on a stream");
    let bytes = view.raw(stream);
    for (const one of filters) {
      const name = nameOf(view.resolve(one));
      if (name !== "FlateDecode" && name !== "Fl") return;
      const inflated = this.#inflate(bytes);
      if (inflated === "too far") throw new PdfRefused("pdf_too_large", "page contents that inflate too far");
      if (inflated === "damaged") return;
      bytes = inflated;
    }
  }

  #inflate(bytes: Uint8Array): Uint8Array | "too far" | "damaged" {
    const maxOutputLength = Math.min(MAX_STREAM_BYTES, this.#left);
    try {
      const inflated = inflateSync(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });
      this.#left = Math.max(1, this.#left - inflated.length);
      return inflated;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      return code === "ERR_BUFFER_TOO_LARGE" ? "too far" : "damaged";
    }
  }
}
