import type { PdfDict, PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

const MAX_PARENTS = 50;

/** An entry of a page or a field, its own or the nearest parent's (ISO 32000-2, 7.7.3.4 and 12.7.4.1); else null. */
export function inherited(view: PdfView, dict: PdfDict, key: string): PdfObject {
  let current: PdfDict | undefined = dict;
  for (let i = 0; current !== undefined && i <= MAX_PARENTS; i++) {
    const value = view.resolve(current.entries.get(key));
    if (value !== null) return value;
    current = view.dict(current.entries.get("Parent"));
  }
  return null;
}
