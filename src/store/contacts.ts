import { KeyReused } from "../actors/runtime/errors.ts";
import { newId } from "../actors/runtime/ids.ts";
import type {
  Clock,
  Contact,
  ContactChanges,
  ContactFields,
  ContactPlace,
  ContactRow,
  Contacts,
  ImportAnswer,
  ImportOrder,
  RequestName,
} from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import { personKey, searchPattern, searchText, sortKey } from "./contact-keys.ts";
import { Book, type Settled } from "./contact-matching.ts";
import * as statements from "./contacts-sql.ts";
import type { Connection, Database } from "./database.ts";
import { mapInSlices } from "./slices.ts";

/** How long an answer waits for the same request to come again. */
const keptMs = 7 * 24 * 3_600_000;

/** The address books. What a firm typed is kept in clear, since it is searched: see docs/decisions/0023-contacts.md. */
export function createContacts(
  database: Pick<Database, "sql" | "reader" | "lanes" | "transaction">,
  secrets: Pick<Secrets, "wrap" | "unwrap">,
  clock: Clock,
): Contacts {
  const { sql, reader } = database;

  /** Alone in this firm's book. */
  function inBook<T>(firmId: string, work: (writer: Connection) => Promise<T>): Promise<T> {
    return database.transaction(async (writer) => {
      await writer.run(statements.holdBook, firmId);
      return work(writer);
    }, database.lanes);
  }

  async function one(from: Connection, firmId: string, id: string): Promise<Contact | undefined> {
    const [row] = await from.all<ContactColumns>(statements.contact, firmId, id);
    return row && shown(row);
  }

  async function bookFor(
    from: Connection,
    firmId: string,
    rows: readonly ContactRow["fields"][],
    but?: string,
  ) {
    const references = [...new Set(rows.flatMap(({ externalId }) => externalId ?? []))];
    const people = [...new Set(rows.map(personKey))];
    const lists = [JSON.stringify(references), JSON.stringify(people)] as const;
    const found = await from.all<ContactColumns>(sql.contactsMeant, firmId, ...lists);
    return Book.of(found.filter(({ id }) => id !== but).map(shown));
  }

  async function write(writer: Connection, contacts: readonly Contact[]): Promise<void> {
    if (contacts.length === 0) return;
    const rows = await mapInSlices(contacts, (contact) => JSON.stringify(written(contact)));
    await writer.run(sql.writeContacts, `[${rows.join()}]`);
  }

  /** What was answered to this request before. */
  async function known<A>(
    from: Connection,
    firmId: string,
    name: RequestName | undefined,
  ): Promise<A | undefined> {
    if (name === undefined) return undefined;
    const found = await from.all<{ fingerprint: string; answer: string }>(
      statements.contactRequest,
      firmId,
      name.id,
    );
    const [kept] = found;
    if (kept === undefined) return undefined;
    if (kept.fingerprint !== name.fingerprint) throw new KeyReused();
    return JSON.parse(secrets.unwrap(Buffer.from(kept.answer, "base64")).toString()) as A;
  }

  async function keep(writer: Connection, firmId: string, name: RequestName | undefined, answer: unknown) {
    if (name === undefined) return;
    const now = clock.now();
    const sealed = secrets.wrap(Buffer.from(JSON.stringify(answer))).toString("base64");
    await writer.run(statements.forgetRequests, now - keptMs);
    await writer.run(statements.keepRequest, name.id, firmId, name.fingerprint, sealed, now);
  }

  function made(firmId: string, fields: ContactFields): Contact {
    const now = clock.now();
    return { id: newId("con", now), firmId, ...fields, version: 1, createdAt: now, updatedAt: now };
  }

  async function settled(from: Connection, firmId: string, rows: readonly ContactRow[]): Promise<Settled> {
    const book = await bookFor(
      from,
      firmId,
      rows.map(({ fields }) => fields),
    );
    return book.settle(rows, (fields) => made(firmId, fields), clock.now());
  }

  return {
    async find(firmId, ids) {
      const wanted = JSON.stringify([...new Set(ids)]);
      const rows = await reader.all<ContactColumns>(sql.contactsById, firmId, wanted);
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.flatMap((id) => {
        const row = byId.get(id);
        return row ? [shown(row)] : [];
      });
    },

    async page(firmId, { limit, after, prefix }) {
      const from = after ?? { sortKey: "", id: "" };
      const pattern = searchPattern(prefix);
      const rows = await reader.all<ContactColumns & ContactPlace>(
        statements.contactPage,
        firmId,
        from.sortKey,
        from.id,
        pattern,
        limit + 1,
      );
      const some = rows.slice(0, limit);
      const last = some.at(-1);
      return {
        contacts: some.map(shown),
        ...(last && rows.length > limit && { next: { sortKey: last.sortKey, id: last.id } }),
      };
    },

    add: (firmId, fields, name) =>
      inBook(firmId, async (writer) => {
        const before = await known<{ contactId: string }>(writer, firmId, name);
        if (before !== undefined) {
          const contact = await one(writer, firmId, before.contactId);
          return contact ? { ok: true, contact } : { ok: false, code: "not_found" };
        }
        const taken = takenBy(await bookFor(writer, firmId, [fields]), fields);
        if (taken !== undefined) return { ok: false, code: "contact_exists", contactId: taken };
        const contact = made(firmId, fields);
        await write(writer, [contact]);
        await keep(writer, firmId, name, { contactId: contact.id });
        return { ok: true, contact };
      }),

    change: (firmId, id, changes, version) =>
      inBook(firmId, async (writer) => {
        const contact = await one(writer, firmId, id);
        if (contact === undefined) return { ok: false, code: "not_found" };
        if (version !== undefined && version !== contact.version)
          return { ok: false, code: "version_changed" };
        const changed = merged(contact, changes);
        const taken = takenBy(await bookFor(writer, firmId, [changed], id), changed);
        if (taken !== undefined) return { ok: false, code: "contact_exists", contactId: taken };
        const next = { ...changed, version: contact.version + 1, updatedAt: clock.now() };
        await write(writer, [next]);
        return { ok: true, contact: next };
      }),

    remove: (firmId, id, version) =>
      inBook(firmId, async (writer) => {
        const contact = await one(writer, firmId, id);
        if (contact === undefined) return "not_found";
        if (version !== undefined && version !== contact.version) return "version_changed";
        await writer.run(statements.removeContact, firmId, id);
        return "removed";
      }),

    async import(firmId, order, name) {
      if (order.mode === "check" && name === undefined) {
        return answerTo(order, false, await settled(reader, firmId, order.rows));
      }
      return inBook(firmId, async (writer) => {
        const before = await known<ImportAnswer>(writer, firmId, name);
        if (before !== undefined) return before;
        const found = await settled(writer, firmId, order.rows);
        const applied = isApplied(order, found);
        if (applied) await write(writer, found.written);
        const answer = answerTo(order, applied, found);
        await keep(writer, firmId, name, answer);
        return answer;
      });
    },
  };
}

