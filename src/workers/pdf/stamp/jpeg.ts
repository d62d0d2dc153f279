import { PdfRefused } from "../refused.ts";

/** What a PDF must say of a JPEG that it holds as it is. */
export interface JpegFacts {
  readonly width: number;
  readonly height: number;
  readonly components: 1 | 3 | 4;
  /** Adobe's programs write four components upside down. */
  readonly inverted: boolean;
}

/** Whether these bytes begin as a JPEG does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/**
 * Reads a JPEG's markers up to its frame header (ISO 10918-1, B.2.2): baseline and progressive ones are what the
 * DCTDecode filter knows. Throws `PdfRefused` (`logo_unsupported`).
 */
export function readJpeg(file: Uint8Array): JpegFacts {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let inverted = false;
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) throw unsupported("a JPEG with a broken marker");
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = bytes.readUInt16BE(at + 2);
    if (length < 2 || at + 2 + length > bytes.length) throw unsupported("a JPEG cut short");
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xee && segment.toString("latin1", 0, 5) === "Adobe") inverted = true;
    if (marker >= 0xc0 && marker <= 0xc2) return frameOf(segment, inverted);
    // Differential, lossless and arithmetic frames; the start of a scan without a frame.
    if ((marker >= 0xc3 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xda)
      throw unsupported("a JPEG of a kind that PDF readers do not know");
    at += 2 + length;
  }
  throw unsupported("a JPEG without a frame");
}

function frameOf(segment: Buffer, inverted: boolean): JpegFacts {
  if (segment.length < 6) throw unsupported("a JPEG with a broken frame");
  const [precision, components] = [segment[0], segment[5]];
  const [height, width] = [segment.readUInt16BE(1), segment.readUInt16BE(3)];
  if (precision !== 8 || width === 0 || height === 0) throw unsupported("a JPEG of an unknown depth or size");
  if (components !== 1 && components !== 3 && components !== 4) throw unsupported("a JPEG of odd components");
  return { width, height, components, inverted: inverted && components === 4 };
}

function unsupported(detail: string): PdfRefused {
  return new PdfRefused("logo_unsupported", detail);
}
