import { deflateSync } from "node:zlib";
import type { RevisionDraft } from "../draft.ts";
import { array, dict, integer, name, type PdfRef, string } from "../syntax/objects.ts";
import { type FontSubset, fontMetrics } from "./font.ts";

const SYMBOLIC = 4;
const BETWEEN_STEMS = 80;
const ENTRIES_A_BLOCK = 100;
const arabicShape = /^[\ufb50-\ufdff\ufe70-\ufefc]$/;

/** Embeds a subset as a composite font whose codes are glyph numbers of two bytes (ISO 32000-2, 9.7.4). */
export function embedFont(draft: Pick<RevisionDraft, "add">, subset: FontSubset): PdfRef {
  const { ascent, descent, capHeight, bbox } = fontMetrics();
  const program = draft.add(
    dict([
      ["Filter", name("FlateDecode")],
      ["Length1", integer(subset.programBytes)],
    ]),
    subset.program,
  );
  const descriptor = draft.add(
    dict([
      ["Type", name("FontDescriptor")],
      ["FontName", name(subset.name)],
      ["Flags", integer(SYMBOLIC)],
      ["FontBBox", array(bbox.map(integer))],
      ["ItalicAngle", integer(0)],
      ["Ascent", integer(ascent)],
      ["Descent", integer(descent)],
      ["CapHeight", integer(capHeight)],
      ["StemV", integer(BETWEEN_STEMS)],
      ["FontFile2", program],
      // PDF/A-1 asks for it (ISO 19005-1, 6.3.5); the later parts take it when it is complete.
      ["CIDSet", draft.add(dict([]), everyGlyph(subset.glyphCount))],
    ]),
  );
  const descendant = draft.add(
    dict([
      ["Type", name("Font")],
      ["Subtype", name("CIDFontType2")],
      ["BaseFont", name(subset.name)],
      [
        "CIDSystemInfo",
        dict([
          ["Registry", string(Buffer.from("Adobe"))],
          ["Ordering", string(Buffer.from("Identity"))],
          ["Supplement", integer(0)],
        ]),
      ],
      ["FontDescriptor", descriptor],
      ["W", array([integer(0), array(Array.from(subset.widths, (width) => integer(width ?? 0)))])],
      ["CIDToGIDMap", name("Identity")],
    ]),
  );
  return draft.add(
    dict([
      ["Type", name("Font")],
      ["Subtype", name("Type0")],
      ["BaseFont", name(subset.name)],
      ["Encoding", name("Identity-H")],
      ["DescendantFonts", array([descendant])],
      ["ToUnicode", draft.add(dict([["Filter", name("FlateDecode")]]), packedToUnicode(subset))],
    ]),
  );
}

function everyGlyph(count: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (let glyph = 0; glyph < count; glyph++)
    bits[glyph >> 3] = (bits[glyph >> 3] ?? 0) | (0x80 >> (glyph & 7));
  return bits;
}

const packed = new WeakMap<FontSubset, Uint8Array>();

// One subset is in nearly every paper and stamp.
function packedToUnicode(subset: FontSubset): Uint8Array {
  const known = packed.get(subset) ?? deflateSync(Buffer.from(toUnicode(subset), "latin1"));
  packed.set(subset, known);
  return known;
}

// What a reader copies and reads aloud (ISO 32000-2, 9.10.3).
function toUnicode({ glyphs }: FontSubset): string {
  const rows = [...glyphs].map(([point, glyph]) => `<${hex4(glyph)}> <${utf16(point)}>`);
  let text =
    "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) " +
    "/Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\n" +
    "endcodespacerange\n";
  for (let i = 0; i < rows.length; i += ENTRIES_A_BLOCK) {
    const block = rows.slice(i, i + ENTRIES_A_BLOCK);
    text += `${block.length} beginbfchar\n${block.join("\n")}\nendbfchar\n`;
  }
  return `${text}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n`;
}

// The shapes of joined Arabic letters are read as the letters that they are.
function utf16(point: number): string {
  const character = String.fromCodePoint(point);
  const read = arabicShape.test(character) ? character.normalize("NFKC") : character;
  return Array.from(read.split(""), (unit) => hex4(unit.charCodeAt(0))).join("");
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, "0").toUpperCase();
}
