import type { RunDdl } from "./dialect.ts";

/** The hourly trees of the heads of all records. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  // A tree is finished, and its leaves count, once its root is here.
  `CREATE TABLE merkle_roots (
    hour INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    root TEXT NOT NULL,
    previous TEXT NOT NULL,
    subtrees TEXT NOT NULL,
    token TEXT
  )`,
  "CREATE INDEX merkle_roots_unstamped ON merkle_roots (hour) WHERE token IS NULL",
  `CREATE TABLE merkle_leaves (
    hour INTEGER NOT NULL,
    position INTEGER NOT NULL,
    actor_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    head_hash TEXT NOT NULL,
    PRIMARY KEY (hour, position)
  ) WITHOUT ROWID`,
  "CREATE INDEX merkle_leaves_by_actor ON merkle_leaves (actor_id, version)",
];
