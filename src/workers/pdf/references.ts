import { as, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

/** Adds to `numbers` those that an object refers to, at any depth. */
export function collectReferences(object: PdfObject, numbers: Set<number>): void {
  if (object === null || typeof object === "boolean") return;
  if (object.type === "ref") numbers.add(object.num);
  for (const child of childrenOf(object)) collectReferences(child, numbers);
}

/** What an array, a dictionary or a stream's dictionary holds. */
export function childrenOf(object: PdfObject): Iterable<PdfObject> {
  const entries = (as(object, "dict") ?? as(object, "stream")?.dict)?.entries;
  return as(object, "array")?.items ?? entries?.values() ?? [];
}

/** Whether an object holds a reference to one of these numbers, at any depth. */
export function refersTo(object: PdfObject, numbers: ReadonlySet<number>): boolean {
  if (object === null || typeof object === "boolean") return false;
  if (object.type === "ref") return numbers.has(object.num);
  if (object.type === "array") return object.items.some((item) => refersTo(item, numbers));
  const entries = (as(object, "dict") ?? as(object, "stream")?.dict)?.entries;
  return entries !== undefined && [...entries.values()].some((value) => refersTo(value, numbers));
}

/** Reads every object of the document, `except` these, to say whether one refers to these numbers. */
export function anyRefersTo(
  view: PdfView,
  numbers: ReadonlySet<number>,
  except: ReadonlySet<number>,
): boolean {
  const limit = view.limit();
  for (let num = 0; num < limit; num++) {
    if (except.has(num)) continue;
    const entry = view.find(num);
    if (entry !== undefined && entry.kind !== "free" && refersTo(view.object(num), numbers)) return true;
  }
  return false;
}
