import { sameEntries } from "./compare.ts";
import { type FormField, fieldsOf } from "./fields.ts";
import { anyRefersTo, refersTo } from "./references.ts";
import { isFillingShaped, isSigningShaped } from "./shapes.ts";
import { as, dict, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

// ISO 32000-2, tables 166 and 226: what filling a field writes, in the field and in its widgets.
const KEYS_FILLED = ["V", "AP", "AS", "M", "I"];
const KEYS_FILLED_BY_SIGNING = ["V", "AP", "M", "F"];

/** The fields of a form before a revision, and whether what it did to them is no more than filling or signing. */
export class FormFilling {
  readonly #before: PdfView;
  readonly #after: PdfView;
  #fields: ReadonlyMap<number, FormField> | undefined;

  constructor(before: PdfView, after: PdfView) {
    this.#before = before;
    this.#after = after;
  }

  /** The field, or widget of one, that this object was. */
  fieldOf(num: number): FormField | undefined {
    this.#fields ??= new Map([...fieldsOf(this.#before)].map((field) => [field.holder, field]));
    return this.#fields.get(num);
  }

  /** Whether a field (no signature's) or its widget became another only in its value and the look of it. */
  isFilled(before: PdfDict, after: PdfDict): boolean {
    return isFillingShaped(this.#after, after) && this.#sameBut(before, after, KEYS_FILLED);
  }

  /** Whether an empty signature field, or a widget of one, became another only as signing makes it. */
  isSigned(before: PdfDict, after: PdfDict): boolean {
    if (before.entries.has("V") || !isSigningShaped(this.#after, after)) return false;
    return this.#sameBut(before, after, KEYS_FILLED_BY_SIGNING);
  }

  /**
   * The field whose appearance stream this object is, when nothing but fields use it: some software writes the look of
   * a filled field over the old one.
   */
  fieldShownBy(num: number, before: PdfObject, after: PdfObject): FormField | undefined {
    if (!isForm(before) || !isForm(after)) return undefined;
    const numbers = new Set([num]);
    const looks = new Set<number>();
    const fields = new Set<number>();
    let found: FormField | undefined;
    this.fieldOf(num);
    for (const field of this.#fields?.values() ?? []) {
      const own = this.#appearancesOf(field);
      if (!own.streams.has(num)) continue;
      if (field.type === "Sig") return undefined;
      found ??= field;
      fields.add(field.holder);
      for (const holder of own.holders) {
        looks.add(holder);
        numbers.add(holder);
      }
      // A page or its resources may be the field as well, or the dictionary of its looks.
      const rest = [...field.dict.entries].filter(([key]) => key !== "AP");
      if (refersTo(dict(rest), numbers)) return undefined;
    }
    if (found === undefined || anyRefersTo(this.#before, numbers, new Set([...fields, ...looks])))
      return undefined;
    return found;
  }

  #appearancesOf({ dict }: FormField): { streams: Set<number>; holders: number[] } {
    const holders: number[] = [];
    const streams = new Set<number>();
    const entriesOf = (value: PdfObject | undefined) => {
      const own = as(this.#before.resolve(value), "dict");
      const holder = as(value, "ref")?.num;
      if (own !== undefined && holder !== undefined) holders.push(holder);
      return own?.entries.values() ?? [];
    };
    for (const look of entriesOf(dict.entries.get("AP"))) {
      for (const stream of [look, ...entriesOf(look)]) {
        const num = as(stream, "ref")?.num;
        if (num !== undefined) streams.add(num);
      }
    }
    return { streams, holders };
  }

  #sameBut(before: PdfDict, after: PdfDict, except: readonly string[]): boolean {
    return (
      !after.repeats &&
      !before.differs &&
      sameEntries(before.entries, after.entries, except, this.#before, this.#after)
    );
  }
}

function isForm(object: PdfObject): boolean {
  return nameOf(as(object, "stream")?.dict.entries.get("Subtype")) === "Form";
}
