import { inflateSync } from "node:zlib";
import { damaged } from "./refused.ts";
import { as, countOf, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";

const MAX_FILTERS = 4;
const MAX_STREAM_BYTES = 64 * 1024 * 1024;
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

/** What may still be inflated of one document, so that many small bombs cost no more than a large one. */
export class InflationBudget {
  #left = MAX_TOTAL_BYTES;

  /** Inflates within the budget; throws `PdfRefused`. */
  inflate(bytes: Uint8Array): Uint8Array {
    const limit = Math.min(MAX_STREAM_BYTES, this.#left);
    if (limit <= 0) throw damaged(`over ${MAX_TOTAL_BYTES} bytes inflated`);
    try {
      const inflated = inflateSync(bytes, { maxOutputLength: limit, chunkSize: chunkFor(bytes.length) });
      this.#left -= inflated.length;
      return inflated;
    } catch (cause) {
      throw damaged("a stream that cannot be inflated, or too far", { cause });
    }
  }
}

/** Most structural streams shrink to a fourth or more: in one piece they need not be put together from many. */
function chunkFor(deflatedBytes: number): number {
  return Math.min(1 << 20, Math.max(1 << 12, deflatedBytes * 6));
}

/** Applies the filters that structural streams use (FlateDecode with predictors); throws on any other. */
export function decodeStream(
  raw: Uint8Array,
  dict: PdfDict,
  resolve: (object: PdfObject | undefined) => PdfObject,
  budget: InflationBudget,
): Uint8Array {
  const filters = listOf(resolve(dict.entries.get("Filter")));
  const parameters = listOf(resolve(dict.entries.get("DecodeParms")));
  if (filters.length > MAX_FILTERS) throw damaged(`over ${MAX_FILTERS} filters on a stream`);
  let bytes = raw;
  for (const [index, filter] of filters.entries()) {
    const kind = nameOf(resolve(filter));
    if (kind !== "FlateDecode") throw damaged("a structural stream with another filter than FlateDecode");
    bytes = budget.inflate(bytes);
    const settings = as(resolve(parameters[index]), "dict");
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

// PNG filters (RFC 2083, 6): each row is preceded by the number of its own filter.
function undoPng(bytes: Uint8Array, rowBytes: number, pixelBytes: number): Uint8Array {
  const rows = Math.floor(bytes.length / (rowBytes + 1));
  const out = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    const from = row * (rowBytes + 1);
    const to = row * rowBytes;
    const filter = bytes[from] ?? 0;
    for (let i = 0; i < rowBytes; i++) {
      const left = i < pixelBytes ? 0 : (out[to + i - pixelBytes] ?? 0);
      const up = row === 0 ? 0 : (out[to + i - rowBytes] ?? 0);
      const upLeft = row === 0 || i < pixelBytes ? 0 : (out[to + i - rowBytes - pixelBytes] ?? 0);
      out[to + i] = (bytes[from + 1 + i] ?? 0) + prediction(filter, left, up, upLeft);
    }
  }
  return out;
}

function prediction(filter: number, left: number, up: number, upLeft: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) throw damaged("an unknown PNG filter");
  const estimate = left + up - upLeft;
  const fromLeft = Math.abs(estimate - left);
  const fromUp = Math.abs(estimate - up);
  const fromUpLeft = Math.abs(estimate - upLeft);
  if (fromLeft <= fromUp && fromLeft <= fromUpLeft) return left;
  return fromUp <= fromUpLeft ? up : upLeft;
}
