import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import { create, type Font } from "fontkit";

/** Some glyphs of the font, ready to be embedded: by their number in the subset, their widths in thousandths of an em. */
export interface FontSubset {
  /** A tag of six letters marks a subset (ISO 32000-2, 9.9.2). */
  readonly name: string;
  /** The font program, deflated, and its size before. */
  readonly program: Uint8Array;
  readonly programBytes: number;
  readonly glyphCount: number;
  /** The widths of glyphs 0, 1, 2, … */
  readonly widths: readonly number[];
  readonly glyphs: ReadonlyMap<number, number>;
}

const FONT = "dejavu-fonts-ttf/ttf/DejaVuSans.ttf";
const REPLACEMENT = 0xfffd;
// What French and English lines are written with, and the names of most of Europe's west. One subset for all of them
// is made once a thread; making one takes milliseconds.
const COMMON = codePoints(
  `${range(0x20, 0x7e)}${range(0xa0, 0xff)}ŒœŸŠšŽž–—‘’‚“”„…‹›€™\ufffd`.replaceAll("\u00ad", ""),
);
const MAX_SUBSETS = 64;

const common = new Set(COMMON);
let font: Font | undefined;
const knownWidths = new Map<number, number>();
const subsets = new Map<string, FontSubset>();

/** Ascent, descent and the rest of what a font descriptor says, in thousandths of an em. */
export function fontMetrics(): { ascent: number; descent: number; capHeight: number; bbox: number[] } {
  const { ascent, descent, capHeight, bbox } = theFont();
  const { minX, minY, maxX, maxY } = bbox;
  const box = [minX, minY, maxX, maxY].map(thousandths);
  // Not every version of the font says how high its capitals are: those of DejaVu Sans are 0.729 em.
  return {
    ascent: thousandths(ascent),
    descent: thousandths(descent),
    capHeight: capHeight ? thousandths(capHeight) : 729,
    bbox: box,
  };
}

/** The text's characters as the font can show them: U+FFFD, a question mark in a lozenge, where it has no glyph. */
export function showable(text: string): number[] {
  const shown = codePoints(text.normalize("NFC"));
  return shown.map((point) => (theFont().hasGlyphForCodePoint(point) ? point : REPLACEMENT));
}

/** Whether the font has a glyph for the character. */
export function canShow(point: number): boolean {
  return theFont().hasGlyphForCodePoint(point);
}

/** Whether the character is one of those that nearly every line is written with: one subset holds them all. */
export function isCommon(point: number): boolean {
  return common.has(point);
}

/** The width of one character, in thousandths of an em. */
export function widthOf(point: number): number {
  let width = knownWidths.get(point);
  if (width === undefined) {
    width = thousandths(theFont().glyphForCodePoint(point).advanceWidth);
    knownWidths.set(point, width);
  }
  return width;
}

/** A subset with these characters; the same characters give the same bytes. */
export function subsetFor(points: Iterable<number>): FontSubset {
  const wanted = new Set(points);
  const areCommon = [...wanted].every(isCommon);
  const sorted = areCommon ? COMMON : [...wanted].sort((a, b) => a - b);
  const key = String.fromCodePoint(...sorted);
  const known = subsets.get(key);
  if (known !== undefined) return known;
  const made = makeSubset(sorted);
  const oldest = subsets.keys().next();
  if (subsets.size >= MAX_SUBSETS && oldest.done !== true) subsets.delete(oldest.value);
  subsets.set(key, made);
  return made;
}

function makeSubset(points: readonly number[]): FontSubset {
  const subset = theFont().createSubset();
  const widths = [thousandths(theFont().getGlyph(0).advanceWidth)];
  const glyphs = new Map<number, number>();
  for (const point of points) {
    const glyph = theFont().glyphForCodePoint(point);
    // The glyph's number in the subset; fontkit's types say boolean.
    const number = Number(subset.includeGlyph(glyph));
    widths[number] = thousandths(glyph.advanceWidth);
    glyphs.set(point, number);
  }
  const program = subset.encode();
  return {
    name: `${tagOf(points)}+${theFont().postscriptName}`,
    program: deflateSync(program),
    programBytes: program.length,
    glyphCount: glyphsOf(program),
    widths,
    glyphs,
  };
}

// Accented letters bring the glyphs that they are made of: only the program's own `maxp` table knows how many.
function glyphsOf(program: Uint8Array): number {
  const bytes = Buffer.from(program);
  for (let at = 12; at < 12 + 16 * bytes.readUInt16BE(4); at += 16) {
    if (bytes.toString("latin1", at, at + 4) === "maxp")
      return bytes.readUInt16BE(bytes.readUInt32BE(at + 8) + 4);
  }
  throw new Error("a subset without maxp");
}

function theFont(): Font {
  if (font === undefined) {
    const opened = create(readFileSync(fileURLToPath(import.meta.resolve(FONT))));
    if (!("createSubset" in opened)) throw new Error("the font of stamps is a collection");
    font = opened;
  }
  return font;
}

function thousandths(units: number): number {
  return Math.round((units * 1_000) / theFont().unitsPerEm);
}

// Different subsets of one file must have different tags.
function tagOf(points: readonly number[]): string {
  let hash = 0;
  for (const point of points) hash = (hash * 31 + point) % 26 ** 6;
  return Array.from({ length: 6 }, (_, i) =>
    String.fromCharCode(65 + (Math.floor(hash / 26 ** i) % 26)),
  ).join("");
}

function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? REPLACEMENT);
}

function range(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i)).join("");
}
