import { readdir, readFile, rm } from "node:fs/promises";
import { expect } from "chai";
import type { Transaction } from "sequelize";
import { migrate } from "../../src/store/migrations/migrate.ts";
import { openSqlite, type SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { temporaryFolder } from "../support/folders.ts";
import { thrownBy } from "../support/thrown.ts";

describe("the SQLite file", () => {
  let folder: string;
  let file: string;
  let open: SqliteDatabase[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    file = `${folder}/deeper/collecte.sqlite`;
    open = [];
  });
  afterEach(async () => {
    await Promise.all(open.map((database) => database.close()));
    await rm(folder, { recursive: true });
  });

  async function opened(): Promise<SqliteDatabase> {
    const database = await openSqlite(file);
    open.push(database);
    return database;
  }

  it("writes ahead and syncs at every commit, on both connections", async () => {
    const database = await opened();
    for (const pragma of ["journal_mode", "synchronous", "foreign_keys"]) {
      const expected = { journal_mode: "wal", synchronous: 2, foreign_keys: 1 }[pragma];
      const [byReader] = await database.reader.all(`PRAGMA ${pragma}`);
      const [byWriter] = await database.transaction((writer) => writer.all(`PRAGMA ${pragma}`));
      expect([byReader?.[pragma], byWriter?.[pragma]], pragma).to.deep.equal([expected, expected]);
    }
    const [busy] = await database.transaction((writer) => writer.all("PRAGMA busy_timeout"));
    expect(busy).to.deep.equal({ timeout: 10_000 });
  });

  it("lets many come at once to the quiet tables, and the journal beside them: nobody waits in libuv's threads", async function () {
    // Less than the busy timeout of 10 s: whoever waits for the file's lock in a thread waits that long.
    this.timeout(8_000);
    const database = await opened();
    const count = async () => {
      const [row] = await database.reader.all<{ n: number }>("SELECT count(*) AS n FROM firms");
      return row?.n ?? 0;
    };
    const insert = (n: number, transaction: Transaction) =>
      database.sequelize.query(
        "INSERT INTO firms (id, name, email, country, created_at) VALUES (:id, 'Cabinet', 'c@c.example', 'FR', 0)",
        { replacements: { id: `firm_${n}` }, transaction },
      );
    const seen = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const quiet = database.together(async (transaction) => {
          const before = await count();
          await insert(n, transaction);
          return before;
        });
        await database.transaction((writer) => writer.run("UPDATE firms SET name = 'Cabinet Durand'"));
        return quiet;
      }),
    );
    expect(seen).to.deep.equal(Array.from({ length: 20 }, (_, n) => n));
  });

  it("migrates once: a second time changes nothing", async () => {
    const first = await opened();
    const schema = "SELECT type, name, sql FROM sqlite_master ORDER BY name";
    const before = await first.reader.all(schema);
    expect(before.map(({ name }) => name)).to.include.members(["actors", "events", "outbox", "documents"]);
    await migrate(first.sequelize, "sqlite");
    const second = await opened();
    expect(await second.reader.all(schema)).to.deep.equal(before);
    const applied = await second.reader.all("SELECT name FROM migrations ORDER BY name");
    expect(applied.map(({ name }) => name)).to.deep.equal(await migrationFiles());
  });

  it("leaves the old schema when a migration fails midway", async () => {
    const { default: sqlite3 } = await import("sqlite3");
    const { mkdir } = await import("node:fs/promises");
    await mkdir(`${folder}/deeper`);
    const raw = new sqlite3.Database(file);
    await new Promise((done) => raw.exec("CREATE TABLE timers (odd TEXT)", done));
    expect(await thrownBy(openSqlite(file))).to.be.instanceOf(Error);
    const tables = await new Promise((done) =>
      raw.all("SELECT name FROM sqlite_master WHERE type = 'table'", (_error, rows) => done(rows)),
    );
    expect(tables).to.deep.equal([{ name: "timers" }]);
    await new Promise((done) => raw.close(done));
  });

  it("is made by one of many that open it at once", async () => {
    const databases = await Promise.all([opened(), opened(), opened(), opened()]);
    const { length: count } = await migrationFiles();
    for (const { reader } of databases) {
      expect(await reader.all("SELECT count(*) AS count FROM migrations")).to.deep.equal([{ count }]);
    }
  });

  it("leaves nothing of a transaction whose statement fails", async () => {
    const { transaction, reader } = await opened();
    const failed = await thrownBy(
      transaction(async (writer) => {
        await writer.run("INSERT INTO timers VALUES ('col-1', 'expiry', 1, 5)");
        await writer.run("INSERT INTO timers VALUES ('col-1', 'expiry', 1, 5)");
      }),
    );
    expect(failed).to.have.property("code", "SQLITE_CONSTRAINT");
    expect(await reader.all("SELECT * FROM timers")).to.deep.equal([]);
    await transaction((writer) => writer.run("INSERT INTO timers VALUES ('col-2', 'expiry', 1, 5)"));
    expect(await reader.all("SELECT actor_id FROM timers")).to.deep.equal([{ actor_id: "col-2" }]);
  });

  it("answers with an error for what can't be prepared, each time, and goes on", async () => {
    const { transaction, reader } = await opened();
    for (let i = 0; i < 2; i++) {
      expect(await thrownBy(reader.all("SELECT * FROM nowhere"))).to.have.property("code", "SQLITE_ERROR");
      const failed = await thrownBy(transaction((writer) => writer.run("INSERT INTO nowhere VALUES (1)")));
      expect(failed).to.have.property("code", "SQLITE_ERROR");
    }
    expect(await reader.all("SELECT 1 AS one")).to.deep.equal([{ one: 1 }]);
  });

  it("refuses a transaction once it is closed, and the file is whole", async () => {
    const database = await opened();
    await database.transaction((writer) => writer.run("INSERT INTO timers VALUES ('col-1', 'expiry', 1, 5)"));
    open = [];
    await database.close();
    expect(
      await thrownBy(database.transaction((writer) => writer.run("DELETE FROM timers"))),
    ).to.be.instanceOf(Error);
    const again = await opened();
    expect(await again.reader.all("SELECT count(*) AS count FROM timers")).to.deep.equal([{ count: 1 }]);
    expect(await again.reader.all("PRAGMA integrity_check")).to.deep.equal([{ integrity_check: "ok" }]);
  });

  it("is one file again after it was closed", async () => {
    const database = await opened();
    open = [];
    await database.close();
    expect(await thrownBy(readFile(`${file}-wal`))).to.have.property("code", "ENOENT");
  });

  it("lets a reader see what is committed and nothing that is not", async () => {
    const { transaction, reader } = await opened();
    const seen: unknown[] = [];
    const count = async () =>
      seen.push((await reader.all("SELECT count(*) AS count FROM timers"))[0]?.["count"]);
    await transaction(async (writer) => {
      await writer.run("INSERT INTO timers VALUES ('col-1', 'expiry', 1, 5)");
      await count();
    });
    await count();
    expect(seen).to.deep.equal([0, 1]);
  });
});

/** The migrations that there are, whether or not anybody runs them. */
async function migrationFiles(): Promise<string[]> {
  const files = await readdir("src/store/migrations");
  return files.flatMap((file) => /^(\d{4}-[\w-]+)\.ts$/.exec(file)?.[1] ?? []).sort();
}
