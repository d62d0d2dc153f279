import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { openSqlite } from "../../src/store/database.ts";
import type { Row, SqliteConnection } from "../../src/store/sqlite-connection.ts";
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

/** A port that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