type ContactColumns = { [name in keyof Contact]-?: Contact[name] | null } & Pick<Contact, "id">;

/** A row without the values that it doesn't have. */
function shown(row: ContactColumns): Contact {
  const { sortKey: _, ...columns } = row as ContactColumns & Partial<ContactPlace>;
  return Object.fromEntries(
    Object.entries(columns).filter(([, value]) => value !== null),
  ) as unknown as Contact;
}

function written(contact: Contact) {
  return {
    ...contact,
    personKey: personKey(contact),
    sortKey: sortKey(contact),
    search: searchText(contact),
  };
}

function merged(contact: Contact, changes: ContactChanges): Contact {
  const all = Object.entries({ ...contact, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(all) as unknown as Contact;
}

function takenBy(book: Book, fields: ContactFields): string | undefined {
  const found = book.match(fields);
  return (Array.isArray(found) ? found[0] : found)?.contact.id;
}

function isApplied({ mode, hasBadRows }: ImportOrder, { outcomes }: Settled): boolean {
  const isGood =
    !hasBadRows && outcomes.every(({ outcome }) => outcome !== "duplicate" && outcome !== "ambiguous");
  return mode === "good" || (mode === "all" && isGood);
}

/** A contact that was not made has no id to tell. */
function answerTo({ told }: ImportOrder, applied: boolean, { outcomes }: Settled): ImportAnswer {
  const shownOutcomes = outcomes.map((one) =>
    one.outcome === "created" && !applied ? { row: one.row, outcome: one.outcome } : one,
  );
  return { applied, outcomes: shownOutcomes, told };
}
