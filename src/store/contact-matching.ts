import type { Contact, ContactFields, ContactRow, RowOutcome } from "../actors/runtime/ports.ts";
import { personKey } from "./contact-keys.ts";
import { mapInSlices } from "./slices.ts";

/** A contact of the book as rows are compared with it. */
interface Entry {
  contact: Contact;
  /** The row of this file that it was already taken by. */
  row?: number;
}

/** What rows come to: what is to be written, and what is told of each. */
export interface Settled {
  outcomes: RowOutcome[];
  /** Added or changed, with the values that they get. */
  written: Contact[];
}

/** The contacts of a book that may be meant, found by reference and by person. */
export class Book {
  readonly #byReference = new Map<string, Entry>();
  readonly #byPerson = new Map<string, Set<Entry>>();

  static async of(contacts: readonly Contact[]): Promise<Book> {
    const book = new Book();
    await mapInSlices(contacts, (contact) => book.#enter({ contact }));
    return book;
  }

  /** The contact that is meant, none, or those that may be: see `Contacts` for the rule. */
  match(fields: ContactRow["fields"]): Entry | Entry[] | undefined {
    const people = [...(this.#byPerson.get(personKey(fields)) ?? [])];
    const nameless = people.find(({ contact }) => contact.externalId === undefined);
    if (fields.externalId !== undefined) return this.#byReference.get(fields.externalId) ?? nameless;
    if (nameless !== undefined) return nameless;
    return people.length > 1 ? people : people[0];
  }

  /** Settles rows one after the other, each in the book as the rows before have left it. */
  async settle(
    rows: readonly ContactRow[],
    make: (fields: ContactFields) => Contact,
    now: number,
  ): Promise<Settled> {
    const written: Contact[] = [];
    const outcomes = await mapInSlices(rows, ({ row, fields }): RowOutcome => {
      const found = this.match(fields);
      if (Array.isArray(found)) {
        return { row, outcome: "ambiguous", matches: found.map(({ contact }) => contact.id) };
      }
      if (found?.row !== undefined) return { row, outcome: "duplicate", ofRow: found.row };
      if (found === undefined) {
        const contact = make({ language: "fr", ...fields });
        this.#enter({ contact, row });
        written.push(contact);
        return { row, outcome: "created", contactId: contact.id };
      }
      const contact = { ...found.contact, ...fields };
      const outcome = isSame(found.contact, contact) ? "unchanged" : "updated";
      this.#leave(found);
      const changed =
        outcome === "updated" ? { ...contact, version: contact.version + 1, updatedAt: now } : contact;
      this.#enter({ contact: changed, row });
      if (outcome === "updated") written.push(changed);
      return { row, outcome, contactId: contact.id };
    });
    return { outcomes, written };
  }

  #enter(entry: Entry): void {
    const { externalId } = entry.contact;
    if (externalId !== undefined) this.#byReference.set(externalId, entry);
    const key = personKey(entry.contact);
    const people = this.#byPerson.get(key) ?? new Set();
    people.add(entry);
    this.#byPerson.set(key, people);
  }

  #leave(entry: Entry): void {
    const { externalId } = entry.contact;
    if (externalId !== undefined) this.#byReference.delete(externalId);
    this.#byPerson.get(personKey(entry.contact))?.delete(entry);
  }
}

const values = [
  "firstName",
  "lastName",
  "email",
  "phone",
  "company",
  "externalId",
  "language",
  "notes",
] as const;

function isSame(one: ContactFields, other: ContactFields): boolean {
  return values.every((name) => one[name] === other[name]);
}
