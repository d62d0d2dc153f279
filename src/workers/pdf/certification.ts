import type { RevisionDraft } from "./draft.ts";
import { signatureFieldsOf } from "./fields.ts";
import { changeCatalog } from "./form.ts";
import { catalogOf } from "./pages.ts";
import { PdfRefused } from "./refused.ts";
import {
  array,
  as,
  dict,
  integer,
  name,
  type PdfDict,
  type PdfObject,
  type PdfRef,
  withEntries,
} from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

// Filling in forms and signing (ISO 32000-2, table 257): what the signatures to come are.
const SIGNATURES_ALLOWED = 2;

/** Throws `PdfRefused` (`certify_not_first`) when the document has a signature, of which a certification must be the first. */
export function refuseIfSigned(view: PdfView): void {
  const perms = view.dict(catalogOf(view).dict.entries.get("Perms"));
  const isCertified = view.dict(perms?.entries.get("DocMDP")) !== undefined;
  const isSigned = [...signatureFieldsOf(view)].some(({ value }) => view.resolve(value) !== null);
  if (isCertified || isSigned) throw new PdfRefused("certify_not_first", "the document has a signature");
}

/** Makes the catalog say that `signature` certifies (12.8.6), and answers the reference that the signature needs (12.8.2.2). */
export function certify(draft: RevisionDraft, signature: PdfRef): PdfObject {
  const catalog = catalogOf(draft.view);
  const value = (draft.dict(catalog.ref) ?? catalog.dict).entries.get("Perms");
  const known = draft.dict(value);
  const changed = withEntries(known ?? dict([]), [["DocMDP", signature]]);
  const holder = as(value, "ref");
  if (holder === undefined || known === undefined) changeCatalog(draft, [["Perms", changed]]);
  else draft.change(holder, changed);
  return reference("DocMDP", [["P", integer(SIGNATURES_ALLOWED)]]);
}

/** A lock of all fields, ours to come too (table 236). */
export function lockOfAll(): PdfDict {
  return dict([
    ["Type", name("SigFieldLock")],
    ["Action", name("All")],
  ]);
}

/** The reference by which a signature puts its field's lock in force (12.8.2.4). */
export function putLock(draft: RevisionDraft, lock: PdfDict): PdfObject {
  const parameters = ["Action", "Fields"].flatMap((key): [string, PdfObject][] => {
    const value = draft.resolve(lock.entries.get(key));
    return value === null ? [] : [[key, value]];
  });
  return reference("FieldMDP", parameters, [["Data", catalogOf(draft.view).ref]]);
}

function reference(
  method: string,
  parameters: readonly [string, PdfObject][],
  more: readonly [string, PdfObject][] = [],
): PdfObject {
  return dict([
    ["Type", name("SigRef")],
    ["TransformMethod", name(method)],
    ["TransformParams", dict([["Type", name("TransformParams")], ...parameters, ["V", name("1.2")]])],
    ...more,
  ]);
}

/** The entry of a signature dictionary with its references, if it has any. */
export function referencesEntry(references: readonly PdfObject[]): [string, PdfObject][] {
  return references.length === 0 ? [] : [["Reference", array(references)]];
}
