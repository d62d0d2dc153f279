import type { Instant } from "../ports.ts";

/** What a firm knows of a person whom it may ask to sign. */
export interface ContactFields {
  firstName: string;
  lastName: string;
  email: string;
  /** E.164; who has none can only be a recipient in copy. */
  phone?: string;
  company?: string;
  /** The firm's own reference: one contact each. */
  externalId?: string;
  language: "fr" | "en";
  notes?: string;
}

type Removable = "phone" | "company" | "externalId" | "notes";

export type ContactChanges = Partial<Omit<ContactFields, Removable>> & {
  [name in Removable]?: string | null;
};

export interface Contact extends ContactFields {
  id: string;
  firmId: string;
  /** One more after every change. */
  version: number;
  createdAt: Instant;
  updatedAt: Instant;
}

/** Names a request that may come again: the same id with another fingerprint is an error. */
export interface RequestName {
  id: string;
  fingerprint: string;
}

/** Of an import: a person of the file. What is absent leaves a known contact as it is. */
export interface ContactRow {
  row: number;
  fields: Partial<ContactFields> & Pick<ContactFields, "firstName" | "lastName" | "email">;
}

/** What became of a row, or would: `ofRow` is an earlier row of the same person, `matches` are contacts it may mean. */
export type RowOutcome =
  | { row: number; outcome: "created" | "updated" | "unchanged"; contactId?: string }
  | { row: number; outcome: "duplicate"; ofRow: number }
  | { row: number; outcome: "ambiguous"; matches: string[] };

/** `check` writes nothing; `all` writes nothing unless every row is good; `good` writes the good rows. */
export type ImportMode = "check" | "all" | "good";

export interface ImportOrder {
  mode: ImportMode;
  rows: ContactRow[];
  /** Whether the file has rows that are not among these. */
  hasBadRows: boolean;
  /** What the answer is to keep beside the outcomes. */
  told: unknown;
}

export interface ImportAnswer {
  applied: boolean;
  outcomes: RowOutcome[];
  told: unknown;
}

/** Where a list begins: after the contact with this key and id. */
export interface ContactPlace {
  sortKey: string;
  id: string;
}

export interface ContactPage {
  contacts: Contact[];
  /** Where the next page begins; absent on the last. */
  next?: ContactPlace;
}

export type ContactChange =
  | { ok: true; contact: Contact }
  | { ok: false; code: "not_found" | "version_changed" }
  /** Another contact is this person already. */
  | { ok: false; code: "contact_exists"; contactId: string };

/**
 * The firms' address books. A reference means one contact of the firm. Without a reference, e-mail and name mean one: a
 * row or request without one means the contact without reference of that e-mail and name, or else the only one with a
 * reference; a row with a new reference means the contact without one of that e-mail and name, which then gets it. Upper
 * and lower case, accents and blanks make no difference in names, case none in e-mail addresses.
 */
export interface Contacts {
  /** In the order of the ids; those of other firms are missing. */
  find(firmId: string, ids: string[]): Promise<Contact[]>;
  /** By name; with `prefix` those whose name (either way round), e-mail, company or reference begins with it. */
  page(firmId: string, query: { limit: number; after?: ContactPlace; prefix?: string }): Promise<ContactPage>;
  /** The same request again answers with what it made, as it is now, or `not_found` when that was deleted. Throws `KeyReused`. */
  add(firmId: string, fields: ContactFields, name?: RequestName): Promise<ContactChange>;
  /** What is null goes, what is absent stays. `version`: only if the contact still has it. */
  change(firmId: string, id: string, changes: ContactChanges, version?: number): Promise<ContactChange>;
  remove(firmId: string, id: string, version?: number): Promise<"removed" | "not_found" | "version_changed">;
  /** All that it writes, in one transaction. The same request again gets the same answer. Throws `KeyReused`. */
  import(firmId: string, order: ImportOrder, name?: RequestName): Promise<ImportAnswer>;
}
