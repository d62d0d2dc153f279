import type { RevisionDraft } from "../draft.ts";
import {
  array,
  decimal,
  dict,
  integer,
  name,
  type PdfArray,
  type PdfObject,
  type PdfRef,
  real,
} from "../syntax/objects.ts";
import { embedFont } from "./embed-font.ts";
import { fontMetrics, subsetFor } from "./font.ts";
import { type FittedLines, fitLines, heightOf } from "./lines.ts";
import { embedLogo, type Logo } from "./logo.ts";

/** What stamps of one signature show: the font's subset and the logo are embedded once for all its widgets. */
export interface StampContent {
  readonly lines: readonly string[];
  readonly logo?: Logo;
}

const PADDING = 3;
const LOGO_SHARE = 0.35;
const INK = "0.1 0.1 0.1 rg";

/**
 * The form XObject that a widget shows (ISO 32000-2, 12.5.5): drawn upright in a box of that size in points, turned by
 * `matrix`. Nothing is drawn outside the box, and nothing beneath the text but what the page has.
 */
export function drawStamp(
  draft: RevisionDraft,
  content: StampContent,
  { width, height, matrix }: { width: number; height: number; matrix: PdfArray },
): PdfRef {
  const padding = Math.min(PADDING, width / 10, height / 10);
  const inner = { left: padding, bottom: padding, width: width - 2 * padding, height: height - 2 * padding };
  const logoBox = content.logo && fitLogo(content.logo, inner, content.lines.length > 0);
  const shift = logoBox === undefined ? 0 : logoBox.width + padding;
  const text = fitLines(content.lines, inner.width - shift, inner.height);
  const resources: [string, PdfObject][] = [];
  let operators = "";
  if (content.logo !== undefined && logoBox !== undefined) {
    resources.push(["XObject", dict([["Logo", embedLogo(draft, content.logo)]])]);
    const bottom = inner.bottom + (inner.height - logoBox.height) / 2;
    const matrix = [logoBox.width, 0, 0, logoBox.height, inner.left, bottom].map(decimal).join(" ");
    operators += `q ${matrix} cm /Logo Do Q\n`;
  }
  if (text.lines.some((line) => line.length > 0)) {
    const subset = subsetFor(text.lines.flat());
    resources.push(["Font", dict([["Stamp", embedFont(draft, subset)]])]);
    operators += showText(text, inner.left + shift, inner.bottom + inner.height, inner.height, subset.glyphs);
  }
  const form = dict([
    ["Type", name("XObject")],
    ["Subtype", name("Form")],
    ["FormType", integer(1)],
    ["BBox", array([0, 0, width, height].map(real))],
    ["Matrix", matrix],
    ["Resources", dict(resources)],
  ]);
  return draft.add(form, Buffer.from(operators, "latin1"));
}

function fitLogo(logo: Logo, inner: { width: number; height: number }, besideText: boolean) {
  const room = besideText ? inner.width * LOGO_SHARE : inner.width;
  const scale = Math.min(room / logo.width, inner.height / logo.height);
  return { width: logo.width * scale, height: logo.height * scale };
}

// The block of lines stands in the middle of the height.
function showText(
  { lines, size }: FittedLines,
  left: number,
  top: number,
  height: number,
  glyphs: ReadonlyMap<number, number>,
): string {
  const { ascent, descent } = fontMetrics();
  const lead = heightOf(1, size);
  const above = (height - heightOf(lines.length, size)) / 2;
  const baseline = top - above - lead / 2 - ((ascent + descent) * size) / 2_000;
  const shown = lines.map((line) => `<${line.map((point) => hex4(glyphs.get(point) ?? 0)).join("")}> Tj`);
  return [
    `q ${INK} BT /Stamp ${decimal(size)} Tf ${decimal(lead)} TL ${decimal(left)} ${decimal(baseline)} Td`,
    shown.join(" T*\n"),
    "ET Q\n",
  ].join("\n");
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, "0");
}
