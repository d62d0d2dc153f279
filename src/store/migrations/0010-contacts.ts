import type { RunDdl } from "./dialect.ts";

/** The firms' address books, and what was answered to requests that may come again. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  `CREATE TABLE contacts (
    id TEXT NOT NULL PRIMARY KEY,
    firm_id TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT,
    company TEXT,
    external_id TEXT,
    language TEXT NOT NULL,
    notes TEXT,
    person_key TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    search TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  )`,
  "CREATE UNIQUE INDEX contacts_reference ON contacts (firm_id, external_id)",
  "CREATE UNIQUE INDEX contacts_person ON contacts (firm_id, person_key) WHERE external_id IS NULL",
  "CREATE INDEX contacts_people ON contacts (firm_id, person_key)",
  "CREATE INDEX contacts_order ON contacts (firm_id, sort_key, id)",
  // One row a firm: whoever writes in its address book holds it, so that no two judge the same book at once.
  "CREATE TABLE contact_books (firm_id TEXT NOT NULL PRIMARY KEY, changes INTEGER NOT NULL)",
  `CREATE TABLE contact_requests (
    id TEXT NOT NULL PRIMARY KEY,
    firm_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL
  )`,
  "CREATE INDEX contact_requests_at ON contact_requests (at)",
];
