import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Database, JournalSql, Value } from "../../src/store/database.ts";
import { retentionSql } from "../../src/store/retention-sql.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { temporaryFolder } from "../support/folders.ts";

/*
 * SQLite keeps no statistics of these tables: which index it takes is decided by the words of a statement, and stays so
 * however long the tables grow. What reads all that a firm, or everybody, ever had looks the same in every other test.
 */
describe("on SQLite, of what grows with the years, a statement reads by its index", () => {
  const { evidence, dropEvidenceUses, dropDocumentUses, needed, named, staleUploads } = retentionSql.sqlite;
  const looks: [what: string, find: (sql: JournalSql) => string, values: number, indexes: string[]][] = [
    ["collectes of a parapheur", (sql) => sql.firmCollectes, 2, ["actors USING PRIMARY KEY (id=?)"]],
    [
      "contacts by id",
      (sql) => sql.contactsById,
      2,
      ["contacts USING INDEX sqlite_autoindex_contacts_1 (id=?)"],
    ],
    [
      "contacts that a row may mean",
      (sql) => sql.contactsMeant,
      3,
      ["contacts_reference (firm_id=? AND external_id=?)", "contacts_people (firm_id=? AND person_key=?)"],
    ],
    ["documents", (sql) => sql.documents, 2, ["documents_by_firm (firm_id=? AND id=?)"]],
    [
      "what waits for a member",
      (sql) => sql.awaitedPage,
      12,
      ["awaited_by_member (firm_id=? AND member_id=? AND due_at>?)"],
    ],
    [
      "how much waits for a member",
      (sql) => sql.awaitedCounts,
      7,
      ["awaited_by_member (firm_id=? AND member_id=? AND due_at>?)"],
    ],
    [
      "due effects of a firm",
      (sql) => sql.claimable,
      6,
      ["outbox_pending (kind=? AND firm_id=? AND due_at<?)"],
    ],
    ["receipts", (sql) => sql.receipts, 1, ["receipts USING PRIMARY KEY (message_id=?)"]],
    ["evidence files of an actor", () => evidence, 1, ["blob_uses_by_actor (actor_id=?)"]],
    ["the ends of their uses", () => dropEvidenceUses, 1, ["blob_uses_by_actor (actor_id=?)"]],
    ["the ends of uses of documents", () => dropDocumentUses, 1, ["blob_uses_by_actor (actor_id=?)"]],
    ["who needs a blob", () => needed, 1, ["blob_uses USING PRIMARY KEY (sha256=?)", "documents_by_sha256"]],
    ["who names a blob", () => named, 1, ["blob_uses USING PRIMARY KEY (sha256=?)", "documents_by_sha256"]],
    ["uploads that nobody used", () => staleUploads, 2, ["documents_by_age (created_at<?)"]],
  ];

  let folder: string;
  let database: Database;
  before(async () => {
    folder = await temporaryFolder();
    database = await openSqlite(join(folder, "collecte.sqlite"));
  });
  after(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });

  for (const [what, find, values, indexes] of looks) {
    it(what, async () => {
      const nothing: Value[] = Array(values).fill("[]");
      const explained = `EXPLAIN QUERY PLAN ${find(database.sql)}`;
      const steps = await database.reader.all<{ detail: string }>(explained, ...nothing);
      const plan = steps.map(({ detail }) => detail).join("\n");
      for (const index of indexes) expect(plan).to.include(index);
    });
  }
});
