import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Sequelize, Transaction } from "sequelize";
import type { Database as SqliteHandle } from "sqlite3";
import { Retryable } from "../../actors/runtime/errors.ts";
import type { Database } from "../database.ts";
import { migrate } from "../migrations/migrate.ts";
import { connectionOf, isTaken, type SqliteConnection } from "./connection.ts";
import * as sql from "./journal-sql.ts";
import { boundRows } from "./rows.ts";

/** The embedded database: one connection that writes, one that reads, and Sequelize for the quiet tables. */
export interface SqliteDatabase extends Database {
  readonly reader: SqliteConnection;
  /** Runs `work` alone on the writing connection, inside one durable transaction. */
  transaction<T>(work: (writer: SqliteConnection) => Promise<T>): Promise<T>;
}

const pragmas = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 10000;
  PRAGMA foreign_keys = ON;
  PRAGMA secure_delete = ON;
  PRAGMA wal_autocheckpoint = 4000;
`;

/** Opens or creates the file, brings it to the newest schema, and asserts that what is acknowledged is on disk. */
export async function openSqlite(file: string): Promise<SqliteDatabase> {
  await mkdir(dirname(file), { recursive: true });
  const sequelize = new Sequelize({
    dialect: "sqlite",
    storage: file,
    logging: false,
    retry: { match: [/SQLITE_BUSY/], max: 5 },
  });
  // Sequelize opens a connection per uuid; these two stay open for the life of the process.
  const open = async (uuid: string) => {
    const manager = sequelize.connectionManager as unknown as {
      getConnection(options: { uuid: string; type: string }): Promise<SqliteHandle>;
    };
    const connection = connectionOf(await manager.getConnection({ uuid, type: "write" }));
    await connection.exec(pragmas);
    await assertDurable(connection);
    return connection;
  };
  await sequelize.query("PRAGMA busy_timeout = 10000");
  await sequelize.query("PRAGMA journal_mode = WAL");
  await sequelize.query("PRAGMA synchronous = FULL");
  await migrate(sequelize, "sqlite");
  const writer = await open("writer");
  const reader = await open("reader");

  let last: Promise<unknown> = Promise.resolve();

  // Whoever waits for the file's lock keeps one of libuv's four threads: with five, the holder would find none to go on.
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }

  async function alone<T>(work: (writer: SqliteConnection) => Promise<T>): Promise<T> {
    await writer.run("BEGIN IMMEDIATE");
    try {
      const result = await work(writer);
      await writer.run("COMMIT");
      return result;
    } catch (error) {
      // A full disk may have rolled back already; then there is nothing left to undo.
      await writer.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
  }

  return {
    sql,
    sequelize,
    reader,
    // The file has one writer, so whoever writes holds everything.
    lanes: 1,
    hold: async (_writer, parts) => parts,
    holdKinds: async (_writer, kinds) => kinds,
    holdBlobs: async () => undefined,
    scrub: () =>
      inTurn(async () => {
        const [result] = await writer.all<{ busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)");
        // Somebody reads, in this process or another: old pages stay in the log until the next time.
        if (result?.busy !== 0) throw new Retryable("checkpoint_busy");
      }),
    async write(to, batches) {
      for (const [statement, rows] of batches) {
        if (rows.length === 0) continue;
        const runs = boundRows(statement, rows);
        if (!runs) await to.run(statement, JSON.stringify(rows));
        else for (const { text, values } of runs) await to.run(text, ...values);
      }
    },
    isRace: isTaken,
    transaction: (work) => inTurn(() => alone(work)),
    together: (work) => inTurn(() => sequelize.transaction({ type: Transaction.TYPES.IMMEDIATE }, work)),
    async close() {
      await last;
      await reader.close();
      await writer.exec("PRAGMA wal_checkpoint(TRUNCATE)").catch(() => undefined);
      await writer.close();
      const { connections } = sequelize.connectionManager as unknown as {
        connections: Record<string, unknown>;
      };
      delete connections["writer"];
      delete connections["reader"];
      await sequelize.close();
    },
  };
}

async function assertDurable(connection: SqliteConnection): Promise<void> {
  const [journal] = await connection.all<{ journal_mode: string }>("PRAGMA journal_mode");
  const [synchronous] = await connection.all<{ synchronous: number }>("PRAGMA synchronous");
  if (journal?.journal_mode !== "wal" || synchronous?.synchronous !== 2) {
    throw new Error("the database can't promise durability: WAL and synchronous=FULL are needed");
  }
}
