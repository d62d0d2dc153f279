import { type PdfDict, type PdfObject, type PdfRef, ref } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

/** An object that a revision adds or redefines; with `data` it is a stream, and `object` its dictionary. */
export interface RevisedObject {
  readonly num: number;
  readonly gen: number;
  readonly object: PdfObject;
  readonly data?: Uint8Array;
}

/** What a revision adds or redefines, put together piece by piece: each piece reads what the others have changed. */
export class RevisionDraft {
  readonly view: PdfView;
  readonly #objects = new Map<number, RevisedObject>();
  #free: number;

  constructor(view: PdfView) {
    this.view = view;
    this.#free = view.limit();
  }

  /** One more than the highest object number in use. */
  get limit(): number {
    return this.#free;
  }

  /** The objects by ascending number. */
  get objects(): RevisedObject[] {
    return [...this.#objects.values()].sort((a, b) => a.num - b.num);
  }

  /** A number that no object has had. */
  reserve(): PdfRef {
    return ref(this.#free++, 0);
  }

  /** A new object. */
  add(object: PdfObject, data?: Uint8Array): PdfRef {
    const added = this.reserve();
    this.#objects.set(added.num, { num: added.num, gen: 0, object, ...(data && { data }) });
    return added;
  }

  /** Gives an object that the document has another value. */
  change({ num }: PdfRef, object: PdfObject): void {
    const entry = this.view.find(num);
    this.#objects.set(num, { num, gen: entry?.kind === "offset" ? entry.gen : 0, object });
  }

  /** The object itself, or the one that it refers to, as this revision leaves it. */
  resolve(object: PdfObject | undefined): PdfObject {
    let current = object ?? null;
    while (current !== null && typeof current !== "boolean" && current.type === "ref") {
      const drafted = this.#objects.get(current.num);
      if (drafted === undefined) return this.view.resolve(current);
      current = drafted.object;
    }
    return current;
  }

  /** The dictionary that an object is or refers to, as this revision leaves it, or undefined. */
  dict(object: PdfObject | undefined): PdfDict | undefined {
    const resolved = this.resolve(object);
    if (resolved === null || typeof resolved === "boolean") return undefined;
    return resolved.type === "dict" ? resolved : undefined;
  }
}
