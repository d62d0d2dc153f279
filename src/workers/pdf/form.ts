import type { RevisionDraft } from "./draft.ts";
import { catalogOf, type PdfPage } from "./pages.ts";
import { damaged } from "./refused.ts";
import {
  array,
  as,
  countOf,
  dict,
  integer,
  type PdfDict,
  type PdfObject,
  type PdfRef,
  withEntries,
} from "./syntax/objects.ts";

// SignaturesExist and AppendOnly (ISO 32000-2, table 225).
const SIGNATURE_FLAGS = 3;

/** Sets entries of the document's catalog. */
export function changeCatalog(draft: RevisionDraft, entries: Iterable<readonly [string, PdfObject]>): void {
  const { ref, dict: known } = catalogOf(draft.view);
  draft.change(ref, withEntries(draft.dict(ref) ?? known, entries));
}

/** Puts an annotation on a page. */
export function annotate(draft: RevisionDraft, page: PdfPage, annotation: PdfRef): void {
  const current = draft.dict(page.ref) ?? page.dict;
  const value = current.entries.get("Annots");
  const annotations = draft.resolve(value);
  const known = as(annotations, "array");
  if (known === undefined && annotations !== null) throw damaged("an /Annots that is no array");
  const grown = array([...(known?.items ?? []), annotation]);
  const holder = as(value, "ref");
  if (holder !== undefined && known !== undefined) draft.change(holder, grown);
  else draft.change(page.ref, withEntries(current, [["Annots", grown]]));
}

/** Says in the form that signatures exist, and makes new fields part of it; a document without a form gets one. */
export function enlist(draft: RevisionDraft, added: readonly PdfRef[]): void {
  const catalog = catalogOf(draft.view);
  const formValue = (draft.dict(catalog.ref) ?? catalog.dict).entries.get("AcroForm");
  const form = as(draft.resolve(formValue), "dict");
  if (form === undefined) {
    if (draft.resolve(formValue) !== null) throw damaged("an /AcroForm that is no dictionary");
    const created = draft.add(
      dict([
        ["Fields", array(added)],
        ["SigFlags", integer(SIGNATURE_FLAGS)],
      ]),
    );
    changeCatalog(draft, [["AcroForm", created]]);
    return;
  }
  const changes = [...grownFields(draft, form, added), ...raisedFlags(draft, form)];
  if (changes.length === 0) return;
  const changed = withEntries(form, changes);
  const holder = as(formValue, "ref");
  if (holder !== undefined) draft.change(holder, changed);
  else changeCatalog(draft, [["AcroForm", changed]]);
}

function grownFields(draft: RevisionDraft, form: PdfDict, added: readonly PdfRef[]): [string, PdfObject][] {
  if (added.length === 0) return [];
  const value = form.entries.get("Fields");
  const fields = as(draft.resolve(value), "array");
  const grown = array([...(fields?.items ?? []), ...added]);
  const holder = as(value, "ref");
  if (holder === undefined || fields === undefined) return [["Fields", grown]];
  draft.change(holder, grown);
  return [];
}

function raisedFlags(draft: RevisionDraft, form: PdfDict): [string, PdfObject][] {
  const flags = countOf(draft.resolve(form.entries.get("SigFlags"))) ?? 0;
  if ((flags & SIGNATURE_FLAGS) === SIGNATURE_FLAGS) return [];
  return [["SigFlags", integer(flags | SIGNATURE_FLAGS)]];
}
