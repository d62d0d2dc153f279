import type { PdfWriter } from "./pdf-writer.ts";

/** A page and how many pieces of its content are marked, from 0. */
export interface TaggedPage {
  num: number;
  marks: number;
}

/** One element for each paragraph of a page, and one for the page: about what word processors write. */
export const elementsOf = ({ marks }: Pick<TaggedPage, "marks">): number => marks + 1;

/** The structure tree of a tagged document (ISO 32000-2, 14.7), as word processors write it unasked; answers its root. */
export function writeStructure(writer: PdfWriter, pages: readonly TaggedPage[]): number {
  const root = writer.reserve();
  const document = writer.reserve();
  const sections: number[] = [];
  const parents: number[] = [];
  for (const { num, marks } of pages) {
    const section = writer.reserve();
    const elements = Array.from({ length: marks }, (_, mark) =>
      writer.object(
        `<< /Type /StructElem /S /${mark === 0 ? "H1" : "P"} /P ${section} 0 R /Pg ${num} 0 R /K [${mark}] >>`,
      ),
    );
    writer.object(`<< /Type /StructElem /S /Sect /P ${document} 0 R /K ${references(elements)} >>`, section);
    parents.push(writer.object(references(elements)));
    sections.push(section);
  }
  writer.object(`<< /Type /StructElem /S /Document /P ${root} 0 R /K ${references(sections)} >>`, document);
  const numbers = parents.map((num, page) => `${page} ${num} 0 R`).join(" ");
  const tree = writer.object(`<< /Nums [${numbers}] >>`);
  const entries = `/K [${document} 0 R] /ParentTree ${tree} 0 R /ParentTreeNextKey ${pages.length}`;
  writer.object(`<< /Type /StructTreeRoot ${entries} >>`, root);
  return root;
}

/** An outline with one item a page; answers its root. */
export function writeOutline(writer: PdfWriter, pages: readonly TaggedPage[]): number {
  const root = writer.reserve();
  const items = pages.map(() => writer.reserve());
  pages.forEach(({ num }, i) => {
    const [own, before, after] = [items[i], items[i - 1], items[i + 1]];
    const neighbours = `${before ? `/Prev ${before} 0 R ` : ""}${after ? `/Next ${after} 0 R ` : ""}`;
    const title = `/Title (Chapitre ${i + 1}) /Parent ${root} 0 R`;
    writer.object(`<< ${title} ${neighbours}/Dest [${num} 0 R /XYZ 56 800 null] >>`, own);
  });
  const ends = `/First ${items[0]} 0 R /Last ${items.at(-1)} 0 R`;
  return writer.object(`<< /Type /Outlines ${ends} /Count ${items.length} >>`, root);
}

const references = (numbers: readonly number[]): string =>
  `[${numbers.map((num) => `${num} 0 R`).join(" ")}]`;
