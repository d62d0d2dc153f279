import { type SignatureField, signatureFieldsOf } from "./fields.ts";
import { catalogOf } from "./pages.ts";
import { PdfRefused } from "./refused.ts";
import { fieldsNamedBy, transformsOf } from "./restrictions.ts";
import { countOf, nameOf, type PdfDict } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

/**
 * Throws `PdfRefused` (`pdf_certified_no_changes`) when a signature that the document has forbids one more: by its
 * certification (ISO 32000-2, 12.8.2.2, /P 1), or by locking the field (12.8.2.4, table 236): `existing`, the full name
 * of an empty one, or a new one. Answers the names of single fields that are locked, which a new field must not take.
 */
export function lockedNames(view: PdfView, existing?: string): ReadonlySet<string> {
  const locked: Locked = { names: new Set(), existing };
  const catalog = catalogOf(view).dict;
  const certification = view.dict(view.dict(catalog.entries.get("Perms"))?.entries.get("DocMDP"));
  if (certification !== undefined) heed(view, certification, locked);
  for (const field of signatureFieldsOf(view)) {
    const value = view.dict(field.value);
    if (value === undefined) continue;
    heed(view, value, locked);
    const lock = lockOf(view, field);
    if (lock !== undefined) heedLock(view, lock, locked);
  }
  return locked.names;
}

/** The names locked so far, and that of the field to be signed, if the document has it already. */
interface Locked {
  readonly names: Set<string>;
  readonly existing: string | undefined;
}

function lockOf(view: PdfView, { dict }: SignatureField): PdfDict | undefined {
  return view.dict(dict.entries.get("Lock"));
}

function heed(view: PdfView, signature: PdfDict, locked: Locked): void {
  for (const { method, parameters } of transformsOf(view, signature)) {
    if (method === "DocMDP") refuseIfNothingAllowed(view, parameters);
    if (method === "FieldMDP") heedLock(view, parameters, locked);
  }
}

function heedLock(view: PdfView, lock: PdfDict, locked: Locked): void {
  refuseIfNothingAllowed(view, lock);
  const action = nameOf(view.resolve(lock.entries.get("Action")));
  const fields = fieldsNamedBy(view, lock);
  const { existing, names } = locked;
  const isListed = existing !== undefined && fields.some((name) => isWithin(existing, name));
  // What "Exclude" lists stays free; a new field is none of those.
  if (action === "All" || (action === "Exclude" && !isListed)) throw forbidden("every field is locked");
  if (action !== "Include") return;
  if (isListed) throw forbidden("the field is locked");
  for (const name of fields) names.add(name);
}

// A field's name stands for all beneath it too.
function isWithin(name: string, listed: string): boolean {
  return name === listed || name.startsWith(`${listed}.`);
}

function refuseIfNothingAllowed(view: PdfView, parameters: PdfDict): void {
  if (countOf(view.resolve(parameters.entries.get("P"))) === 1) throw forbidden("no change is allowed");
}

function forbidden(detail: string): PdfRefused {
  return new PdfRefused("pdf_certified_no_changes", detail);
}
