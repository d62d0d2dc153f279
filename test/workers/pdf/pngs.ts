import { deflateSync } from "node:zlib";

/** What a PNG to be made is like; `sample` gives one sample of a pixel, as wide as `depth`. */
export interface PngPlan {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  /** PNG, table 11.1. */
  readonly kind?: 0 | 2 | 3 | 4 | 6;
  readonly interlaced?: boolean;
  readonly palette?: readonly number[];
  readonly clear?: readonly number[];
  readonly sample: (x: number, y: number, channel: number) => number;
}

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A PNG, its rows by each of the five filters in turn. */
export function aPng(plan: PngPlan): Buffer {
  const { width, height, depth = 8, kind = 6, interlaced = false } = plan;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, kind, 0, 0, interlaced ? 1 : 0], 8);
  const passes = interlaced ? PASSES : [[0, 0, 1, 1] as const];
  const rows = passes.flatMap((pass) => rowsOf(plan, pass, depth, CHANNELS[kind]));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    ...(plan.palette ? [chunk("PLTE", Buffer.from(plan.palette))] : []),
    ...(plan.clear ? [chunk("tRNS", Buffer.from(plan.clear))] : []),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A PNG of one colour. */
export function aPatch(width: number, height: number, [red, green, blue]: [number, number, number]): Buffer {
  return aPng({ width, height, kind: 2, sample: (_x, _y, channel) => [red, green, blue][channel] ?? 0 });
}

function rowsOf(
  { width, height, sample }: PngPlan,
  [x0, y0, dx, dy]: readonly [number, number, number, number],
  depth: number,
  channels: number,
): Buffer[] {
  const rows: Buffer[] = [];
  const columns = Math.max(0, Math.ceil((width - x0) / dx));
  let above = Buffer.alloc(Math.ceil((columns * channels * depth) / 8));
  for (let y = y0; y < height && columns > 0; y += dy) {
    let bits = "";
    for (let x = x0; x < width; x += dx) {
      for (let c = 0; c < channels; c++) bits += sample(x, y, c).toString(2).padStart(depth, "0");
    }
    const row = Buffer.from(
      (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2)),
    );
    rows.push(filtered(row, above, rows.length % 5, Math.max(1, (channels * depth) >> 3)));
    above = row;
  }
  return rows;
}

function filtered(row: Buffer, above: Buffer, filter: number, step: number): Buffer {
  const out = Buffer.alloc(row.length + 1, filter);
  for (let i = 0; i < row.length; i++) {
    const left = row[i - step] ?? 0;
    const up = above[i] ?? 0;
    const corner = above[i - step] ?? 0;
    const nearest = [left, up, corner].sort(
      (a, b) => Math.abs(left + up - corner - a) - Math.abs(left + up - corner - b),
    )[0];
    const guess = [0, left, up, Math.floor((left + up) / 2), nearest][filter] ?? 0;
    out[i + 1] = ((row[i] ?? 0) - guess) & 255;
  }
  return out;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
