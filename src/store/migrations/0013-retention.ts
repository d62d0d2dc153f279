import type { Dialect, RunDdl } from "./dialect.ts";

/** Who needs which stored file, which of them are being removed, and whether time went on as it should. */
export async function up(run: RunDdl, dialect: Dialect): Promise<void> {
  await run(tables);
  await run(uses[dialect]);
}

const tables = [
  // `document_id` is empty for what is no document: an evidence file.
  `CREATE TABLE blob_uses (
    sha256 TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    document_id TEXT NOT NULL,
    PRIMARY KEY (sha256, actor_id, document_id)
  ) WITHOUT ROWID`,
  "CREATE INDEX blob_uses_by_actor ON blob_uses (actor_id)",
  "CREATE INDEX blob_uses_by_document ON blob_uses (document_id)",
  "CREATE INDEX documents_by_sha256 ON documents (sha256)",
  "CREATE INDEX links_by_collecte ON links (collecte_id)",
  "CREATE INDEX documents_by_age ON documents (created_at)",
  `CREATE TABLE condemned_blobs (
    sha256 TEXT NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL,
    gone_at INTEGER
  ) WITHOUT ROWID`,
  "CREATE INDEX condemned_blobs_due ON condemned_blobs (until) WHERE gone_at IS NULL",
  "CREATE INDEX condemned_blobs_gone ON condemned_blobs (gone_at) WHERE gone_at IS NOT NULL",
  "CREATE INDEX dead_letters_by_actor ON dead_letters (actor_id)",
  // One row: when the calendar was last run, and since when purges are held, if they are.
  `CREATE TABLE time_watch (
    id INTEGER PRIMARY KEY,
    seen_at INTEGER NOT NULL,
    held_since INTEGER,
    leap_ms INTEGER
  )`,
];

const ofOriginals = (each: string, id: string, sha256: string) => `
  INSERT INTO blob_uses (sha256, actor_id, document_id)
  SELECT DISTINCT ${sha256}, actors.id, ${id} FROM actors, ${each}
  WHERE kind = 'collecte' AND status <> 'purged'`;

/** What the collectes that are there already name: what was uploaded, its revisions, and evidence files. */
const uses: Record<Dialect, string[]> = {
  sqlite: [
    ...["$.original", "$.head"].map(
      (path) =>
        `${ofOriginals("json_each(state, '$.documents') AS document", "document.value ->> '$.id'", `document.value ->> '${path}'`)} ON CONFLICT DO NOTHING`,
    ),
    `${ofOriginals("json_each(state, '$.documents') AS document, json_each(document.value, '$.past') AS past", "document.value ->> '$.id'", "past.value")} ON CONFLICT DO NOTHING`,
    `INSERT INTO blob_uses (sha256, actor_id, document_id) SELECT state ->> '$.evidence.sha256', id, '' FROM actors
     WHERE kind = 'collecte' AND state ->> '$.evidence.sha256' IS NOT NULL`,
  ],
  postgres: [
    ...["original", "head"].map(
      (name) =>
        `${ofOriginals("json_array_elements(state::json -> 'documents') AS document", "document ->> 'id'", `document ->> '${name}'`)} ON CONFLICT DO NOTHING`,
    ),
    `${ofOriginals("json_array_elements(state::json -> 'documents') AS document, json_array_elements_text(coalesce(document -> 'past', '[]'::json)) AS past", "document ->> 'id'", "past")} ON CONFLICT DO NOTHING`,
    `INSERT INTO blob_uses (sha256, actor_id, document_id) SELECT state::json #>> '{evidence,sha256}', id, '' FROM actors
     WHERE kind = 'collecte' AND state::json #>> '{evidence,sha256}' IS NOT NULL`,
  ],
};
