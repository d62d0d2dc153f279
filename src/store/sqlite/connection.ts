import type { Database, Statement } from "sqlite3";
import type { Connection, Value } from "../database.ts";

export type Row = Record<string, Value>;

/** One SQLite connection with its prepared statements; calls run in the order in which they are made. */
export interface SqliteConnection extends Connection {
  all<R extends object = Row>(sql: string, ...values: Value[]): Promise<R[]>;
  exec(sql: string): Promise<void>;
  close(): Promise<void>;
}

export function connectionOf(database: Database): SqliteConnection {
  const statements = new Map<string, Statement>();
  // Without a callback a statement that can't be prepared is an uncaught "error" event, and its calls never answer.
  const prepared = (sql: string, reject: (error: Error) => void) => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = database.prepare(sql, (error: Error | null) => {
      if (!error) return;
      statements.delete(sql);
      reject(error);
    });
    statements.set(sql, statement);
    return statement;
  };
  return {
    all: (sql, ...values) =>
      new Promise((resolve, reject) => {
        prepared(sql, reject).all(values, (error, rows) => (error ? reject(error) : resolve(rows as never)));
      }),
    run: (sql, ...values) =>
      new Promise((resolve, reject) => {
        prepared(sql, reject).run(values, (error: Error | null) => (error ? reject(error) : resolve()));
      }),
    exec: (sql) =>
      new Promise((resolve, reject) => {
        database.exec(sql, (error) => (error ? reject(error) : resolve()));
      }),
    close: async () => {
      await Promise.all(
        [...statements.values()].map((one) => new Promise<void>((done) => one.finalize(() => done()))),
      );
      await new Promise<void>((resolve, reject) => {
        database.close((error) => (error ? reject(error) : resolve()));
      });
    },
  };
}

/** Whether a write failed because a row with that key is there already. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("SQLITE_CONSTRAINT: UNIQUE");
}
