import type { RunDdl } from "./dialect.ts";

/** Tables of the runtime: mailbox, journal, outbox, timers. Instants are milliseconds since 1970 UTC. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  `CREATE TABLE actors (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    firm_id TEXT NOT NULL,
    part INTEGER NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    head_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) WITHOUT ROWID`,
  "CREATE INDEX actors_by_firm ON actors (firm_id, kind, created_at, id)",
  "CREATE INDEX actors_by_status ON actors (firm_id, kind, status, created_at, id)",
  `CREATE TABLE actor_keys (
    actor_id TEXT PRIMARY KEY,
    wrapped TEXT NOT NULL
  ) WITHOUT ROWID`,
  `CREATE TABLE mailbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    actor_id TEXT NOT NULL,
    part INTEGER NOT NULL,
    kind TEXT NOT NULL,
    firm_id TEXT NOT NULL,
    fingerprint TEXT,
    payload TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL
  )`,
  "CREATE INDEX mailbox_by_part ON mailbox (part, seq)",
  `CREATE TABLE events (
    actor_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    n INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    at INTEGER NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (actor_id, version, n)
  ) WITHOUT ROWID`,
  `CREATE TABLE receipts (
    message_id TEXT PRIMARY KEY,
    actor_id TEXT NOT NULL,
    fingerprint TEXT,
    outcome TEXT NOT NULL,
    at INTEGER NOT NULL
  ) WITHOUT ROWID`,
  `CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    actor_id TEXT NOT NULL,
    firm_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'leased', 'dead')),
    attempts INTEGER NOT NULL,
    faults INTEGER NOT NULL DEFAULT 0,
    doubts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    lease_until INTEGER,
    last_error TEXT
  )`,
  "CREATE INDEX outbox_pending ON outbox (kind, firm_id, due_at, seq) WHERE status = 'pending'",
  "CREATE INDEX outbox_leased ON outbox (lease_until) WHERE status = 'leased'",
  `CREATE TABLE timers (
    actor_id TEXT NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (actor_id, name)
  ) WITHOUT ROWID`,
  "CREATE INDEX timers_due ON timers (due_at)",
  `CREATE TABLE links (
    token_hash TEXT PRIMARY KEY,
    firm_id TEXT NOT NULL,
    collecte_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    generation INTEGER NOT NULL
  ) WITHOUT ROWID`,
  `CREATE TABLE dead_letters (
    message_id TEXT PRIMARY KEY,
    actor_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    firm_id TEXT NOT NULL,
    error TEXT NOT NULL,
    payload TEXT NOT NULL,
    at INTEGER NOT NULL
  ) WITHOUT ROWID`,
];
