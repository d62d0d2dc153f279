import { damaged } from "./refused.ts";

const UP = 2;
// Rows up to this long are summed up in two words.
const NARROW_BYTES = 8;

/** Undoes the PNG filters (RFC 2083, 6) of rows, each preceded by the number of its own one. */
export function undoPng(bytes: Uint8Array, rowBytes: number, pixelBytes: number): Uint8Array {
  const rows = Math.floor(bytes.length / (rowBytes + 1));
  const padded = new Uint8Array(rows * rowBytes + NARROW_BYTES);
  const out = padded.subarray(0, rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    if (row > 0 && rowBytes <= NARROW_BYTES) row += undoUps(viewOf(bytes), viewOf(padded), rowBytes, row);
    if (row < rows) undoRow(bytes, out, row, { rowBytes, pixelBytes });
  }
  return out;
}

/**
 * How many rows from this one on were undone: all that say "Up" but the last. That filter is the one of cross-reference
 * streams, which are long: four columns are added at a time, each within its own eight bits of a word. What is written
 * over the end of a row is overwritten by the next.
 */
function undoUps(input: DataView, output: DataView, rowBytes: number, first: number): number {
  let from = first * (rowBytes + 1);
  let to = first * rowBytes;
  let left = output.getUint32(to - rowBytes);
  let right = output.getUint32(to - rowBytes + 4);
  let done = 0;
  while (from + NARROW_BYTES < input.byteLength && input.getUint8(from) === UP) {
    left = sumOfBytes(left, input.getUint32(from + 1));
    right = sumOfBytes(right, input.getUint32(from + 5));
    output.setUint32(to, left);
    output.setUint32(to + 4, right);
    from += rowBytes + 1;
    to += rowBytes;
    done++;
  }
  return done;
}

const sumOfBytes = (a: number, b: number): number =>
  ((a & 0x7f7f7f7f) + (b & 0x7f7f7f7f)) ^ ((a ^ b) & 0x80808080);

function undoRow(
  bytes: Uint8Array,
  out: Uint8Array,
  row: number,
  { rowBytes, pixelBytes }: { rowBytes: number; pixelBytes: number },
): void {
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

function prediction(filter: number, left: number, up: number, upLeft: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === UP) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) throw damaged("an unknown PNG filter");
  const estimate = left + up - upLeft;
  const fromLeft = Math.abs(estimate - left);
  const fromUp = Math.abs(estimate - up);
  const fromUpLeft = Math.abs(estimate - upLeft);
  if (fromLeft <= fromUp && fromLeft <= fromUpLeft) return left;
  return fromUp <= fromUpLeft ? up : upLeft;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
