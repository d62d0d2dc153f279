import { catalogOf } from "./pages.ts";
import { anyRefersTo, refersTo } from "./references.ts";
import { as, dict, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

const STORE_LISTS = ["Certs", "OCSPs", "CRLs"];
const ENTRY_LISTS = ["Cert", "OCSP", "CRL"];

/**
 * The numbers of the dictionaries and lists of the document security store (ETSI EN 319 142-1, 5.4.2) that a later
 * revision may write anew: none at all when something else of the document also uses one of them, for such an object
 * could show.
 */
export function securityStoreOf(view: PdfView): ReadonlySet<number> {
  const catalog = catalogOf(view);
  const numbers = new Set<number>();
  const member = (value: PdfObject | undefined): PdfDict | undefined => {
    const reference = as(value, "ref");
    if (reference !== undefined) numbers.add(reference.num);
    return as(view.resolve(value), "dict");
  };
  const store = member(catalog.dict.entries.get("DSS"));
  if (store === undefined) return new Set();
  for (const key of STORE_LISTS) member(store.entries.get(key));
  for (const value of member(store.entries.get("VRI"))?.entries.values() ?? []) {
    const entry = member(value);
    for (const key of ENTRY_LISTS) member(entry?.entries.get(key));
  }
  if (numbers.size === 0) return numbers;
  const restOfCatalog = dict([...catalog.dict.entries].filter(([key]) => key !== "DSS"));
  const shared =
    numbers.has(catalog.ref.num) ||
    refersTo(restOfCatalog, numbers) ||
    anyRefersTo(view, numbers, new Set([...numbers, catalog.ref.num]));
  return shared ? new Set() : numbers;
}
