import { inflateSync } from "node:zlib";
import { PdfRefused } from "../refused.ts";

/** An image's samples: three bytes a pixel of colour, and one of opacity unless all is opaque. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
  readonly alpha?: Uint8Array;
}

interface Header {
  width: number;
  height: number;
  depth: number;
  kind: number;
  interlaced: boolean;
}

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
// By colour type (PNG, table 11.1): grey, -, RGB, palette, grey and alpha, -, RGB and alpha.
const CHANNELS = [1, 0, 3, 1, 2, 0, 4];
const DEPTHS = [[1, 2, 4, 8, 16], [], [8, 16], [1, 2, 4, 8], [8, 16], [], [8, 16]];
const PALETTE = 3;
// PNG, 8.2: where each of the seven passes begins, and its steps.
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Whether these bytes begin as a PNG does. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

/** Decodes a PNG of any colour type, depth and interlacing; throws `PdfRefused` (`logo_unsupported`). */
export function decodePng(file: Uint8Array, maxPixels: number): Pixels {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const chunks = chunksOf(bytes);
  const header = headerOf(chunks.find(({ type }) => type === "IHDR")?.data, maxPixels);
  const find = (type: string) => chunks.find((chunk) => chunk.type === type)?.data;
  const packed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  const samples = samplesOf(header, inflated(packed, header));
  return paint(header, samples, find("PLTE"), find("tRNS"));
}

function chunksOf(bytes: Buffer): { type: string; data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = SIGNATURE.length; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (at + 12 + length > bytes.length) throw unsupported("a PNG cut short");
    const type = bytes.toString("latin1", at + 4, at + 8);
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    if (type === "IEND") return chunks;
    at += 12 + length;
  }
  throw unsupported("a PNG without an end");
}

function headerOf(data: Buffer | undefined, maxPixels: number): Header {
  if (data?.length !== 13) throw unsupported("a PNG without a header");
  const [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
  const [depth = 0, kind = 0, compression, filter, interlace = 0] = data.subarray(8);
  const known = DEPTHS[kind]?.includes(depth) && compression === 0 && filter === 0 && interlace <= 1;
  if (!known || width === 0 || height === 0) throw unsupported("a PNG of no known kind");
  if (width * height > maxPixels) throw unsupported(`over ${maxPixels} pixels`);
  return { width, height, depth, kind, interlaced: interlace === 1 };
}

function passesOf({ width, height, interlaced }: Header) {
  if (!interlaced) return [{ x: 0, y: 0, dx: 1, dy: 1, width, height }];
  return ADAM7.map(([x, y, dx, dy]) => ({
    ...{ x, y, dx, dy },
    width: Math.ceil((width - x) / dx),
    height: Math.ceil((height - y) / dy),
  })).filter((pass) => pass.width > 0 && pass.height > 0);
}

function bitsAPixel({ depth, kind }: Header): number {
  return depth * (CHANNELS[kind] ?? 1);
}

function inflated(packed: Buffer, header: Header): Buffer {
  const rowBytes = (width: number) => 1 + Math.ceil((width * bitsAPixel(header)) / 8);
  const expected = passesOf(header).reduce((sum, { width, height }) => sum + height * rowBytes(width), 0);
  try {
    const data = inflateSync(packed, { maxOutputLength: expected + 1_024 });
    if (data.length >= expected) return data;
  } catch (cause) {
    throw unsupported("a PNG that does not inflate", cause);
  }
  throw unsupported("a PNG with too few pixels");
}

// One number a sample, in reading order, as wide as the file has them; of 16 bits the upper 8.
function samplesOf(header: Header, data: Buffer): Uint8Array {
  const channels = CHANNELS[header.kind] ?? 1;
  const samples = new Uint8Array(header.width * header.height * channels);
  const step = Math.max(1, bitsAPixel(header) >> 3);
  let at = 0;
  for (const pass of passesOf(header)) {
    const length = Math.ceil((pass.width * bitsAPixel(header)) / 8);
    let above: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < pass.height; row++) {
      const filter = data[at] ?? 0;
      const line = data.subarray(at + 1, at + 1 + length);
      unfilter(filter, line, above, step);
      const start = (pass.y + row * pass.dy) * header.width;
      for (let column = 0; column < pass.width; column++) {
        const pixel = (start + pass.x + column * pass.dx) * channels;
        for (let channel = 0; channel < channels; channel++) {
          samples[pixel + channel] = sampleAt(line, column * channels + channel, header.depth);
        }
      }
      above = line;
      at += 1 + length;
    }
  }
  return samples;
}

// PNG, 9.2: each row is written as what differs from its neighbours.
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): void {
  if (filter > 4) throw unsupported("a PNG with an unknown filter");
  for (let i = 0; i < line.length; i++) {
    const left = i >= step ? (line[i - step] ?? 0) : 0;
    const up = above[i] ?? 0;
    const corner = i >= step ? (above[i - step] ?? 0) : 0;
    line[i] = (line[i] ?? 0) + guessed(filter, left, up, corner);
  }
}

function guessed(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, corner);
    default:
      return 0;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function sampleAt(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index] ?? 0;
  if (depth === 16) return line[index * 2] ?? 0;
  const bit = index * depth;
  return ((line[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

function paint(
  header: Header,
  samples: Uint8Array,
  palette: Buffer | undefined,
  clear: Buffer | undefined,
): Pixels {
  const { width, height, depth, kind } = header;
  if (kind === PALETTE && palette === undefined) throw unsupported("a PNG without its palette");
  const channels = CHANNELS[kind] ?? 1;
  const isGrey = channels <= 2;
  const scale = depth < 8 ? 255 / (2 ** depth - 1) : 1;
  const rgb = new Uint8Array(width * height * 3);
  const alpha = new Uint8Array(width * height).fill(255);
  // The one colour that is clear: of 16-bit samples the upper byte, as of the samples themselves.
  const key = clear && Array.from({ length: 3 }, (_, i) => clear[depth === 16 ? i * 2 : i * 2 + 1]);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels;
    for (let i = 0; i < 3; i++) {
      const sample = samples[isGrey ? at : at + i] ?? 0;
      rgb[pixel * 3 + i] = kind === PALETTE ? (palette?.[sample * 3 + i] ?? 0) : sample * scale;
    }
    if (kind === PALETTE) alpha[pixel] = clear?.[samples[at] ?? 0] ?? 255;
    else if (channels === 2 || channels === 4) alpha[pixel] = samples[at + channels - 1] ?? 255;
    else if (key !== undefined) {
      const isClear = Array.from({ length: channels }, (_, i) => samples[at + i] === key[i]).every(Boolean);
      if (isClear) alpha[pixel] = 0;
    }
  }
  const isOpaque = alpha.every((value) => value === 255);
  return { width, height, rgb, ...(!isOpaque && { alpha }) };
}

function unsupported(detail: string, cause?: unknown): PdfRefused {
  return new PdfRefused("logo_unsupported", detail, { cause });
}
