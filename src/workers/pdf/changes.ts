import { itemsAdded, sameEntries, sameObject } from "./compare.ts";
import { catalogOf } from "./pages.ts";
import { anyRefersTo } from "./references.ts";
import { PdfRefused } from "./refused.ts";
import { securityStoreOf } from "./security-store.ts";
import { as, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import { type PdfTail, rootOf } from "./tail.ts";
import type { PdfView } from "./view.ts";
import type { XrefSection } from "./xref.ts";

/** What happened to a document: nothing, only what further signatures need, or anything else. */
export type ChangedAfter = "nothing" | "signatures-only" | "other";

const ORDER: readonly ChangedAfter[] = ["nothing", "signatures-only", "other"];
const FIELD_KEYS_FILLED_BY_SIGNING = ["V", "AP", "M", "F"];
const FORM_KEYS_OF_A_NEW_FORM = ["Fields", "SigFlags", "DR", "DA"];
const MAX_REACHED = 200_000;
// ISO 32000-2, tables 166, 191, 226 and 234; 255; 224.
const FIELD_KEYS = keySet(
  "Type Subtype FT T TU TM V F Ff Rect P AP AS MK Lock SV Parent Kids NM M BS Border C DA Contents StructParent",
);
const SIGNATURE_KEYS = keySet(
  "Type Filter SubFilter Contents Cert ByteRange Reference Changes Name M Location Reason ContactInfo R V Prop_Build Prop_AuthTime Prop_AuthType",
);
const FORM_KEYS = keySet("Fields SigFlags DA");

/** The graver of two changes. */
export function worseChange(a: ChangedAfter, b: ChangedAfter): ChangedAfter {
  return ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;
}

/**
 * What the revision of that index (0 is the newest) did to the one before it, object by object. Whatever cannot be
 * read counts as "other".
 */
export function changeOf(pdf: PdfTail, revision: number): ChangedAfter {
  const newer = pdf.revisions[revision];
  const older = pdf.revisions[revision + 1];
  if (newer === undefined || older?.eof === undefined) return "other";
  try {
    if (!staysWithin(pdf.sections.slice(older.section), older.eof)) return "other";
    const sections = pdf.sections.slice(newer.section, newer.section + newer.sections);
    const numbers = new Set(sections.flatMap((section) => [...section.numbers()]));
    const comparison = new Comparison(pdf.view(older.section), pdf.view(newer.section));
    return comparison.onlySignatures(numbers) ? "signatures-only" : "other";
  } catch (error) {
    if (error instanceof PdfRefused) return "other";
    throw error;
  }
}

/** Compares a document before and after one revision. */
class Comparison {
  readonly #before: PdfView;
  readonly #after: PdfView;
  /** Objects that the revision may bring: what its new fields, forms and security stores lead to. */
  readonly #welcome = new Set<number>();
  #store: ReadonlySet<number> | undefined;

  constructor(before: PdfView, after: PdfView) {
    this.#before = before;
    this.#after = after;
  }

  onlySignatures(numbers: ReadonlySet<number>): boolean {
    if (!this.#sameTrailer()) return false;
    const added: number[] = [];
    for (const num of [...numbers].sort((a, b) => a - b)) {
      if (this.#samePlace(num)) continue;
      const known = this.#before.find(num);
      if (known === undefined || known.kind === "free") {
        if (this.#after.find(num)?.kind !== "free") added.push(num);
      } else if (!this.#mayBecome(num)) return false;
    }
    return added.every((num) => this.#welcome.has(num) || this.#isStructure(num)) && this.#noneAwaited(added);
  }

  #sameTrailer(): boolean {
    const before = this.#before.sections[0]?.trailer;
    const after = this.#after.sections[0]?.trailer;
    if (before === undefined || after === undefined) return false;
    const same = (key: string) =>
      sameObject(before.entries.get(key) ?? null, after.entries.get(key) ?? null, this.#before, this.#after);
    return rootOf(before).num === rootOf(after).num && same("Root") && same("Info");
  }

  #samePlace(num: number): boolean {
    const a = this.#before.find(num);
    const b = this.#after.find(num);
    if (a?.kind === "offset" && b?.kind === "offset") return a.offset === b.offset && a.gen === b.gen;
    // The same place in an object stream holds the same only if the stream itself was not redefined: it has its own turn.
    if (a?.kind === "compressed" && b?.kind === "compressed")
      return a.stream === b.stream && a.index === b.index;
    return (a === undefined || a.kind === "free") && (b === undefined || b.kind === "free");
  }

  #mayBecome(num: number): boolean {
    const before = this.#before.object(num);
    const after = this.#after.object(num);
    if (sameObject(before, after, this.#before, this.#after)) return true;
    const catalog = catalogOf(this.#before);
    if (num === catalog.ref.num) return this.#catalogMayBecome(as(before, "dict"), as(after, "dict"));
    const formRef = as(catalog.dict.entries.get("AcroForm"), "ref");
    if (num === formRef?.num) return this.#formMayBecome(as(before, "dict"), as(after, "dict"));
    const fields = this.#before.dict(catalog.dict.entries.get("AcroForm"))?.entries.get("Fields");
    if (num === as(fields, "ref")?.num) return this.#mayGrow(before, after, (item) => this.#isNewField(item));
    if (this.#securityStore().has(num)) return as(after, "stream") === undefined && this.#welcomeAll(after);
    const oldDict = as(before, "dict");
    const newDict = as(after, "dict");
    if (oldDict !== undefined && newDict !== undefined) {
      if (nameOf(oldDict.entries.get("Type")) === "Page") return this.#pageMayBecome(oldDict, newDict);
      return this.#isFieldSigned(oldDict, newDict);
    }
    return this.#mayGrow(before, after, (item) =>
      this.#isNewWidget(item, (page) => holdsAnnotations(page, num)),
    );
  }

  #catalogMayBecome(before: PdfDict | undefined, after: PdfDict | undefined): boolean {
    if (before === undefined || after === undefined) return false;
    if (!this.#sameBut(before, after, ["AcroForm", "DSS", "Extensions"])) return false;
    this.#welcomeAll(after.entries.get("DSS"));
    this.#welcomeAll(after.entries.get("Extensions"));
    const newForm = after.entries.get("AcroForm");
    const reference = as(newForm, "ref");
    if (reference !== undefined) this.#welcome.add(reference.num);
    return this.#formMayBecome(this.#before.dict(before.entries.get("AcroForm")), this.#after.dict(newForm));
  }

  #formMayBecome(before: PdfDict | undefined, after: PdfDict | undefined): boolean {
    if (after === undefined) return before === undefined;
    if (before === undefined) {
      if ([...after.entries.keys()].some((key) => !FORM_KEYS_OF_A_NEW_FORM.includes(key))) return false;
      this.#welcomeAll(after.entries.get("DR"));
    } else if (!this.#sameBut(before, after, ["Fields", "SigFlags"])) return false;
    const fields = after.entries.get("Fields");
    const holder = as(fields, "ref");
    if (holder !== undefined) this.#welcome.add(holder.num);
    const known = before === undefined ? null : this.#before.resolve(before.entries.get("Fields"));
    return this.#mayGrow(known, this.#after.resolve(fields), (item) => this.#isNewField(item));
  }

  #pageMayBecome(before: PdfDict, after: PdfDict): boolean {
    if (!this.#sameBut(before, after, ["Annots"])) return false;
    const annotations = after.entries.get("Annots");
    const holder = as(annotations, "ref");
    if (holder !== undefined) this.#welcome.add(holder.num);
    const known = this.#before.resolve(before.entries.get("Annots"));
    return this.#mayGrow(known, this.#after.resolve(annotations), (item) =>
      this.#isNewWidget(item, () => true),
    );
  }

  #mayGrow(before: PdfObject, after: PdfObject, accept: (item: PdfObject) => boolean): boolean {
    const known = before === null ? [] : as(before, "array")?.items;
    const grown = after === null ? [] : as(after, "array")?.items;
    if (known === undefined || grown === undefined) return false;
    return itemsAdded(known, grown, this.#before, this.#after)?.every(accept) ?? false;
  }

  #isNewField(item: PdfObject): boolean {
    const reference = as(item, "ref");
    const field = this.#after.dict(item);
    if (reference === undefined || field === undefined || this.#existed(reference.num)) return false;
    if (nameOf(field.entries.get("FT")) !== "Sig") return false;
    this.#welcome.add(reference.num);
    this.#welcomeSignature(field);
    return this.#after.items(field.entries.get("Kids")).every((kid) => this.#isNewWidget(kid, () => true));
  }

  #isNewWidget(item: PdfObject, isOnPage: (page: PdfDict) => boolean): boolean {
    const reference = as(item, "ref");
    const widget = this.#after.dict(item);
    if (reference === undefined || widget === undefined || this.#existed(reference.num)) return false;
    const parent = this.#after.dict(widget.entries.get("Parent"));
    const type = nameOf(widget.entries.get("FT")) ?? nameOf(parent?.entries.get("FT"));
    if (nameOf(widget.entries.get("Subtype")) !== "Widget" || type !== "Sig") return false;
    if (widget.entries.has("A") || widget.entries.has("AA")) return false;
    const page = this.#before.dict(widget.entries.get("P"));
    if (!isOnPage(page ?? EMPTY)) return false;
    this.#welcome.add(reference.num);
    this.#welcomeSignature(widget);
    return true;
  }

  #isFieldSigned(before: PdfDict, after: PdfDict): boolean {
    if (nameOf(before.entries.get("FT")) !== "Sig" || before.entries.has("V") || !after.entries.has("V"))
      return false;
    if (!this.#sameBut(before, after, FIELD_KEYS_FILLED_BY_SIGNING)) return false;
    return this.#welcomeSignature(after);
  }

  #welcomeSignature(field: PdfDict): boolean {
    for (const key of ["V", "AP", "Lock", "SV", "MK"]) this.#welcomeAll(field.entries.get(key));
    return true;
  }

  // Every new object that this one leads to, but never through an object that was there before.
  #welcomeAll(object: PdfObject | undefined): boolean {
    const stack: PdfObject[] = [object ?? null];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next === null || typeof next === "boolean") continue;
      if (next.type === "ref") {
        if (this.#existed(next.num) || this.#welcome.has(next.num) || this.#welcome.size > MAX_REACHED)
          continue;
        this.#welcome.add(next.num);
        stack.push(this.#after.object(next.num));
      } else {
        for (const child of childrenOf(next)) stack.push(child);
      }
    }
    return true;
  }

  #securityStore(): ReadonlySet<number> {
    this.#store ??= securityStoreOf(this.#before);
    return this.#store;
  }

  #isStructure(num: number): boolean {
    const type = nameOf(as(this.#after.object(num), "stream")?.dict.entries.get("Type"));
    return type === "XRef" || type === "ObjStm";
  }

  /**
   * A signed document may refer to an object that it lacks, for a later revision to bring: shadow attacks do. What has
   * only the keys of a signature, its field or its form cannot serve as anything else; all other new objects are
   * looked for in the whole of what was signed.
   */
  #noneAwaited(added: readonly number[]): boolean {
    const suspects = new Set(
      added.filter((num) => !this.#isStructure(num) && !isPlain(this.#after.object(num))),
    );
    return suspects.size === 0 || !anyRefersTo(this.#before, suspects, new Set());
  }

  #sameBut(before: PdfDict, after: PdfDict, except: readonly string[]): boolean {
    return !after.repeats && sameEntries(before.entries, after.entries, except, this.#before, this.#after);
  }

  #existed(num: number): boolean {
    const entry = this.#before.find(num);
    return entry !== undefined && entry.kind !== "free";
  }
}

function keySet(keys: string): ReadonlySet<string> {
  return new Set(keys.split(" "));
}

const EMPTY: PdfDict = { type: "dict", entries: new Map(), repeats: false };

function holdsAnnotations(page: PdfDict, num: number): boolean {
  return nameOf(page.entries.get("Type")) === "Page" && as(page.entries.get("Annots"), "ref")?.num === num;
}

function childrenOf(object: PdfObject): Iterable<PdfObject> {
  return (
    as(object, "array")?.items ?? (as(object, "dict") ?? as(object, "stream")?.dict)?.entries.values() ?? []
  );
}

function isPlain(object: PdfObject): boolean {
  const keys = [...(as(object, "dict")?.entries.keys() ?? [""])];
  return [FIELD_KEYS, SIGNATURE_KEYS, FORM_KEYS].some((known) => keys.every((key) => known.has(key)));
}

// Nothing that a revision leaves in force may lie beyond its own end, where later bytes would supply it.
function staysWithin(sections: readonly XrefSection[], eof: number): boolean {
  return sections.every((section) => {
    if (section.offset >= eof) return false;
    for (const num of section.numbers()) {
      const entry = section.find(num);
      if (entry?.kind === "offset" && entry.offset >= eof) return false;
    }
    return true;
  });
}
