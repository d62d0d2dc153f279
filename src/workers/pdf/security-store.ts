import { catalogOf } from "./pages.ts";
import { anyRefersTo, refersTo } from "./references.ts";
import { as, dict, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

/** The lists of the store, and those of an entry for one signature (EN 319 142-1, 5.4.2.2 and 5.4.2.3). */
export const storeLists = [
  { key: "Certs", entryKey: "Cert", of: "certificates" },
  { key: "CRLs", entryKey: "CRL", of: "crls" },
  { key: "OCSPs", entryKey: "OCSP", of: "ocsps" },
] as const;

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
  for (const { key } of storeLists) member(store.entries.get(key));
  for (const value of member(store.entries.get("VRI"))?.entries.values() ?? []) {
    const entry = member(value);
    for (const { entryKey } of storeLists) member(entry?.entries.get(entryKey));
  }
  if (numbers.size === 0) return numbers;
  const restOfCatalog = dict([...catalog.dict.entries].filter(([key]) => key !== "DSS"));
  const shared =
    numbers.has(catalog.ref.num) ||
    refersTo(restOfCatalog, numbers) ||
    anyRefersTo(view, numbers, new Set([...numbers, catalog.ref.num]));
  return shared ? new Set() : numbers;
}
