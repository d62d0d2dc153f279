import type { RunDdl } from "./dialect.ts";

/** What a firm has chosen for all its collectes. */
export function up(run: RunDdl): Promise<void> {
  return run(["ALTER TABLE firms ADD COLUMN settings TEXT NOT NULL DEFAULT ''"]);
}
