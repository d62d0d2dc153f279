import { fileURLToPath } from "node:url";
import type { Row, SqliteConnection } from "../../src/store/sqlite/connection.ts";
import { openSqlite } from "../../src/store/sqlite/database.ts";
import { type Ran, ran } from "../support/programs.ts";

/** The compiled program that `collecte` runs. */
export const program = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));

/** Runs one command of `collecte` to its end, on data of its own. */
export function collecte(dataFolder: string, ...args: string[]): Promise<Ran> {
  return ran(process.execPath, [program, ...args], { env: { COLLECTE_DATA: dataFolder } });
}

/** The rows of a data folder's database, read beside whoever runs on it. */
export async function rowsOf(dataFolder: string, sql: string): Promise<Row[]> {
  return withDatabase(dataFolder, (connection) => connection.all(sql));
}

export async function withDatabase<T>(
  dataFolder: string,
  work: (connection: SqliteConnection) => Promise<T>,
): Promise<T> {
  const database = await openSqlite(`${dataFolder}/collecte.sqlite`);
  try {
    return await database.transaction(work);
  } finally {
    await database.close();
  }
}
