import { as, isWellFormed, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

// What a reader paints of a widget even where it has no appearance stream (ISO 32000-2, tables 166, 168 and 192).
const PAINTED_WITHOUT_APPEARANCE = ["MK", "BS", "Border", "C"];

/** Whether an annotation takes up room on its page: a /Rect that is no rectangle counts, as readers differ over it. */
export function takesRoom(view: PdfView, widget: PdfDict): boolean {
  const rect = view.resolve(widget.entries.get("Rect"));
  if (rect === null) return false;
  const [left, bottom, right, top, extra] = view.items(rect).map((item) => {
    const number = as(view.resolve(item), "number");
    return number !== undefined && isWellFormed(number) ? number.value : undefined;
  });
  if (left === undefined || bottom === undefined || extra !== undefined) return true;
  return left !== right || bottom !== top;
}

/** Whether a widget has something to show by itself, with or without room for it. */
export function hasLook(view: PdfView, widget: PdfDict): boolean {
  if (!isEmpty(view, widget.entries.get("AP"))) return true;
  const painted = PAINTED_WITHOUT_APPEARANCE.some((key) => !isEmpty(view, widget.entries.get(key)));
  return painted && takesRoom(view, widget);
}

function isEmpty(view: PdfView, value: PdfObject | undefined): boolean {
  const resolved = view.resolve(value);
  if (resolved === null) return true;
  return (as(resolved, "array")?.items.length ?? as(resolved, "dict")?.entries.size) === 0;
}
