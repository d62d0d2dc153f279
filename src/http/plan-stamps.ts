import { isSameOrdered, type Ordered, type Stamp } from "../actors/collecte/state.ts";
import type { StoredDocument } from "../actors/runtime/ports.ts";
import { type FieldCode, type FieldError, fieldError } from "./field-errors.ts";
import type { AskedStamp } from "./stamp-schema.ts";

/** The stamps of a plan, gathered from its steps, and what is wrong with them. */
export class StampPlan {
  readonly stamps: Stamp[] = [];
  readonly faults: FieldError[] = [];
  readonly #documents: readonly StoredDocument[];

  constructor(documents: readonly StoredDocument[]) {
    this.#documents = documents;
  }

  /** Adds what one signature or seal is to show; `at` is the place of its step or signatory in the request. */
  add(by: Ordered, asked: readonly AskedStamp[] | undefined, at: string): void {
    for (const [index, stamp] of (asked ?? []).entries()) {
      const field = asked?.length === 1 ? `${at}/stamp` : `${at}/stamp/${index}`;
      const document = this.#documentOf(stamp);
      if (document === undefined) {
        const code = stamp.document === undefined ? "required" : "document_unknown";
        this.#fault(`${field}/document`, code);
      } else if ("page" in stamp && stamp.page > document.pages) this.#fault(`${field}/page`, "page_unknown");
      else if (this.#isTaken(by, document.id, stamp)) this.#fault(field, "stamp_duplicate");
      else this.stamps.push({ ...stamp, by, document: document.id });
    }
  }

  /** The one that it names, or the only one that there is. */
  #documentOf({ document }: AskedStamp): StoredDocument | undefined {
    if (document !== undefined) return this.#documents.find(({ id }) => id === document);
    return this.#documents.length === 1 ? this.#documents[0] : undefined;
  }

  /** One signature shows once in a document, and an empty field takes one signature. */
  #isTaken(by: Ordered, document: string, stamp: AskedStamp): boolean {
    return this.stamps.some((known) => {
      if (known.document !== document) return false;
      if ("field" in known && "field" in stamp && known.field === stamp.field) return true;
      return isSameOrdered(known.by, by);
    });
  }

  #fault(field: string, code: FieldCode): void {
    this.faults.push(fieldError(field, code));
  }
}
