import { itemsAdded, sameEntries, sameObject } from "./compare.ts";
import { isMetadata, isRetold, ownMetadataOf } from "./document-facts.ts";
import { signatureFieldsOf } from "./fields.ts";
import { catalogOf } from "./pages.ts";
import { anyRefersTo } from "./references.ts";
import { securityStoreOf } from "./security-store.ts";
import { as, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";
import { hasLook, takesRoom } from "./widgets.ts";

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

/** Compares a document before and after one revision. */
export class Comparison {
  /** Whether a signature field that the revision adds takes up room on its page. */
  takesRoom = false;

  readonly #before: PdfView;
  readonly #after: PdfView;
  /** Objects that the revision may bring: what its new fields, forms and security stores lead to. */
  readonly #welcome = new Set<number>();
  #store: ReadonlySet<number> | undefined;
  #signed: ReadonlySet<number> | undefined;

  constructor(before: PdfView, after: PdfView) {
    this.#before = before;
    this.#after = after;
  }

  /** Whether these objects, all that the revision holds, are only what signatures need; throws `PdfRefused`. */
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
    return same("Root") && same("Info");
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
    if (num === as(this.#before.sections[0]?.trailer.entries.get("Info"), "ref")?.num)
      return isRetold(before, after, this.#before, this.#after);
    const formRef = as(catalog.dict.entries.get("AcroForm"), "ref");
    if (num === formRef?.num) return this.#formMayBecome(as(before, "dict"), as(after, "dict"));
    const fields = this.#before.dict(catalog.dict.entries.get("AcroForm"))?.entries.get("Fields");
    if (num === as(fields, "ref")?.num) return this.#mayGrow(before, after, (item) => this.#isNewField(item));
    if (isMetadata(after)) return num === ownMetadataOf(this.#before);
    if (this.#securityStore().has(num)) return as(after, "stream") === undefined && this.#welcomeAll(after);
    const oldDict = as(before, "dict");
    const newDict = as(after, "dict");
    if (oldDict !== undefined && newDict !== undefined) {
      if (nameOf(oldDict.entries.get("Type")) === "Page") return this.#pageMayBecome(oldDict, newDict);
      return this.#isFieldSigned(num, oldDict, newDict);
    }
    return this.#mayGrow(before, after, (item) =>
      this.#isNewWidget(item, (page) => holdsAnnotations(page, num)),
    );
  }

  #catalogMayBecome(before: PdfDict | undefined, after: PdfDict | undefined): boolean {
    if (before === undefined || after === undefined) return false;
    if (!this.#sameBut(before, after, ["AcroForm", "DSS", "Extensions", "Version"])) return false;
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
    } else if (!this.#sameBut(before, after, ["Fields", "SigFlags", ...this.#newDefaults(before, after)]))
      return false;
    const fields = after.entries.get("Fields");
    const holder = as(fields, "ref");
    if (holder !== undefined) this.#welcome.add(holder.num);
    const known = before === undefined ? null : this.#before.resolve(before.entries.get("Fields"));
    return this.#mayGrow(known, this.#after.resolve(fields), (item) => this.#isNewField(item));
  }

  /**
   * The defaults for text that signing software adds to a form that has none. Text fields without an appearance would
   * be drawn by them: only a form of signature fields alone may get them.
   */
  #newDefaults(before: PdfDict, after: PdfDict): string[] {
    const isSignature = (item: PdfObject) => nameOf(this.#before.dict(item)?.entries.get("FT")) === "Sig";
    if (!this.#before.items(before.entries.get("Fields")).every(isSignature)) return [];
    this.#welcomeAll(before.entries.has("DR") ? null : after.entries.get("DR"));
    return ["DA", "DR"].filter((key) => !before.entries.has(key));
  }

  #pageMayBecome(before: PdfDict, after: PdfDict): boolean {
    if (!this.#sameBut(before, after, ["Annots", "Resources"])) return false;
    if (!this.#sameResources(before.entries.get("Resources"), after.entries.get("Resources"))) return false;
    const annotations = after.entries.get("Annots");
    const holder = as(annotations, "ref");
    if (holder !== undefined) this.#welcome.add(holder.num);
    const known = this.#before.resolve(before.entries.get("Annots"));
    return this.#mayGrow(known, this.#after.resolve(annotations), (item) =>
      this.#isNewWidget(item, () => true),
    );
  }

  // Some signing software writes a page's resources anew, as they were, under another number.
  #sameResources(before: PdfObject | undefined, after: PdfObject | undefined): boolean {
    const copy = as(after, "ref");
    if (copy !== undefined && !this.#existed(copy.num)) this.#welcome.add(copy.num);
    return sameObject(this.#before.resolve(before), this.#after.resolve(after), this.#before, this.#after);
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
    // A widget could be painted over what was signed. Nobody vouches for one without a signature; one with a signature
    // is its signer's word against the earlier ones'. Our own take up no room; visible stamps will need fields that
    // were there before the first signature, or a look at what lies beneath them.
    const isSigned =
      this.#isSigned(reference.num) || this.#isSigned(as(widget.entries.get("Parent"), "ref")?.num);
    if (!isSigned && hasLook(this.#after, widget)) return false;
    // Without a look too: the next revision may give it one, and finds a field that was there before.
    if (takesRoom(this.#after, widget)) this.takesRoom = true;
    this.#welcome.add(reference.num);
    this.#welcomeSignature(widget);
    return true;
  }

  #isFieldSigned(num: number, before: PdfDict, after: PdfDict): boolean {
    if (nameOf(before.entries.get("FT")) !== "Sig" || before.entries.has("V") || !this.#isSigned(num))
      return false;
    if (!this.#sameBut(before, after, FIELD_KEYS_FILLED_BY_SIGNING)) return false;
    return this.#welcomeSignature(after);
  }

  /** Whether it is a field of the form that this revision gave a signature of its own: one that will be judged. */
  #isSigned(num: number | undefined): boolean {
    if (this.#signed === undefined) {
      const signed = new Set<number>();
      for (const { holder, value } of signatureFieldsOf(this.#after)) {
        const reference = as(value, "ref");
        const isNew = reference === undefined || !this.#existed(reference.num);
        if (isNew && as(this.#after.resolve(value), "dict") !== undefined) signed.add(holder);
      }
      this.#signed = signed;
    }
    return num !== undefined && this.#signed.has(num);
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
   * only the keys of a signature, its field or its form, and shows nothing, cannot serve as anything else; all other
   * new objects are looked for in the whole of what was signed, those of the file's own structure too: whoever
   * refers to one need not care for its /Type.
   */
  #noneAwaited(added: readonly number[]): boolean {
    const suspects = new Set(added.filter((num) => !this.#isPlain(this.#after.object(num))));
    if (suspects.size === 0 || !this.#before.mayReferTo(suspects)) return true;
    return !anyRefersTo(this.#before, suspects, new Set());
  }

  #isPlain(object: PdfObject): boolean {
    const dict = as(object, "dict");
    if (dict === undefined) return false;
    const keys = [...dict.entries.keys()];
    if (![FIELD_KEYS, SIGNATURE_KEYS, FORM_KEYS].some((known) => keys.every((key) => known.has(key))))
      return false;
    return !hasLook(this.#after, dict) && !takesRoom(this.#after, dict);
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

const EMPTY: PdfDict = { type: "dict", entries: new Map(), repeats: false, differs: false };

function holdsAnnotations(page: PdfDict, num: number): boolean {
  return nameOf(page.entries.get("Type")) === "Page" && as(page.entries.get("Annots"), "ref")?.num === num;
}

function childrenOf(object: PdfObject): Iterable<PdfObject> {
  return (
    as(object, "array")?.items ?? (as(object, "dict") ?? as(object, "stream")?.dict)?.entries.values() ?? []
  );
}
