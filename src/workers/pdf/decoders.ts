import { constants, inflateSync } from "node:zlib";
import { hexValue, isWhite } from "./syntax/bytes.ts";

/** What came of undoing one filter: bytes, or that they are too many, or that what is there can't be undone. */
export type Decoded = Uint8Array | "too far" | "damaged";

type Decoder = (
  bytes: Uint8Array,
  limit: number,
  keep: boolean,
  earlyChange: boolean,
  expected?: number,
) => Decoded | number;

/** Filters that pack bytes (ISO 32000-2, 7.4), by both of their names; the others hold pictures or keys. */
const DECODERS: Readonly<Record<string, Decoder>> = {
  FlateDecode: inflate,
  Fl: inflate,
  LZWDecode: lzw,
  LZW: lzw,
  RunLengthDecode: runLength,
  RL: runLength,
  ASCII85Decode: ascii85,
  A85: ascii85,
  ASCIIHexDecode: asciiHex,
  AHx: asciiHex,
  // Only an encrypted file has another crypt filter than the one that changes nothing (7.4.10).
  Crypt: (bytes) => bytes,
};

/** Whether a filter packs bytes, so that it can be undone here. */
export function isPacking(filter: string): boolean {
  return Object.hasOwn(DECODERS, filter);
}

/** Undoes one filter; `limit` is how many bytes may come of it, `expected` a guess of how many do. */
export function decode(
  filter: string,
  bytes: Uint8Array,
  limit: number,
  earlyChange = true,
  expected?: number,
): Decoded {
  const decoded = DECODERS[filter]?.(bytes, limit, true, earlyChange, expected) ?? "damaged";
  return typeof decoded === "number" ? "damaged" : decoded;
}

/** How many bytes come of undoing one filter, without keeping them where that can be told from the packed ones. */
export function decodedSize(
  filter: string,
  bytes: Uint8Array,
  limit: number,
  earlyChange = true,
): number | "too far" | "damaged" {
  const decoded = DECODERS[filter]?.(bytes, limit, false, earlyChange) ?? "damaged";
  return decoded instanceof Uint8Array ? decoded.length : decoded;
}

function inflate(
  bytes: Uint8Array,
  limit: number,
  _keep: boolean,
  _earlyChange: boolean,
  expected?: number,
): Decoded {
  try {
    return inflateSync(bytes, {
      maxOutputLength: limit,
      finishFlush: constants.Z_SYNC_FLUSH,
      chunkSize: chunkFor(expected ?? bytes.length * 6),
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ERR_BUFFER_TOO_LARGE" ? "too far" : "damaged";
  }
}

/** In one piece what comes out need not be put together. Most streams shrink to a fourth or more; none is believed blindly. */
function chunkFor(expected: number): number {
  return Math.min(1 << 22, Math.max(1 << 12, expected + 1));
}

const CLEAR = 256;
const END = 257;
const LZW_CODES = 4_096;

/** LZW (7.4.4): each code stands for an earlier one and one byte more, so lengths alone are enough to count. */
function lzw(bytes: Uint8Array, limit: number, keep: boolean, earlyChange: boolean): Decoded | number {
  const lengths = new Uint32Array(LZW_CODES).fill(1, 0, CLEAR);
  const starts = new Uint32Array(LZW_CODES);
  let out = new Uint8Array(keep ? Math.min(limit, bytes.length * 4 + 64) : 0);
  const early = earlyChange ? 1 : 0;
  let [size, next, width, previous, held, bits] = [0, END + 1, 9, -1, 0, 0];
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xff_ffff;
    bits += 8;
    if (bits < width) continue;
    bits -= width;
    const code = (held >> bits) & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      [next, width, previous] = [END + 1, 9, -1];
      continue;
    }
    if (code > next || (code === next && previous === -1)) return "damaged";
    const length = code === next ? (lengths[previous] ?? 0) + 1 : (lengths[code] ?? 0);
    if (size + length > limit) return "too far";
    if (keep) {
      if (size + length > out.length) out = grown(out, size + length, limit);
      if (code < CLEAR) out[size] = code;
      // Copied byte by byte: the code that is just being made overlaps itself.
      else
        for (let i = 0, from = code === next ? size - length + 1 : (starts[code] ?? 0); i < length; i++)
          out[size + i] = out[from + i] ?? 0;
    }
    if (previous !== -1 && next < LZW_CODES) {
      lengths[next] = (lengths[previous] ?? 0) + 1;
      starts[next] = size - (lengths[previous] ?? 0);
      next++;
    }
    previous = code;
    size += length;
    if (next + early >= 1 << width && width < 12) width++;
  }
  return keep ? out.subarray(0, size) : size;
}

function grown(bytes: Uint8Array<ArrayBuffer>, needed: number, limit: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(limit, Math.max(needed, bytes.length * 2)));
  larger.set(bytes);
  return larger;
}

/** RunLength (7.4.5): 128 ends, less copies, more repeats. */
function runLength(bytes: Uint8Array, limit: number, keep: boolean): Decoded | number {
  let size = 0;
  const runs: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const control = bytes[at] ?? 128;
    if (control === 128) break;
    const length = control < 128 ? Math.min(control + 1, bytes.length - at - 1) : 257 - control;
    if (size + length > limit) return "too far";
    size += length;
    const end = at + 1 + (control < 128 ? length : 1);
    if (keep)
      runs.push(
        control < 128 ? bytes.subarray(at + 1, end) : new Uint8Array(length).fill(bytes[at + 1] ?? 0),
      );
    at = end;
  }
  return keep ? Buffer.concat(runs) : size;
}

/** ASCII base-85 (7.4.3): five characters for four bytes, `z` for four zeros. */
function ascii85(bytes: Uint8Array, limit: number): Decoded {
  const out = new Uint8Array(Math.min(bytes.length * 4, limit + 4));
  let [size, value, count] = [0, 0, 0];
  const put = (length: number) => {
    for (let i = 0; i < length; i++) out[size++] = Math.floor(value / 256 ** (3 - i)) & 0xff;
    [value, count] = [0, 0];
  };
  for (const byte of bytes) {
    if (isWhite(byte)) continue;
    if (byte === 0x7e) break;
    if (byte === 0x7a && count === 0) put(4);
    else if (byte < 0x21 || byte > 0x75) return "damaged";
    else {
      value = value * 85 + byte - 0x21;
      if (++count === 5) put(4);
    }
    if (size > limit) return "too far";
  }
  if (count > 1) {
    const length = count - 1;
    for (let i = count; i < 5; i++) value = value * 85 + 84;
    put(length);
  }
  return size > limit ? "too far" : out.subarray(0, size);
}

/** Hexadecimal (7.4.2): an odd last digit stands for itself and a zero. */
function asciiHex(bytes: Uint8Array, limit: number): Decoded {
  const out = new Uint8Array(Math.ceil(bytes.length / 2));
  let digits = 0;
  for (const byte of bytes) {
    if (isWhite(byte)) continue;
    if (byte === 0x3e) break;
    const value = hexValue(byte);
    if (value === -1) return "damaged";
    const at = digits >> 1;
    out[at] = digits % 2 === 0 ? value * 16 : (out[at] ?? 0) + value;
    digits++;
  }
  const size = Math.ceil(digits / 2);
  return size > limit ? "too far" : out.subarray(0, size);
}
