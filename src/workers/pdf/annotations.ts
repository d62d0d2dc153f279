import { nameOf, type PdfDict } from "./syntax/objects.ts";

// ISO 32000-2, table 171: notes and drawings; none of them acts, plays or holds a file.
const REMARKS: ReadonlySet<string> = new Set(
  "Text FreeText Line Square Circle Polygon PolyLine Highlight Underline Squiggly StrikeOut Caret Stamp Ink Popup".split(
    " ",
  ),
);

/** Whether an annotation is what a certification may allow to add (ISO 32000-2, table 257, /P 3). */
export function isRemark({ entries, repeats }: PdfDict): boolean {
  const kind = nameOf(entries.get("Subtype"));
  return kind !== undefined && REMARKS.has(kind) && !repeats && !entries.has("A") && !entries.has("AA");
}
