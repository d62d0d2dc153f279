import type { RunDdl } from "./dialect.ts";

/** Which sweeps of the calendar were run, and by whom one is run now; and counts for whoever watches the engine. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  `CREATE TABLE sweeps (
    name TEXT PRIMARY KEY,
    slot INTEGER NOT NULL,
    holder TEXT,
    taken_until INTEGER,
    done_slot INTEGER
  ) WITHOUT ROWID`,
  "CREATE INDEX outbox_dead ON outbox (kind) WHERE status = 'dead'",
];
