import { deflateSync } from "node:zlib";
import type { Paper } from "../../actors/runtime/ports.ts";
import { embedFont } from "../pdf/stamp/embed-font.ts";
import { type FontSubset, isCommon, subsetFor } from "../pdf/stamp/font.ts";
import { array, decimal, dict, integer, name, real, string } from "../pdf/syntax/objects.ts";
import { encodeDate, encodeText } from "../pdf/syntax/text.ts";
import { attached } from "./attached.ts";
import { layOut, type PlacedHeading, type PlacedLine, pageSize } from "./lay-out.ts";
import { xmpPacket } from "./metadata.ts";
import { PaperObjects } from "./objects.ts";
import { outlined } from "./outline.ts";

/**
 * The fonts of a paper: one subset of what nearly every line is made of, which a thread makes once, and one of the few
 * other characters of this paper. Making a subset of all of them for each paper would cost ten times more.
 */
interface PaperFonts {
  common: FontSubset;
  rare?: FontSubset;
}

/** The PDF of a paper. */
export function paperPdf(paper: Paper): Buffer {
  const { fonts, contents, headings } = drawnPages(paper);
  const objects = new PaperObjects();
  const font = dict([
    ["C", embedFont(objects, fonts.common)],
    ...(fonts.rare === undefined ? [] : ([["R", embedFont(objects, fonts.rare)]] as const)),
  ]);
  // Greys that mean the same on every device (ISO 32000-2, 8.6.5.2), so that no output intent is needed.
  const grey = dict([
    ["WhitePoint", array([0.9505, 1, 1.089].map(real))],
    ["Gamma", real(2.2)],
  ]);
  const resources = objects.add(
    dict([
      ["Font", font],
      ["ColorSpace", dict([["DefaultGray", array([name("CalGray"), grey])]])],
    ]),
  );
  const tree = objects.reserve();
  const pages = contents.map((content) => {
    const stream = objects.add(
      dict([["Filter", name("FlateDecode")]]),
      deflateSync(Buffer.from(content, "latin1")),
    );
    return objects.add(
      dict([
        ["Type", name("Page")],
        ["Parent", tree],
        ["MediaBox", array([0, 0, pageSize.width, pageSize.height].map(real))],
        ["Resources", resources],
        ["Contents", stream],
      ]),
    );
  });
  objects.set(
    tree,
    dict([
      ["Type", name("Pages")],
      ["Kids", array(pages)],
      ["Count", integer(pages.length)],
    ]),
  );
  const { title, language, at, facts } = paper;
  const metadata = objects.add(
    dict([
      ["Type", name("Metadata")],
      ["Subtype", name("XML")],
    ]),
    Buffer.from(xmpPacket({ title, language, at, facts })),
  );
  const root = objects.add(
    dict([
      ["Type", name("Catalog")],
      ["Pages", tree],
      ["Lang", string(encodeText(language))],
      ["Metadata", metadata],
      ["ViewerPreferences", dict([["DisplayDocTitle", true]])],
      ...outlined(objects, headings, pages),
      ...attached(objects, paper),
    ]),
  );
  const date = string(Buffer.from(encodeDate(new Date(at)), "latin1"));
  const info = objects.add(
    dict([
      ["Title", string(encodeText(title))],
      ["Creator", string(encodeText("Collecte"))],
      ["CreationDate", date],
      ["ModDate", date],
    ]),
  );
  return objects.file(root, info);
}

/** What each page draws, as it stands in the page's content stream once that is unpacked. */
export function drawnPages(paper: Paper): {
  fonts: PaperFonts;
  contents: string[];
  headings: PlacedHeading[];
} {
  const { pages, headings } = layOut(paper);
  const rare = new Set(
    pages.flatMap((page) => page.flatMap(({ points }) => points.filter((one) => !isCommon(one)))),
  );
  const fonts: PaperFonts = {
    common: subsetFor([0x20]),
    ...(rare.size > 0 && { rare: subsetFor([...rare]) }),
  };
  const contents = pages.map((page) => page.map((line) => drawn(line, fonts)).join(""));
  return { fonts, contents, headings };
}

function drawn({ x, y, size, grey, points }: PlacedLine, { common, rare }: PaperFonts): string {
  const commonCodes = codesOf(common);
  const rareCodes = rare === undefined ? commonCodes : codesOf(rare);
  let text = "";
  let font = "";
  for (const point of points) {
    const code = commonCodes.get(point);
    const wanted = code === undefined ? "R" : "C";
    if (wanted !== font) {
      text += `${font === "" ? "" : "> Tj"} /${wanted} ${decimal(size)} Tf <`;
      font = wanted;
    }
    text += code ?? rareCodes.get(point) ?? "0000";
  }
  return text === "" ? "" : `BT ${decimal(grey)} g ${decimal(x)} ${decimal(y)} Td${text}> Tj ET\n`;
}

const knownCodes = new WeakMap<FontSubset, ReadonlyMap<number, string>>();

/** How a page writes each character of a subset. */
function codesOf(subset: FontSubset): ReadonlyMap<number, string> {
  let codes = knownCodes.get(subset);
  if (codes === undefined) {
    codes = new Map([...subset.glyphs].map(([point, glyph]) => [point, glyph.toString(16).padStart(4, "0")]));
    knownCodes.set(subset, codes);
  }
  return codes;
}
