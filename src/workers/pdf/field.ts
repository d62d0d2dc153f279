import { catalogOf, firstPageOf, type PdfPage } from "./pages.ts";
import { lockedNames } from "./permissions.ts";
import { damaged } from "./refused.ts";
import {
  array,
  as,
  countOf,
  dict,
  integer,
  name,
  type PdfDict,
  type PdfObject,
  type PdfRef,
  ref,
  string,
  withEntries,
} from "./syntax/objects.ts";
import { decodeText, encodeText } from "./syntax/text.ts";
import type { PdfView } from "./view.ts";

/** An object that a revision adds or redefines. */
export interface RevisedObject {
  readonly num: number;
  readonly gen: number;
  readonly object: PdfObject;
}

// Print and Locked (ISO 32000-2, table 167): invisible by its empty rectangle, not by the Hidden flag.
const WIDGET_FLAGS = 132;
// SignaturesExist and AppendOnly (ISO 32000-2, table 225).
const SIGNATURE_FLAGS = 3;
const MAX_FIELDS = 100_000;

/**
 * The objects that give the document an invisible signature field whose value is `signature`; `next` hands out new
 * object numbers. Throws `PdfRefused`.
 */
export function placeField(
  view: PdfView,
  signature: PdfRef,
  wantedName: string | undefined,
  next: () => number,
): RevisedObject[] {
  const catalog = catalogOf(view);
  const locked = lockedNames(view);
  const page = firstPageOf(view);
  const formValue = catalog.dict.entries.get("AcroForm");
  const form = view.resolve(formValue) === null ? undefined : as(view.resolve(formValue), "dict");
  if (form === undefined && view.resolve(formValue) !== null)
    throw damaged("an /AcroForm that is no dictionary");
  const field = ref(next(), 0);
  const widget = dict([
    ["Type", name("Annot")],
    ["Subtype", name("Widget")],
    ["FT", name("Sig")],
    ["T", string(encodeText(freeName(view, form, wantedName, locked)))],
    ["V", signature],
    ["F", integer(WIDGET_FLAGS)],
    ["Rect", array([integer(0), integer(0), integer(0), integer(0)])],
    ["P", page.ref],
  ]);
  return [
    { num: field.num, gen: 0, object: widget },
    ...annotate(view, page, field),
    ...enlistField(view, catalog, form, field, next),
  ];
}

function annotate(view: PdfView, page: PdfPage, field: PdfRef): RevisedObject[] {
  const value = page.dict.entries.get("Annots");
  const annotations = view.resolve(value);
  const known = as(annotations, "array");
  if (known === undefined && annotations !== null) throw damaged("an /Annots that is no array");
  const grown = array([...(known?.items ?? []), field]);
  const holder = as(value, "ref");
  if (holder !== undefined && known !== undefined) return [revised(view, holder, grown)];
  return [revised(view, page.ref, withEntries(page.dict, [["Annots", grown]]))];
}

function enlistField(
  view: PdfView,
  catalog: PdfPage,
  form: PdfDict | undefined,
  field: PdfRef,
  next: () => number,
): RevisedObject[] {
  if (form === undefined) {
    const created = dict([
      ["Fields", array([field])],
      ["SigFlags", integer(SIGNATURE_FLAGS)],
    ]);
    const num = next();
    const grown = withEntries(catalog.dict, [["AcroForm", ref(num, 0)]]);
    return [{ num, gen: 0, object: created }, revised(view, catalog.ref, grown)];
  }
  const changes: [string, PdfObject][] = [];
  const objects: RevisedObject[] = [];
  const fieldsValue = form.entries.get("Fields");
  const fields = as(view.resolve(fieldsValue), "array");
  const grown = array([...(fields?.items ?? []), field]);
  const holder = as(fieldsValue, "ref");
  if (holder !== undefined && fields !== undefined) objects.push(revised(view, holder, grown));
  else changes.push(["Fields", grown]);
  const flags = countOf(view.resolve(form.entries.get("SigFlags"))) ?? 0;
  if ((flags & SIGNATURE_FLAGS) !== SIGNATURE_FLAGS)
    changes.push(["SigFlags", integer(flags | SIGNATURE_FLAGS)]);
  if (changes.length === 0) return objects;
  const updated = withEntries(form, changes);
  const formHolder = as(catalog.dict.entries.get("AcroForm"), "ref");
  if (formHolder !== undefined) return [...objects, revised(view, formHolder, updated)];
  return [...objects, revised(view, catalog.ref, withEntries(catalog.dict, [["AcroForm", updated]]))];
}

/** The object of that reference, to be redefined under the generation that it has. */
export function revised(view: PdfView, holder: PdfRef, object: PdfObject): RevisedObject {
  const entry = view.find(holder.num);
  return { num: holder.num, gen: entry?.kind === "offset" ? entry.gen : 0, object };
}

// A partial name holds no full stop, which separates the parts of a full name (ISO 32000-2, 12.7.4.2).
function freeName(
  view: PdfView,
  form: PdfDict | undefined,
  wanted: string | undefined,
  locked: ReadonlySet<string>,
): string {
  const taken = new Set(locked);
  for (const item of view.items(form?.entries.get("Fields")).slice(0, MAX_FIELDS)) {
    const title = as(view.resolve(view.dict(item)?.entries.get("T")), "string");
    if (title !== undefined) taken.add(decodeText(title.bytes));
  }
  const base = wanted?.replaceAll(".", "_") ?? "Signature";
  if (wanted !== undefined && !taken.has(base)) return base;
  let n = 1;
  while (taken.has(`${base}${n}`)) n++;
  return `${base}${n}`;
}
