import type { RunDdl } from "./dialect.ts";

/** Certificates of documents that went before there was an evidence file, sealed under the collecte's key. */
export function up(run: RunDdl): Promise<void> {
  return run([
    "CREATE TABLE kept_certificates (actor_id TEXT NOT NULL PRIMARY KEY, sealed TEXT NOT NULL) WITHOUT ROWID",
  ]);
}
