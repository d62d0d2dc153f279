import type { RunDdl } from "./dialect.ts";

/** Firms have logos, for visible signatures: apart from the firms, which every request reads. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  `CREATE TABLE firm_logos (
    firm_id TEXT PRIMARY KEY REFERENCES firms (id),
    image TEXT NOT NULL,
    created_at INTEGER NOT NULL
  )`,
];
