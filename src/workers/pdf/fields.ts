import { catalogOf } from "./pages.ts";
import { PdfRefused } from "./refused.ts";
import { as, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import { decodeText } from "./syntax/text.ts";
import type { PdfView } from "./view.ts";

const MAX_FIELD_DEPTH = 50;
// Over what an upload may have of objects, each field being one: a form that was accepted can grow by signatures.
const MAX_FIELDS = 250_000;

/** A field of the form: its full name, inherited type, own dictionary, and the number of the object that holds it. */
export interface FormField {
  readonly name: string;
  readonly type: string | undefined;
  readonly dict: PdfDict;
  readonly holder: number;
}

/** A signature field with its value, if it has one. */
export interface SignatureField extends FormField {
  readonly value: PdfObject;
}

interface WaitingField {
  readonly object: PdfObject;
  readonly prefix: string;
  readonly type: string | undefined;
  readonly depth: number;
  readonly above: WaitingField | undefined;
}

/** The dictionary of the interactive form, or undefined. */
export function formOf(view: PdfView): PdfDict | undefined {
  return view.dict(catalogOf(view).dict.entries.get("AcroForm"));
}

/** All fields and their kids, each object once; throws `PdfRefused` for a form that is too deep or too large. */
export function* fieldsOf(view: PdfView): Generator<FormField> {
  const stack: WaitingField[] = [];
  const seen = new Set<number>();
  for (const object of view.items(formOf(view)?.entries.get("Fields"))) {
    stack.push({ object, prefix: "", type: undefined, depth: 0, above: undefined });
  }
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const holder = as(next.object, "ref")?.num;
    const dict = view.dict(next.object);
    // A field must be indirect (ISO 32000-2, 12.7.4.1).
    if (holder === undefined || dict === undefined) continue;
    // Some writers list a kid with the fields too: only a field that is its own ancestor goes round.
    for (let above = next.above; above !== undefined; above = above.above)
      if (as(above.object, "ref")?.num === holder)
        throw new PdfRefused("pdf_cyclic", "a field within itself");
    if (seen.has(holder)) continue;
    seen.add(holder);
    if (seen.size > MAX_FIELDS)
      throw new PdfRefused("pdf_too_many_objects", `over ${MAX_FIELDS} form fields`);
    if (next.depth > MAX_FIELD_DEPTH)
      throw new PdfRefused("pdf_too_deep", `fields over ${MAX_FIELD_DEPTH} deep`);
    const title = as(view.resolve(dict.entries.get("T")), "string");
    const own = title === undefined ? "" : decodeText(title.bytes);
    const name = [next.prefix, own].filter((part) => part !== "").join(".");
    const type = nameOf(view.resolve(dict.entries.get("FT"))) ?? next.type;
    yield { name, type, dict, holder };
    for (const object of view.items(dict.entries.get("Kids"))) {
      stack.push({ object, prefix: name, type, depth: next.depth + 1, above: next });
    }
  }
}

/** The signature fields, signed or not. */
export function* signatureFieldsOf(view: PdfView): Generator<SignatureField> {
  for (const field of fieldsOf(view)) {
    if (field.type === "Sig") yield { ...field, value: field.dict.entries.get("V") ?? null };
  }
}
