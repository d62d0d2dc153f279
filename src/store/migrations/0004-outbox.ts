import type { RunDdl } from "./dialect.ts";

/** Leases that lapse are counted, those of acts that have begun are marked, and gateways have rates. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  "ALTER TABLE outbox ADD COLUMN lapses INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE outbox ADD COLUMN begun INTEGER NOT NULL DEFAULT 0",
  `CREATE TABLE buckets (
    kind TEXT PRIMARY KEY,
    thousandths INTEGER NOT NULL,
    refilled_at INTEGER NOT NULL,
    day TEXT NOT NULL,
    day_count INTEGER NOT NULL
  ) WITHOUT ROWID`,
];
