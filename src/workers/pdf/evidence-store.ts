import { createHash } from "node:crypto";
import type { RevisionDraft } from "./draft.ts";
import { decodeStream, InflationBudget } from "./filters.ts";
import { catalogOf } from "./pages.ts";
import { PdfRefused } from "./refused.ts";
import { storeLists } from "./security-store.ts";
import { array, as, dict, type PdfDict, type PdfObject, type PdfRef } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

/** What a check of a signature will need, each in DER. */
export interface Evidence {
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  readonly ocsps: readonly Uint8Array[];
}

/** Evidence for one signature or timestamp of the document; `contents` is its whole /Contents, padding included. */
export interface SignatureEvidence extends Evidence {
  readonly contents: Uint8Array;
}

/** The document security store of this document, as others or we have left it, or undefined. */
export function storeOf(view: PdfView): PdfDict | undefined {
  return as(view.resolve(catalogOf(view).dict.entries.get("DSS")), "dict");
}

/** All that the store holds and that can be read. */
export function readEvidence(view: PdfView): Evidence {
  const held = { certificates: [] as Uint8Array[], crls: [] as Uint8Array[], ocsps: [] as Uint8Array[] };
  const store = storeOf(view);
  for (const { key, of } of storeLists) {
    for (const { bytes } of streamsOf(view, store?.entries.get(key))) held[of].push(bytes);
  }
  return held;
}

/**
 * Drafts what the document does not have yet, and answers its new store: all that was there, and this, each once. The
 * /VRI entry of a signature is named by the SHA-1 of its /Contents (EN 319 142-1, 5.4.2.3): a name, not a proof. It
 * may be left out, and is when no signature or timestamp covers the store: nothing would tell that it was changed. Nor are
 * the streams deflated: what they hold hardly shrinks, and a deflated one could change a bit and stay the same.
 */
export function draftStore(
  draft: RevisionDraft,
  evidence: readonly SignatureEvidence[],
  isCovered: boolean,
): PdfRef {
  const { view } = draft;
  const store = storeOf(view)?.entries ?? new Map<string, PdfObject>();
  const entries = new Map(store);
  const placed = new Map<string, PdfRef>();
  for (const { key, of } of storeLists) {
    for (const { bytes, at } of streamsOf(view, store.get(key))) placed.set(nameOf(of, bytes), at);
    const added = new Set<PdfRef>();
    for (const bytes of evidence.flatMap((signature) => signature[of])) {
      const digest = nameOf(of, bytes);
      if (placed.has(digest)) continue;
      const at = draft.add(dict([]), bytes);
      placed.set(digest, at);
      added.add(at);
    }
    if (added.size > 0) entries.set(key, array([...view.items(store.get(key)), ...added]));
  }
  if (!isCovered) return draft.add(dict(entries));
  const perSignature = new Map(view.dict(store.get("VRI"))?.entries);
  for (const signature of evidence) {
    const key = createHash("sha1").update(signature.contents).digest("hex").toUpperCase();
    // One that is there stays to the letter: an earlier timestamp covers it, and validators take a change for tampering.
    if (!perSignature.has(key)) perSignature.set(key, entryOf(signature, placed));
  }
  return draft.add(dict([...entries, ["VRI", dict(perSignature)]]));
}

function entryOf(signature: SignatureEvidence, placed: ReadonlyMap<string, PdfRef>): PdfDict {
  const entries = new Map<string, PdfObject>();
  for (const { entryKey, of } of storeLists) {
    const refs = new Map<number, PdfRef>();
    for (const bytes of signature[of]) {
      const at = placed.get(nameOf(of, bytes));
      if (at !== undefined) refs.set(at.num, at);
    }
    if (refs.size > 0) entries.set(entryKey, array([...refs.values()]));
  }
  return dict(entries);
}

const nameOf = (list: string, bytes: Uint8Array): string =>
  `${list} ${createHash("sha256").update(bytes).digest("hex")}`;

/** The streams of a list with their bytes; one that cannot be read is passed over, and stays where it is. */
function streamsOf(view: PdfView, list: PdfObject | undefined): { at: PdfRef; bytes: Uint8Array }[] {
  const budget = new InflationBudget();
  return view.items(list).flatMap((item) => {
    const at = as(item, "ref");
    try {
      const stream = as(view.resolve(item), "stream");
      if (at === undefined || stream === undefined) return [];
      const resolve = (object: PdfObject | undefined) => view.resolve(object);
      return [{ at, bytes: decodeStream(view.raw(stream), stream.dict, resolve, budget) }];
    } catch (error) {
      if (error instanceof PdfRefused) return [];
      throw error;
    }
  });
}
