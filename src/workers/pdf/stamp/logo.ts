import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import type { RevisionDraft } from "../draft.ts";
import { PdfRefused } from "../refused.ts";
import { array, dict, integer, name, type PdfDict, type PdfRef, withEntries } from "../syntax/objects.ts";
import { isJpeg, readJpeg } from "./jpeg.ts";
import { decodePng, isPng } from "./png.ts";

/** A logo ready to be embedded. */
export interface Logo {
  readonly width: number;
  readonly height: number;
  readonly image: PdfDict;
  readonly data: Uint8Array;
  /** How opaque each pixel is, where one is not. */
  readonly mask?: { readonly image: PdfDict; readonly data: Uint8Array };
}

/** Every stamp holds the logo: a large one makes every document large. */
export const maxLogoBytes = 256 * 1_024;
const MAX_PIXELS = 1_000_000;
const MAX_KEPT = 16;
const SPACES = { 1: "DeviceGray", 3: "DeviceRGB", 4: "DeviceCMYK" } as const;

const kept = new Map<string, Logo>();

/** Reads a PNG or a JPEG; each thread keeps the last few. Throws `PdfRefused` (`logo_unsupported`). */
export function readLogo(bytes: Uint8Array): Logo {
  if (bytes.length > maxLogoBytes) throw new PdfRefused("logo_unsupported", `over ${maxLogoBytes} bytes`);
  const key = createHash("sha256").update(bytes).digest("base64");
  const known = kept.get(key);
  if (known !== undefined) return known;
  const logo = isPng(bytes) ? fromPng(bytes) : isJpeg(bytes) ? fromJpeg(bytes) : undefined;
  if (logo === undefined) throw new PdfRefused("logo_unsupported", "neither a PNG nor a JPEG");
  const oldest = kept.keys().next();
  if (kept.size >= MAX_KEPT && oldest.done !== true) kept.delete(oldest.value);
  kept.set(key, logo);
  return logo;
}

/** Embeds a logo as an image. */
export function embedLogo(draft: RevisionDraft, { image, data, mask }: Logo): PdfRef {
  if (mask === undefined) return draft.add(image, data);
  return draft.add(withEntries(image, [["SMask", draft.add(mask.image, mask.data)]]), data);
}

function fromPng(bytes: Uint8Array): Logo {
  const { width, height, rgb, alpha } = decodePng(bytes, MAX_PIXELS);
  return {
    width,
    height,
    image: imageOf(width, height, 3, "FlateDecode"),
    data: deflateSync(rgb),
    ...(alpha && {
      mask: { image: imageOf(width, height, 1, "FlateDecode"), data: deflateSync(alpha) },
    }),
  };
}

function fromJpeg(bytes: Uint8Array): Logo {
  const { width, height, components, inverted } = readJpeg(bytes);
  if (width * height > MAX_PIXELS) throw new PdfRefused("logo_unsupported", `over ${MAX_PIXELS} pixels`);
  const image = imageOf(width, height, components, "DCTDecode");
  const decode = array([1, 0, 1, 0, 1, 0, 1, 0].map(integer));
  return { width, height, image: inverted ? withEntries(image, [["Decode", decode]]) : image, data: bytes };
}

function imageOf(width: number, height: number, components: 1 | 3 | 4, filter: string): PdfDict {
  return dict([
    ["Type", name("XObject")],
    ["Subtype", name("Image")],
    ["Width", integer(width)],
    ["Height", integer(height)],
    ["ColorSpace", name(SPACES[components])],
    ["BitsPerComponent", integer(8)],
    ["Filter", name(filter)],
  ]);
}
