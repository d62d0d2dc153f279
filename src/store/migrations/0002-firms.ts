import type { RunDdl } from "./dialect.ts";

/** Tables of firms: members, API keys, certificates, documents. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  `CREATE TABLE firms (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    country TEXT NOT NULL,
    created_at INTEGER NOT NULL
  )`,
  `CREATE TABLE members (
    id TEXT PRIMARY KEY,
    firm_id TEXT NOT NULL REFERENCES firms (id),
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    created_at INTEGER NOT NULL
  )`,
  "CREATE INDEX members_by_firm ON members (firm_id, id)",
  `CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    firm_id TEXT NOT NULL REFERENCES firms (id),
    hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
  )`,
  `CREATE TABLE certificates (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL,
    certificate TEXT NOT NULL,
    chain TEXT NOT NULL,
    wrapped_key TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
  )`,
  // One live certificate per person, firm or authority.
  "CREATE UNIQUE INDEX certificates_alive ON certificates (owner_id) WHERE revoked_at IS NULL",
  `CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    firm_id TEXT NOT NULL,
    name TEXT,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) WITHOUT ROWID`,
  "CREATE INDEX documents_by_firm ON documents (firm_id, id)",
];
