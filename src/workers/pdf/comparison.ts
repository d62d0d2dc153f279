import { isRemark } from "./annotations.ts";
import type { Change } from "./change.ts";
import { itemsAdded, sameEntries, sameObject } from "./compare.ts";
import { isMetadata, isRetold, ownMetadataOf } from "./document-facts.ts";
import { signatureFieldsOf } from "./fields.ts";
import { FormFilling } from "./form-filling.ts";
import { isStructure, noneAwaited } from "./newcomers.ts";
import { catalogOf } from "./pages.ts";
import { sameGeneration, samePlace, sameTrailer } from "./places.ts";
import { childrenOf } from "./references.ts";
import { securityStoreOf } from "./security-store.ts";
import { isCatalogShaped, isFormShaped, isWidgetShaped } from "./shapes.ts";
import { as, dict, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";
import { hasLook, takesRoom } from "./widgets.ts";

const FORM_KEYS_OF_A_NEW_FORM = ["Fields", "SigFlags", "DR", "DA"];
const MAX_REACHED = 200_000;
/** Compares a document before and after one revision. */
export class Comparison {
  #signs = false;
  #takesRoom = false;
  #annotates = false;
  readonly #filled = new Set<string>();
  readonly #signedFields = new Set<string>();
  readonly #before: PdfView;
  readonly #after: PdfView;
  readonly #forms: FormFilling;
  /** Objects that the revision may bring: what its new fields, forms and security stores lead to. */
  readonly #welcome = new Set<number>();
  #store: ReadonlySet<number> | undefined;
  #signed: ReadonlySet<number> | undefined;

  constructor(before: PdfView, after: PdfView) {
    this.#before = before;
    this.#after = after;
    this.#forms = new FormFilling(before, after);
  }

  /** What the revision that holds these objects, and no others, did; throws `PdfRefused`. */
  changeBy(numbers: ReadonlySet<number>): Change {
    const isKnown = this.#isAccountedFor(numbers);
    return {
      other: !isKnown,
      signed: this.#signs,
      shown: this.#takesRoom,
      annotated: this.#annotates,
      filled: [...this.#filled],
      signedFields: [...this.#signedFields],
    };
  }

  #isAccountedFor(numbers: ReadonlySet<number>): boolean {
    if (!sameTrailer(this.#before, this.#after)) return false;
    const added: number[] = [];
    for (const num of [...numbers].sort((a, b) => a - b)) {
      if (samePlace(num, this.#before, this.#after)) continue;
      const known = this.#before.find(num);
      if (known === undefined || known.kind === "free") {
        if (this.#after.find(num)?.kind !== "free") added.push(num);
      } else if (!sameGeneration(num, this.#before, this.#after) || !this.#mayBecome(num)) return false;
    }
    return (
      added.every((num) => this.#welcome.has(num) || isStructure(this.#after.object(num))) &&
      noneAwaited(this.#before, this.#after, added)
    );
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
      return this.#fieldMayBecome(num, oldDict, newDict);
    }
    const shows = this.#forms.fieldShownBy(num, before, after);
    if (shows !== undefined) {
      this.#filled.add(shows.name);
      return this.#welcomeAll(as(after, "stream")?.dict);
    }
    return this.#mayGrow(before, after, (item) =>
      this.#isNewAnnotation(item, (page) => holdsAnnotations(page, num)),
    );
  }

  #catalogMayBecome(before: PdfDict | undefined, after: PdfDict | undefined): boolean {
    if (before === undefined || after === undefined) return false;
    if (!this.#sameBut(before, after, ["AcroForm", "DSS", "Extensions", "Version"])) return false;
    if (!isCatalogShaped(this.#after, after)) return false;
    this.#welcomeAll(after.entries.get("DSS"));
    this.#welcomeAll(after.entries.get("Extensions"));
    const newForm = after.entries.get("AcroForm");
    const reference = as(newForm, "ref");
    if (reference !== undefined) this.#welcome.add(reference.num);
    return this.#formMayBecome(this.#before.dict(before.entries.get("AcroForm")), this.#after.dict(newForm));
  }

  #formMayBecome(before: PdfDict | undefined, after: PdfDict | undefined): boolean {
    if (after === undefined) return before === undefined;
    if (!isFormShaped(this.#after, after)) return false;
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
      this.#isNewAnnotation(item, () => true),
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
    const field = as(this.#after.resolve(item), "dict");
    if (reference === undefined || field === undefined || this.#existed(reference.num)) return false;
    if (nameOf(field.entries.get("FT")) !== "Sig" || !isWidgetShaped(this.#after, field)) return false;
    this.#welcome.add(reference.num);
    if (!this.#isEvidence(field)) this.#signs = true;
    this.#welcomeSignature(field);
    return this.#after
      .items(field.entries.get("Kids"))
      .every((kid) => this.#isNewAnnotation(kid, () => true));
  }

  #isNewAnnotation(item: PdfObject, isOnPage: (page: PdfDict) => boolean): boolean {
    const reference = as(item, "ref");
    const widget = as(this.#after.resolve(item), "dict");
    if (reference === undefined || widget === undefined || this.#existed(reference.num)) return false;
    if (isRemark(widget)) {
      this.#annotates = true;
      this.#welcome.add(reference.num);
      return this.#welcomeAll(widget);
    }
    const parent = this.#after.dict(widget.entries.get("Parent"));
    const type = nameOf(widget.entries.get("FT")) ?? nameOf(parent?.entries.get("FT"));
    if (nameOf(widget.entries.get("Subtype")) !== "Widget" || type !== "Sig") return false;
    if (widget.entries.has("A") || widget.entries.has("AA") || !isWidgetShaped(this.#after, widget))
      return false;
    const page = this.#before.dict(widget.entries.get("P"));
    if (!isOnPage(page ?? EMPTY)) return false;
    // A widget could be painted over what was signed. Nobody vouches for one without a signature; one with a signature
    // is its signer's word against the earlier ones'. Our own take up no room; visible stamps will need fields that
    // were there before the first signature, or a look at what lies beneath them.
    const isSigned =
      this.#isSigned(reference.num) || this.#isSigned(as(widget.entries.get("Parent"), "ref")?.num);
    if (!isSigned && hasLook(this.#after, widget)) return false;
    // Without a look too: the next revision may give it one, and finds a field that was there before.
    if (takesRoom(this.#after, widget)) this.#takesRoom = true;
    this.#welcome.add(reference.num);
    this.#welcomeSignature(widget);
    return true;
  }

  #fieldMayBecome(num: number, before: PdfDict, after: PdfDict): boolean {
    const field = this.#forms.fieldOf(num);
    if (field === undefined) return false;
    if (field.type === "Sig") return this.#isFieldSigned(num, before, after);
    if (!this.#forms.isFilled(before, after)) return false;
    this.#filled.add(field.name);
    for (const key of ["V", "AP"]) this.#welcomeAll(after.entries.get(key));
    return true;
  }

  #isFieldSigned(num: number, before: PdfDict, after: PdfDict): boolean {
    const holder = this.#isSigned(num) ? num : as(after.entries.get("Parent"), "ref")?.num;
    const field = holder === undefined ? undefined : this.#forms.fieldOf(holder);
    if (field === undefined || field.dict.entries.has("V") || !this.#isSigned(holder)) return false;
    if (!this.#forms.isSigned(before, after)) return false;
    if (!this.#isEvidence(as(this.#after.object(field.holder), "dict"))) {
      this.#signs = true;
      this.#signedFields.add(field.name);
    }
    return this.#welcomeSignature(after);
  }

  /** Document timestamps are evidence, which no certification forbids (ISO 32000-2, table 257). */
  #isEvidence(field: PdfDict | undefined): boolean {
    const value = this.#after.dict(field?.entries.get("V"));
    const isTimestamp =
      nameOf(value?.entries.get("Type")) === "DocTimeStamp" &&
      nameOf(value?.entries.get("SubFilter")) === "ETSI.RFC3161";
    return isTimestamp && field !== undefined && !takesRoom(this.#after, field);
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

  #sameBut(before: PdfDict, after: PdfDict, except: readonly string[]): boolean {
    return (
      !after.repeats &&
      !before.differs &&
      sameEntries(before.entries, after.entries, except, this.#before, this.#after)
    );
  }

  #existed(num: number): boolean {
    const entry = this.#before.find(num);
    return entry !== undefined && entry.kind !== "free";
  }
}

const EMPTY = dict([]);

function holdsAnnotations(page: PdfDict, num: number): boolean {
  return nameOf(page.entries.get("Type")) === "Page" && as(page.entries.get("Annots"), "ref")?.num === num;
}
