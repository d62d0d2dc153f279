import type { RunDdl } from "./dialect.ts";

/** By how much a test mode's clock is ahead of the machine's; one row, or none. */
export function up(run: RunDdl): Promise<void> {
  return run(["CREATE TABLE moved_clock (id INTEGER PRIMARY KEY, ahead_ms INTEGER NOT NULL)"]);
}
