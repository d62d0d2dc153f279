import { endsAsSaid } from "./stream-end.ts";
import { isWellFormed, type PdfNumber, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

/** Whether two objects, each in its own view, are written alike; references are compared, not followed. */
export function sameObject(a: PdfObject, b: PdfObject, before: PdfView, after: PdfView): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a === "boolean" || typeof b === "boolean") return false;
  if (a.type === "dict" && b.type === "dict") {
    // Readers differ over which of two values counts.
    if (a.differs || b.repeats) return false;
    return sameEntries(a.entries, b.entries, [], before, after);
  }
  if (a.type === "array" && b.type === "array") {
    return (
      a.items.length === b.items.length &&
      a.items.every((item, i) => sameObject(item, b.items[i] ?? null, before, after))
    );
  }
  if (a.type === "stream" && b.type === "stream") {
    if (!endsAsSaid(after, b)) return false;
    return sameObject(a.dict, b.dict, before, after) && Buffer.compare(before.raw(a), after.raw(b)) === 0;
  }
  if (a.type === "ref" && b.type === "ref") return a.num === b.num && a.gen === b.gen;
  if (a.type === "number" && b.type === "number") return sameNumber(a, b);
  if (a.type === "name" && b.type === "name") return a.value === b.value;
  if (a.type === "string" && b.type === "string") return Buffer.compare(a.bytes, b.bytes) === 0;
  return false;
}

const sameNumber = (a: PdfNumber, b: PdfNumber): boolean =>
  a.text === b.text || (isWellFormed(a) && isWellFormed(b) && a.value === b.value);

/** Whether two sets of entries are alike but for the keys in `except`. */
export function sameEntries(
  a: ReadonlyMap<string, PdfObject>,
  b: ReadonlyMap<string, PdfObject>,
  except: readonly string[],
  before: PdfView,
  after: PdfView,
): boolean {
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    if (except.includes(key)) continue;
    if (!sameObject(a.get(key) ?? null, b.get(key) ?? null, before, after)) return false;
  }
  return true;
}

/** The items that `b` has after those of `a`, or undefined when it does not begin with them. */
export function itemsAdded(
  a: readonly PdfObject[],
  b: readonly PdfObject[],
  before: PdfView,
  after: PdfView,
): readonly PdfObject[] | undefined {
  const begins = a.length <= b.length && a.every((item, i) => sameObject(item, b[i] ?? null, before, after));
  return begins ? b.slice(a.length) : undefined;
}
