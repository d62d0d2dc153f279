import { sameEntries } from "./compare.ts";
import { catalogOf } from "./pages.ts";
import { anyRefersTo, refersTo } from "./references.ts";
import { as, dict, nameOf, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

// ISO 32000-2, table 349: texts about the document, none of which is shown on a page.
const INFORMATION_KEYS: readonly string[] =
  "Title Author Subject Keywords Creator Producer CreationDate ModDate Trapped".split(" ");

/** Whether an information dictionary became another only in its texts about the document: signing software rewrites them. */
export function isRetold(before: PdfObject, after: PdfObject, old: PdfView, young: PdfView): boolean {
  const [then, now] = [as(before, "dict"), as(after, "dict")];
  if (then === undefined || now === undefined || now.repeats) return false;
  const retold = [then, now].flatMap(({ entries }) =>
    INFORMATION_KEYS.map((key) => entries.get(key) ?? null),
  );
  return retold.every(isText) && sameEntries(then.entries, now.entries, INFORMATION_KEYS, old, young);
}

function isText(value: PdfObject): boolean {
  return value === null || as(value, "string") !== undefined || nameOf(value) !== undefined;
}

/** Whether an object is an XMP metadata stream (ISO 32000-2, 14.3.2). */
export function isMetadata(object: PdfObject): boolean {
  const entries = as(object, "stream")?.dict.entries;
  return nameOf(entries?.get("Type")) === "Metadata" && nameOf(entries?.get("Subtype")) === "XML";
}

/** The number of the catalog's metadata stream, unless something else of the document uses it too and could show it. */
export function ownMetadataOf(view: PdfView): number | undefined {
  const catalog = catalogOf(view);
  const num = as(catalog.dict.entries.get("Metadata"), "ref")?.num;
  if (num === undefined || num === catalog.ref.num) return undefined;
  const numbers = new Set([num]);
  const rest = dict([...catalog.dict.entries].filter(([key]) => key !== "Metadata"));
  const isShared = refersTo(rest, numbers) || anyRefersTo(view, numbers, new Set([num, catalog.ref.num]));
  return isShared ? undefined : num;
}
