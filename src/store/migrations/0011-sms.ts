import type { RunDdl } from "./dialect.ts";

/** How many SMS went out on a day, where each is, and what gateways said before it was known whose it is. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  // `counter` is a firm's id or the keyed digest of a number, never the number.
  `CREATE TABLE sms_counts (
    day TEXT NOT NULL,
    counter TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, counter)
  ) WITHOUT ROWID`,
  `CREATE TABLE sms_sendings (
    effect_id TEXT PRIMARY KEY,
    firm_id TEXT NOT NULL,
    actor_id TEXT,
    actor_kind TEXT,
    notice TEXT,
    recipient TEXT,
    gateway TEXT,
    reference TEXT,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID`,
  "CREATE INDEX sms_sendings_by_reference ON sms_sendings (gateway, reference)",
  "CREATE INDEX sms_sendings_by_end ON sms_sendings (expires_at)",
  `CREATE TABLE sms_early_receipts (
    gateway TEXT NOT NULL,
    reference TEXT NOT NULL,
    status TEXT NOT NULL,
    code TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (gateway, reference, status)
  ) WITHOUT ROWID`,
];
