import { catalogOf, type PdfPage, pagesOf } from "./pages.ts";
import { PdfRefused } from "./refused.ts";
import { as, countOf, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

const MAX_TREE_DEPTH = 50;

/**
 * The page of that number, from 1; throws `PdfRefused` (`page_missing`, `pdf_damaged`). Where the tree's /Count entries
 * agree with what is met, subtrees before the page are not read: a document of thousands of pages costs no more.
 */
export function pageAt(view: PdfView, number: number): PdfPage {
  if (!Number.isSafeInteger(number) || number < 1) throw missing(number);
  return jump(view, number) ?? walk(view, number);
}

function walk(view: PdfView, number: number): PdfPage {
  let n = 0;
  for (const page of pagesOf(view)) if (++n === number) return page;
  throw missing(number);
}

function jump(view: PdfView, number: number): PdfPage | undefined {
  let node: PdfObject | undefined = catalogOf(view).dict.entries.get("Pages");
  let index = number - 1;
  for (let depth = 0; depth <= MAX_TREE_DEPTH; depth++) {
    const dict = view.dict(node);
    const count = countOf(view.resolve(dict?.entries.get("Count")));
    if (dict === undefined || count === undefined || index >= count) return undefined;
    const kids = view.items(dict.entries.get("Kids"));
    // As many kids as pages: in a sound tree all of them are pages.
    const found = kids.length === count ? { kid: kids[index], index: 0 } : kidWith(view, kids, index);
    const ref = as(found?.kid, "ref");
    const inner = view.dict(ref);
    if (found === undefined || ref === undefined || inner === undefined) return undefined;
    if (isPage(view, inner)) return found.index === 0 ? { ref, dict: inner } : undefined;
    node = ref;
    index = found.index;
  }
  return undefined;
}

function kidWith(
  view: PdfView,
  kids: readonly PdfObject[],
  index: number,
): { kid: PdfObject; index: number } | undefined {
  let left = index;
  for (const kid of kids) {
    const dict = view.dict(kid);
    if (dict === undefined) return undefined;
    const pages = isPage(view, dict) ? 1 : countOf(view.resolve(dict.entries.get("Count")));
    if (pages === undefined) return undefined;
    if (left < pages) return { kid, index: left };
    left -= pages;
  }
  return undefined;
}

function isPage(view: PdfView, dict: PdfDict): boolean {
  return nameOf(view.resolve(dict.entries.get("Type"))) === "Page" || !dict.entries.has("Kids");
}

function missing(number: number): PdfRefused {
  return new PdfRefused("page_missing", `no page ${number}`);
}
