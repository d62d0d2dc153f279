import type { RevisionDraft } from "./draft.ts";
import { type FormField, fieldsOf } from "./fields.ts";
import { inherited } from "./inherited.ts";
import { pagesOf } from "./pages.ts";
import { PdfRefused } from "./refused.ts";
import { heedSeedValue, type PlannedSignature } from "./seed-value.ts";
import { drawStamp, type StampContent } from "./stamp/appearance.ts";
import { sightOf, sizeOf, turnOf, uprightMatrix } from "./stamp/place.ts";
import {
  as,
  countOf,
  dict,
  integer,
  nameOf,
  type PdfDict,
  type PdfRef,
  ref,
  withEntries,
} from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

const READ_ONLY = 1;
// ISO 32000-2, table 167.
const HIDDEN = 2;
const NO_VIEW = 32;
const PRINT_AND_LOCKED = 132;

/**
 * Makes `signature` the value of an empty signature field that the document has, by its full name, and shows `stamp`
 * in its widgets, where they have room for it; their places stay as they are. Answers the field's own lock (table 235),
 * if it has one. Throws `PdfRefused` (`field_missing`, `field_taken`, `field_read_only`, `field_seed_value`).
 */
export function fillField(
  draft: RevisionDraft,
  fullName: string,
  signature: PdfRef,
  stamp: StampContent | undefined,
  planned: Omit<PlannedSignature, "isVisible">,
): PdfDict | undefined {
  const { view } = draft;
  const field = emptyField(view, fullName);
  const own = ref(field.holder, 0);
  const kids = view.items(field.dict.entries.get("Kids")).flatMap((kid) => as(kid, "ref") ?? []);
  const widgets = kids.length === 0 ? [own] : kids;
  const isVisible = widgets.some((widget) => stamp !== undefined && placeOf(view, widget) !== undefined);
  const seed = view.dict(field.dict.entries.get("SV"));
  if (seed !== undefined) heedSeedValue(view, seed, { ...planned, isVisible });
  draft.change(own, withEntries(field.dict, [["V", signature]]));
  if (stamp !== undefined) for (const widget of widgets) stampWidget(draft, widget, stamp);
  return view.dict(field.dict.entries.get("Lock"));
}

function emptyField(view: PdfView, fullName: string): FormField {
  for (const field of fieldsOf(view)) {
    // Kids without a name of their own are the widgets of a field that came before them.
    if (field.name !== fullName || !field.dict.entries.has("T")) continue;
    if (field.type !== "Sig" || hasFields(view, field.dict))
      throw new PdfRefused("field_missing", "the field is for something else than a signature");
    if (inherited(view, field.dict, "V") !== null)
      throw new PdfRefused("field_taken", "the field is signed already");
    if (((countOf(inherited(view, field.dict, "Ff")) ?? 0) & READ_ONLY) !== 0)
      throw new PdfRefused("field_read_only", "the field is read-only");
    return field;
  }
  throw new PdfRefused("field_missing", "no field of that name");
}

function hasFields(view: PdfView, field: PdfDict): boolean {
  return view.items(field.entries.get("Kids")).some((kid) => view.dict(kid)?.entries.has("T"));
}

function stampWidget(draft: RevisionDraft, widget: PdfRef, stamp: StampContent): void {
  const place = placeOf(draft.view, widget);
  const current = draft.dict(widget);
  if (place === undefined || current === undefined) return;
  const flags = countOf(draft.resolve(current.entries.get("F"))) ?? 0;
  const drawn = drawStamp(draft, stamp, place);
  draft.change(
    widget,
    withEntries(current, [
      ["AP", dict([["N", drawn]])],
      ["F", integer(flags | PRINT_AND_LOCKED)],
    ]),
  );
}

// Undefined for a widget that shows nothing: its author made the field for an invisible signature.
function placeOf(view: PdfView, widget: PdfRef) {
  const found = view.dict(widget);
  if (found === undefined || nameOf(view.resolve(found.entries.get("Subtype"))) !== "Widget")
    return undefined;
  const flags = countOf(view.resolve(found.entries.get("F"))) ?? 0;
  if ((flags & (HIDDEN | NO_VIEW)) !== 0) return undefined;
  const page = view.dict(found.entries.get("P")) ?? pageOf(view, widget);
  const sight = sightOf(view, page ?? dict([]));
  const own = view.resolve(view.dict(found.entries.get("MK"))?.entries.get("R"));
  const turn = own === null ? sight.turn : turnOf(own);
  const size = sizeOf(view, view.resolve(found.entries.get("Rect")), turn, sight.unit);
  return size && { ...size, matrix: uprightMatrix(turn, size.width, size.height) };
}

// /P may be missing (table 166): then only the pages know.
function pageOf(view: PdfView, { num }: PdfRef): PdfDict | undefined {
  for (const page of pagesOf(view)) {
    const annotations = view.items(page.dict.entries.get("Annots"));
    if (annotations.some((item) => as(item, "ref")?.num === num)) return page.dict;
  }
  return undefined;
}
