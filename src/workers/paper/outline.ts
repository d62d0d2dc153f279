import {
  array,
  dict,
  integer,
  name,
  type PdfObject,
  type PdfRef,
  real,
  string,
} from "../pdf/syntax/objects.ts";
import { encodeText } from "../pdf/syntax/text.ts";
import type { PlacedHeading } from "./lay-out.ts";
import type { PaperObjects } from "./objects.ts";

/** The headings as the outline that readers show beside the pages (ISO 32000-2, 12.3.3). */
export function outlined(
  objects: PaperObjects,
  headings: readonly PlacedHeading[],
  pages: readonly PdfRef[],
): [string, PdfObject][] {
  const items = headings.map(() => objects.reserve());
  const [first, last] = [items[0], items.at(-1)];
  if (first === undefined || last === undefined) return [];
  const root = objects.add(
    dict([
      ["Type", name("Outlines")],
      ["First", first],
      ["Last", last],
      ["Count", integer(items.length)],
    ]),
  );
  for (const [i, { text, page, y }] of headings.entries()) {
    const [item, before, after, target] = [items[i], items[i - 1], items[i + 1], pages[page]];
    if (item === undefined || target === undefined) continue;
    objects.set(
      item,
      dict([
        ["Title", string(encodeText(text))],
        ["Parent", root],
        ...(before === undefined ? [] : ([["Prev", before]] as const)),
        ...(after === undefined ? [] : ([["Next", after]] as const)),
        // Left and zoom stay as they are.
        ["Dest", array([target, name("XYZ"), null, real(y), null])],
      ]),
    );
  }
  return [["Outlines", root]];
}
