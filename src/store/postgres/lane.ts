import pg from "pg";
import type { Connection } from "../database.ts";
import { clientConfig, connectionOn } from "./connection.ts";
import { isAway, plain } from "./failures.ts";
import { assertDurable } from "./promises.ts";

/** One writing connection: transactions run on it one after the other. */
export interface Lane {
  transaction<T>(work: (writer: Connection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Connects on first use, and again after the connection was lost. */
export function createLane(url: string): Lane {
  let current: pg.Client | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function connected(): Promise<pg.Client> {
    if (closed) throw new Error("the store is closed");
    if (current) return current;
    const client = new pg.Client(clientConfig(url));
    client.on("error", () => drop(client));
    client.on("end", () => drop(client));
    try {
      await client.connect();
      // A role or a database may have settings of its own, and they may change while we run.
      await assertDurable(client);
    } catch (error) {
      drop(client);
      throw error;
    }
    current = client;
    return client;
  }

  /** The server rolls back what a lost connection had begun. */
  function drop(client: pg.Client): void {
    if (current === client) current = undefined;
    client.end().catch(() => undefined);
  }

  async function alone<T>(work: (writer: Connection) => Promise<T>): Promise<T> {
    const client = await connected();
    try {
      await client.query("BEGIN");
      const result = await work(connectionOn(client));
      const { command } = await client.query("COMMIT");
      // A transaction in which a statement failed is rolled back by COMMIT without an error.
      if (command !== "COMMIT")
        throw new Error("a transaction was rolled back: one of its statements failed");
      return result;
    } catch (error) {
      if (isAway(error) || current !== client) drop(client);
      else await client.query("ROLLBACK").catch(() => drop(client));
      throw error;
    }
  }

  return {
    transaction(work) {
      const turn = last.then(() => alone(work)).catch((error: unknown) => Promise.reject(plain(error)));
      last = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      await last;
      closed = true;
      await current?.end();
    },
  };
}
