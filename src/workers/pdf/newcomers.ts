import { catalogOf } from "./pages.ts";
import { anyRefersTo } from "./references.ts";
import { as, countOf, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";
import { hasLook, takesRoom } from "./widgets.ts";

// ISO 32000-2, tables 166, 191, 226 and 234; 255; 224.
const FIELD_KEYS = keySet("Type Subtype FT T TU TM V F Ff Rect P NM M BS Border C StructParent");
const SIGNATURE_KEYS = keySet(
  "Type Filter SubFilter Contents Cert ByteRange Reference Changes Name M Location Reason ContactInfo R V",
);
const FORM_KEYS = keySet("Fields SigFlags DA");
const MAX_LAYER_PARTS = 10_000;

/** Whether an object is of the file's own structure. */
export function isStructure(object: PdfObject): boolean {
  const type = nameOf(as(object, "stream")?.dict.entries.get("Type"));
  return type === "XRef" || type === "ObjStm";
}

/**
 * Whether a document waited for none of the objects that a revision added. A signed document may refer to an object that
 * it lacks, for a later revision to bring: shadow attacks do. A signature, its field or its form that holds nothing which
 * could be painted cannot serve as anything else but a layer; all other new objects are looked for in the whole of what
 * was signed, those of the file's own structure too: whoever refers to one need not care for its /Type.
 */
export function noneAwaited(before: PdfView, after: PdfView, added: readonly number[]): boolean {
  const all = new Set(added);
  if (areAwaitedAsLayers(before, all)) return false;
  const suspects = new Set(added.filter((num) => !isPlain(after, after.object(num), all)));
  if (suspects.size === 0 || !before.mayReferTo(suspects)) return true;
  return !anyRefersTo(before, suspects, new Set());
}

/** A layer needs no more than a /Name, which a signature may have: what is listed as one must be there. */
function areAwaitedAsLayers(view: PdfView, added: ReadonlySet<number>): boolean {
  const stack: PdfObject[] = [catalogOf(view).dict.entries.get("OCProperties") ?? null];
  const seen = new Set<number>();
  for (let parts = 0, next = stack.pop(); next !== undefined; next = stack.pop()) {
    const num = as(next, "ref")?.num;
    if (num !== undefined && added.has(num)) return true;
    if (++parts > MAX_LAYER_PARTS) return true;
    if (num !== undefined && seen.has(num)) continue;
    if (num !== undefined) seen.add(num);
    const object = view.resolve(next);
    stack.push(...(as(object, "array")?.items ?? as(object, "dict")?.entries.values() ?? []));
  }
  return false;
}

/**
 * Whatever key a page may know it by, it shows nothing: it leads to texts and numbers, and to pages, signatures and
 * fields, which are dictionaries that nothing paints.
 */
function isPlain(view: PdfView, object: PdfObject, added: ReadonlySet<number>): boolean {
  const dict = as(object, "dict");
  if (dict === undefined || dict.repeats) return false;
  return isPlainField(view, dict, added) || isPlainSignature(dict) || isPlainForm(dict);
}

function isPlainField(view: PdfView, dict: PdfDict, added: ReadonlySet<number>): boolean {
  const { entries } = dict;
  const said = (key: string) => nameOf(entries.get(key));
  if (said("FT") !== "Sig" || (said("Type") ?? "Annot") !== "Annot") return false;
  if ((said("Subtype") ?? "Widget") !== "Widget" || hasLook(view, dict) || takesRoom(view, dict))
    return false;
  return [...entries].every(([key, value]) => {
    if (!FIELD_KEYS.has(key)) return false;
    const num = as(value, "ref")?.num;
    if (num === undefined) return isScalar(value) || isScalars(value);
    const to = as(view.object(num), "dict");
    if (key === "P") return nameOf(to?.entries.get("Type")) === "Page";
    return key === "V" && added.has(num) && to !== undefined && isPlainSignature(to);
  });
}

function isPlainSignature({ entries }: PdfDict): boolean {
  const type = nameOf(entries.get("Type"));
  if (type !== "Sig" && type !== "DocTimeStamp") return false;
  // A name without a full stop could be that of a colour space.
  const filter = nameOf(entries.get("Filter"));
  if (filter !== undefined && !filter.includes(".")) return false;
  return [...entries].every(
    ([key, value]) =>
      SIGNATURE_KEYS.has(key) &&
      (isScalar(value) || isScalars(value) || (key === "Reference" && as(value, "array") !== undefined)),
  );
}

function isPlainForm({ entries }: PdfDict): boolean {
  const fields = as(entries.get("Fields"), "array")?.items;
  if (fields?.every((item) => as(item, "ref") !== undefined) !== true) return false;
  const [flags, defaults] = [entries.get("SigFlags"), entries.get("DA")];
  return (
    [...entries.keys()].every((key) => FORM_KEYS.has(key)) &&
    (flags === undefined || countOf(flags) !== undefined) &&
    (defaults === undefined || as(defaults, "string") !== undefined)
  );
}

const isScalar = (value: PdfObject): boolean =>
  value === null || typeof value === "boolean" || ["number", "string", "name"].includes(value.type);

/** Names are left out: an array that begins with one may be a colour space. */
const isScalars = (value: PdfObject): boolean =>
  as(value, "array")?.items.every(
    (item) => as(item, "number") !== undefined || as(item, "string") !== undefined,
  ) ?? false;

function keySet(keys: string): ReadonlySet<string> {
  return new Set(keys.split(" "));
}
