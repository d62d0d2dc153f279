import type { Sequelize, Transaction } from "sequelize";
import type * as sqliteSql from "./sqlite/journal-sql.ts";

export type Value = string | number | null;

/** Where statements run, one after the other; values stand for the placeholders in their order. */
export interface Connection {
  all<R extends object>(sql: string, ...values: Value[]): Promise<R[]>;
  run(sql: string, ...values: Value[]): Promise<void>;
}

/** The statements of the hot path in one dialect: the same names, placeholders and columns in each. */
export type JournalSql = { readonly [name in keyof typeof sqliteSql]: string };

/** A statement and the rows that it takes. */
export type Batch = [statement: string, rows: unknown[]];

/** What the memory of the engine needs of a database; only the dialect differs. */
export interface Database {
  readonly sql: JournalSql;
  /** For the quiet tables. */
  readonly sequelize: Sequelize;
  /** Sees what is committed, and never waits for a writer. */
  readonly reader: Connection;
  /** How many transactions may run at once: lanes from 0 to this; one more is for what is not the journal. */
  readonly lanes: number;
  /** Runs `work` inside one durable transaction, after those that were asked of this lane before. */
  transaction<T>(work: (writer: Connection) => Promise<T>, lane?: number): Promise<T>;
  /** Runs `work` in one durable transaction of the quiet tables. No two run at once, in any process. */
  together<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Takes parts for the transaction of this writer, and answers those that it got. */
  hold(writer: Connection, parts: number[]): Promise<number[]>;
  /** Takes kinds of effects likewise, so that one transaction at a time claims them. */
  holdKinds(writer: Connection, kinds: string[]): Promise<string[]>;
  /**
   * Until the transaction ends, nobody condemns blobs while others name some ("shared"), and nobody names any while one
   * condemns ("alone").
   */
  holdBlobs(writer: Connection, how: "shared" | "alone"): Promise<void>;
  /** Makes what was deleted from these tables unreadable in its files, as far as it can. Not inside a transaction. */
  scrub(tables: readonly string[]): Promise<void>;
  /** Runs each statement that has rows, in this order where the order matters. */
  write(writer: Connection, batches: Batch[]): Promise<void>;
  /** Whether a write lost a race, so that what was read before it must be read again. */
  isRace(error: unknown): boolean;
  close(): Promise<void>;
}
