import type { RunDdl } from "./dialect.ts";

/** What became of an upload before it was kept, and which firms may send files with files in them. */
export function up(run: RunDdl): Promise<void> {
  return run(statements);
}

const statements = [
  "ALTER TABLE documents ADD COLUMN repaired_from TEXT",
  "ALTER TABLE documents ADD COLUMN neutralised INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE firms ADD COLUMN allow_embedded_files INTEGER NOT NULL DEFAULT 0",
];
