import { MAX_FILTERS, MAX_STREAM_BYTES, MAX_TOTAL_BYTES } from "./content-size.ts";
import { decode } from "./decoders.ts";
import { undoPng } from "./png-predictor.ts";
import { damaged, PdfRefused } from "./refused.ts";
import { as, countOf, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";

/** What may still be inflated of one document, so that many small bombs cost no more than a large one. */
export class InflationBudget {
  #left = MAX_TOTAL_BYTES;

  /** Undoes one filter within the budget; throws `PdfRefused` (`pdf_too_large`, `pdf_damaged`). */
  decode(filter: string, bytes: Uint8Array, earlyChange: boolean, expected?: number): Uint8Array {
    const limit = Math.min(MAX_STREAM_BYTES, this.#left);
    const decoded = limit <= 0 ? "too far" : decode(filter, bytes, limit, earlyChange, expected);
    if (decoded === "too far")
      throw new PdfRefused("pdf_too_large", "structural streams that unpack too far");
    if (decoded === "damaged") throw damaged("a structural stream that cannot be unpacked");
    this.#left -= decoded.length;
    return decoded;
  }
}

/**
 * Undoes the filters of a structural stream, those that pack bytes, with their predictors; throws on any other. Who knows
 * about how many bytes to expect says so: then they need not be put together from pieces.
 */
export function decodeStream(
  raw: Uint8Array,
  dict: PdfDict,
  resolve: (object: PdfObject | undefined) => PdfObject,
  budget: InflationBudget,
  expected?: number,
): Uint8Array {
  const filters = listOf(resolve(dict.entries.get("Filter")));
  const parameters = listOf(resolve(dict.entries.get("DecodeParms")));
  if (filters.length > MAX_FILTERS)
    throw new PdfRefused("pdf_too_large", `over ${MAX_FILTERS} filters on a stream`);
  let bytes = raw;
  for (const [index, filter] of filters.entries()) {
    const settings = as(resolve(parameters[index]), "dict");
    const earlyChange = countOf(resolve(settings?.entries.get("EarlyChange"))) !== 0;
    bytes = budget.decode(nameOf(resolve(filter)) ?? "", bytes, earlyChange, expected);
    if (settings !== undefined) bytes = undoPredictor(bytes, settings, resolve);
  }
  return bytes;
}

function listOf(object: PdfObject): readonly PdfObject[] {
  if (object === null) return [];
  return as(object, "array")?.items ?? [object];
}

function undoPredictor(
  bytes: Uint8Array,
  settings: PdfDict,
  resolve: (object: PdfObject | undefined) => PdfObject,
): Uint8Array {
  const setting = (key: string, otherwise: number) =>
    countOf(resolve(settings.entries.get(key))) ?? otherwise;
  const predictor = setting("Predictor", 1);
  if (predictor === 1) return bytes;
  const colors = setting("Colors", 1);
  const bits = setting("BitsPerComponent", 8);
  const rowBytes = Math.ceil((setting("Columns", 1) * colors * bits) / 8);
  const pixelBytes = Math.max(1, Math.ceil((colors * bits) / 8));
  if (predictor < 10) throw damaged("a structural stream with a TIFF predictor");
  if (rowBytes < 1 || rowBytes > bytes.length) throw damaged("a predictor with an absurd row");
  return undoPng(bytes, rowBytes, pixelBytes);
}
