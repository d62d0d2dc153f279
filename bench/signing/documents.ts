import { deflateSync } from "node:zlib";
import { PdfWriter, type Structure } from "./pdf-writer.ts";
import { elementsOf, type TaggedPage, writeOutline, writeStructure } from "./tagging.ts";

/** A document to be signed: tagged pages of text, and photographs until it has its size. */
export interface DocumentKind {
  name: string;
  structure: Structure;
  pages: number;
  /** Cross-references on each page, as a manual or a code of law has them, two objects each; such a one has an outline. */
  links?: number;
  /** Of the whole file, about; without it there are no photographs. */
  bytes?: number;
}

export const documentKinds: readonly DocumentKind[] = [
  { name: "30 KB", structure: "table", pages: 3, bytes: 30_000 },
  { name: "30 KB", structure: "stream", pages: 3, bytes: 30_000 },
  { name: "500 KB", structure: "table", pages: 24, bytes: 500_000 },
  { name: "500 KB", structure: "stream", pages: 24, bytes: 500_000 },
  { name: "5 MB", structure: "stream", pages: 80, bytes: 5_000_000 },
  { name: "20 MB", structure: "table", pages: 200, bytes: 20_000_000 },
  { name: "2,600 pages", structure: "table", pages: 2_600, links: 8 },
  { name: "2,600 pages", structure: "stream", pages: 2_600, links: 8 },
];

const linesOnPage = 45;
// The title too.
const marks = linesOnPage + 1;
const kidsOfNode = 32;
const words = (
  "la présente lettre de mission définit les travaux que le client confie au cabinet pour l'exercice clos " +
  "le trente et un décembre comptes annuels liasse fiscale déclarations sociales honoraires révision contrôle"
).split(" ");

/** What was made; `objects` are those that it lists. */
export interface MadeDocument {
  pdf: Buffer;
  objects: number;
}

/** Always the same bytes for the same kind. */
export function makeDocument({ structure, pages, links = 0, bytes }: DocumentKind): MadeDocument {
  const chance = seeded(pages);
  const writer = new PdfWriter(structure);
  const fonts = ["Helvetica", "Helvetica-Bold"].map((name) =>
    writer.object(
      `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding /Name /${name} >>`,
    ),
  );
  const texts = Array.from({ length: pages }, (_, page) => pageText(page + 1, chance));
  const elementBytes = elementsOf({ marks }) * (structure === "table" ? 120 : 20);
  const written = texts.reduce((sum, text) => sum + text.length + elementBytes + 450, 2_000);
  const photographBytes = Math.floor(((bytes ?? 0) - written) / pages);
  const photographs = texts.map(() => photographBytes > 500 && photograph(writer, photographBytes, chance));
  const parents = new Map<number, number>();
  const leaves = texts.map((text, index) => {
    const contents = writer.stream("/Filter /FlateDecode", text);
    const image = photographs[index];
    const images = image ? `/XObject << /Im1 ${image} 0 R >>` : "";
    const own = writer.object(resources(fonts, images));
    const num = writer.reserve();
    return { num, text: `/Contents ${contents} 0 R /Resources ${own} 0 R` };
  });
  const root = tree(
    writer,
    leaves.map(({ num }) => num),
    parents,
  );
  const tagged: TaggedPage[] = leaves.map(({ num }) => ({ num, marks }));
  for (const [page, { num, text }] of leaves.entries()) {
    const annotations = Array.from({ length: links }, (_, i) =>
      linkTo(writer, leaves[(page * 7 + i * 31) % pages]?.num ?? num, i),
    );
    const annots = links > 0 ? `/Annots [${annotations.map((one) => `${one} 0 R`).join(" ")}]` : "";
    writer.object(
      `<< /Type /Page /Parent ${parents.get(num)} 0 R /MediaBox [0 0 595 842] /Rotate 0 ${text} ${annots} /StructParents ${page} /Tabs /S >>`,
      num,
    );
  }
  const structureRoot = writeStructure(writer, tagged);
  const outline = links > 0 ? `/Outlines ${writeOutline(writer, tagged)} 0 R` : "";
  const tags = `/MarkInfo << /Marked true >> /StructTreeRoot ${structureRoot} 0 R /Lang (fr-FR)`;
  const catalog = writer.object(`<< /Type /Catalog /Pages ${root} 0 R ${tags} ${outline} >>`);
  return { pdf: writer.finish(catalog), objects: writer.count };
}

function resources([regular, bold]: readonly number[], images: string): string {
  return `<< /ProcSet [/PDF /Text /ImageC] /Font << /F1 ${regular} 0 R /F2 ${bold} 0 R >> ${images} >>`;
}

function linkTo(writer: PdfWriter, page: number, line: number): number {
  const top = 760 - line * 80;
  const action = writer.object(`<< /Type /Action /S /GoTo /D [${page} 0 R /XYZ 56 790 null] >>`);
  const rect = `[56 ${top} 300 ${top + 12}]`;
  return writer.object(`<< /Type /Annot /Subtype /Link /Rect ${rect} /Border [0 0 0] /A ${action} 0 R >>`);
}

/** Balanced, as writers make it; fills in who is whose parent. */
function tree(writer: PdfWriter, leaves: readonly number[], parents: Map<number, number>): number {
  const nodes = new Map<number, string>();
  const counts = new Map<number, number>(leaves.map((num) => [num, 1]));
  let level = [...leaves];
  do {
    const above: number[] = [];
    for (let i = 0; i < level.length; i += kidsOfNode) {
      const kids = level.slice(i, i + kidsOfNode);
      const num = writer.reserve();
      const count = kids.reduce((sum, kid) => sum + (counts.get(kid) ?? 0), 0);
      for (const kid of kids) parents.set(kid, num);
      counts.set(num, count);
      nodes.set(num, `/Type /Pages /Kids [${kids.map((kid) => `${kid} 0 R`).join(" ")}] /Count ${count}`);
      above.push(num);
    }
    level = above;
  } while (level.length > 1);
  for (const [num, text] of nodes) {
    const parent = parents.get(num);
    writer.object(`<< ${text}${parent === undefined ? "" : ` /Parent ${parent} 0 R`} >>`, num);
  }
  return level[0] ?? 0;
}

function pageText(page: number, chance: () => number): Buffer {
  let text = `BT /F2 14 Tf 56 790 Td /H1 <</MCID 0>> BDC (Page ${page}) Tj EMC /F1 10 Tf 0 -24 Td 14 TL\n`;
  for (let line = 0; line < linesOnPage; line++) {
    const said = Array.from({ length: 12 }, () => words[Math.floor(chance() * words.length)]).join(" ");
    text += `/P <</MCID ${line + 1}>> BDC (${said}) Tj EMC T*\n`;
  }
  return deflateSync(Buffer.from(`${text}ET\n`, "latin1"));
}

/** Noise stands for a photograph: nothing compresses it further. */
function photograph(writer: PdfWriter, bytes: number, chance: () => number): number {
  const width = 64;
  const height = Math.max(1, Math.floor(bytes / width));
  const pixels = Buffer.alloc(width * height);
  for (let i = 0; i < pixels.length; i++) pixels[i] = chance() * 256;
  const entries = `/Type /XObject /Subtype /Image /Width ${width} /Height ${height}`;
  return writer.stream(`${entries} /ColorSpace /DeviceGray /BitsPerComponent 8`, pixels);
}

// Numerical Recipes' linear congruence: the same documents on every machine.
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
