import type { RunDdl } from "./dialect.ts";

/** Keys in tokens and keys kept elsewhere, certificates that were brought, authorities that were replaced; revocations. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  // file: wrapped_key is PKCS#8; token: where the token is, and its PIN; none: the key is kept elsewhere.
  "ALTER TABLE certificates ADD COLUMN key_kind TEXT NOT NULL DEFAULT 'file'",
  "ALTER TABLE certificates ADD COLUMN anchor TEXT",
  // A replaced authority still signs its CRLs; it is no longer the owner's living certificate.
  "ALTER TABLE certificates ADD COLUMN retired_at INTEGER",
  "DROP INDEX certificates_alive",
  `CREATE UNIQUE INDEX certificates_alive ON certificates (owner_id)
    WHERE revoked_at IS NULL AND retired_at IS NULL`,
  "CREATE INDEX certificates_by_owner ON certificates (owner_id)",
  `CREATE TABLE revocations (
    authority TEXT NOT NULL,
    serial_hex TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    certificate_id TEXT,
    PRIMARY KEY (authority, serial_hex)
  ) WITHOUT ROWID`,
  `CREATE TABLE crls (
    authority TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    revoked INTEGER NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    der TEXT NOT NULL
  ) WITHOUT ROWID`,
];
