import type { RunDdl } from "./dialect.ts";

/** Roles of members, delegations, who is who at identity providers, sessions of members, scopes of API keys. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  // Those who were there before had every right.
  "ALTER TABLE members ADD COLUMN role TEXT NOT NULL DEFAULT 'expert'",
  "ALTER TABLE members ADD COLUMN roll_number TEXT",
  "ALTER TABLE members ADD COLUMN version INTEGER NOT NULL DEFAULT 1",
  "ALTER TABLE members ADD COLUMN left_at INTEGER",
  "ALTER TABLE members ADD COLUMN fingerprint TEXT",
  // Whoever signs in first is looked up by their address, among the members of all firms.
  "CREATE INDEX members_by_email ON members (lower(email))",
  // Likewise the keys: * is every scope, those to come as well.
  "ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '*'",
  "ALTER TABLE api_keys ADD COLUMN name TEXT NOT NULL DEFAULT ''",
  "ALTER TABLE api_keys ADD COLUMN used_at INTEGER",
  "ALTER TABLE api_keys ADD COLUMN fingerprint TEXT",
  "CREATE INDEX api_keys_by_firm ON api_keys (firm_id, id)",
  `CREATE TABLE delegations (
    id TEXT PRIMARY KEY,
    firm_id TEXT NOT NULL REFERENCES firms (id),
    expert_id TEXT NOT NULL REFERENCES members (id),
    member_id TEXT NOT NULL REFERENCES members (id),
    rights TEXT NOT NULL,
    document_types TEXT,
    from_at INTEGER,
    until_at INTEGER,
    given_by TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    revoked_by TEXT,
    revoked_at INTEGER,
    fingerprint TEXT
  )`,
  "CREATE INDEX delegations_by_firm ON delegations (firm_id, id)",
  "CREATE INDEX delegations_by_member ON delegations (member_id)",
  // A person may be a member of several firms; at one provider a member is one person.
  `CREATE TABLE member_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    member_id TEXT NOT NULL REFERENCES members (id),
    bound_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject, member_id)
  )`,
  "CREATE UNIQUE INDEX member_identities_by_member ON member_identities (issuer, member_id)",
  `CREATE TABLE member_sessions (
    hash TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    firm_id TEXT NOT NULL,
    member_id TEXT NOT NULL REFERENCES members (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  )`,
  "CREATE INDEX member_sessions_by_member ON member_sessions (member_id)",
  `CREATE TABLE sign_in_codes (
    hash TEXT PRIMARY KEY,
    member_id TEXT NOT NULL REFERENCES members (id),
    challenge TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  )`,
];
