import { damaged, PdfRefused } from "./refused.ts";
import { as, nameOf, type PdfDict, type PdfObject, type PdfRef } from "./syntax/objects.ts";
import { rootOf } from "./tail.ts";
import type { PdfView } from "./view.ts";

const MAX_TREE_DEPTH = 50;
const MAX_NODES = 200_000;

/** A page and the reference by which the tree holds it. */
export interface PdfPage {
  readonly ref: PdfRef;
  readonly dict: PdfDict;
}

/** The document catalog with its reference; throws `pdf_damaged` when there is none. */
export function catalogOf(view: PdfView): PdfPage {
  const newest = view.sections[0];
  if (newest === undefined) throw damaged("no cross-reference section");
  const ref = rootOf(newest.trailer);
  const dict = as(view.resolve(ref), "dict");
  if (dict === undefined || nameOf(view.resolve(dict.entries.get("Type"))) !== "Catalog")
    throw damaged("no catalog");
  return { ref, dict };
}

/** The pages in order; throws `pdf_damaged` or `pdf_too_deep` for a tree that is none. */
export function* pagesOf(view: PdfView): Generator<PdfPage> {
  const root = as(catalogOf(view).dict.entries.get("Pages"), "ref");
  if (root === undefined) throw damaged("a catalog without /Pages");
  const seen = new Set<number>();
  const stack: { num: number; items: readonly PdfObject[]; next: number }[] = [
    { num: -1, items: [root], next: 0 },
  ];
  for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
    const item = level.items[level.next++];
    if (item === undefined) {
      stack.pop();
      continue;
    }
    const ref = as(item, "ref");
    const dict = ref && as(view.resolve(ref), "dict");
    if (ref === undefined || dict === undefined) throw damaged("a page tree with something else than pages");
    if (stack.some(({ num }) => num === ref.num))
      throw new PdfRefused("pdf_cyclic", "a page tree node within itself");
    if (seen.has(ref.num)) throw damaged("a page tree that meets itself");
    seen.add(ref.num);
    if (seen.size > MAX_NODES)
      throw new PdfRefused("pdf_too_many_objects", `over ${MAX_NODES} page tree nodes`);
    if (!isTreeNode(view, dict)) {
      if (stack.length === 1) throw damaged("a page in place of the page tree");
      yield { ref, dict };
      continue;
    }
    if (stack.length > MAX_TREE_DEPTH)
      throw new PdfRefused("pdf_too_deep", `a page tree over ${MAX_TREE_DEPTH} deep`);
    stack.push({ num: ref.num, items: view.items(dict.entries.get("Kids")), next: 0 });
  }
}

/** The first page; throws `pdf_damaged` when there is none. */
export function firstPageOf(view: PdfView): PdfPage {
  for (const page of pagesOf(view)) return page;
  throw damaged("no page");
}

function isTreeNode(view: PdfView, dict: PdfDict): boolean {
  const type = nameOf(view.resolve(dict.entries.get("Type")));
  if (type === "Page") return false;
  if (type === "Pages" || dict.entries.has("Kids")) return true;
  throw damaged("a page tree node of no type");
}
