import { type SignatureField, signatureFieldsOf } from "./fields.ts";
import { catalogOf } from "./pages.ts";
import { PdfRefused } from "./refused.ts";
import { as, countOf, nameOf, type PdfDict } from "./syntax/objects.ts";
import { decodeText } from "./syntax/text.ts";
import type { PdfView } from "./view.ts";

/**
 * Throws `PdfRefused` (`pdf_certified_no_changes`) when a signature that the document has forbids one more in a new
 * field: by its certification (ISO 32000-2, 12.8.2.2, /P 1), or by locking every field, ours too (12.8.2.4, table 236).
 * Answers the names of single fields that are locked, which a new field must not take.
 */
export function lockedNames(view: PdfView): ReadonlySet<string> {
  const names = new Set<string>();
  const catalog = catalogOf(view).dict;
  const certification = view.dict(view.dict(catalog.entries.get("Perms"))?.entries.get("DocMDP"));
  if (certification !== undefined) heed(view, certification, names);
  for (const field of signatureFieldsOf(view)) {
    const value = view.dict(field.value);
    if (value === undefined) continue;
    heed(view, value, names);
    const lock = lockOf(view, field);
    if (lock !== undefined) heedLock(view, lock, names);
  }
  return names;
}

function lockOf(view: PdfView, { dict }: SignatureField): PdfDict | undefined {
  return view.dict(dict.entries.get("Lock"));
}

function heed(view: PdfView, signature: PdfDict, names: Set<string>): void {
  for (const item of view.items(signature.entries.get("Reference"))) {
    const reference = view.dict(item)?.entries;
    const method = nameOf(view.resolve(reference?.get("TransformMethod")));
    const parameters = view.dict(reference?.get("TransformParams"));
    if (parameters === undefined) continue;
    if (method === "DocMDP") refuseIfNothingAllowed(view, parameters);
    if (method === "FieldMDP") heedLock(view, parameters, names);
  }
}

function heedLock(view: PdfView, lock: PdfDict, names: Set<string>): void {
  refuseIfNothingAllowed(view, lock);
  const action = nameOf(view.resolve(lock.entries.get("Action")));
  // What "Exclude" lists stays free; a new field is none of those.
  if (action === "All" || action === "Exclude") throw forbidden("every field is locked");
  if (action !== "Include") return;
  for (const item of view.items(lock.entries.get("Fields"))) {
    const title = as(view.resolve(item), "string");
    if (title !== undefined) names.add(decodeText(title.bytes));
  }
}

function refuseIfNothingAllowed(view: PdfView, parameters: PdfDict): void {
  if (countOf(view.resolve(parameters.entries.get("P"))) === 1) throw forbidden("no change is allowed");
}

function forbidden(detail: string): PdfRefused {
  return new PdfRefused("pdf_certified_no_changes", detail);
}
