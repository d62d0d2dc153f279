import pg from "pg";
import type { Connection, Value } from "../database.ts";

/** How long a server may take to answer before it counts as away. */
const connectLimitMs = 5_000;
const answerLimitMs = 30_000;
/** A writer that stopped in the middle (SIGSTOP, a hung machine) gives its parts back after this. */
const idleLimitMs = 15_000;

/**
 * Statements are prepared when tables may be empty, and their plans are kept: planned for an empty table, a look-up by
 * key would read the whole of it for the minute until it is analysed.
 */
const sessionOptions = "-c enable_seqscan=off -c jit=off";

const int8 = 20;

/** Instants and versions are numbers here, as on SQLite; none is near 2^53. */
const types = {
  getTypeParser: ((oid: number, format?: "text") =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

export function clientConfig(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    types,
    keepAlive: true,
    options: sessionOptions,
    application_name: "collecte",
    connectionTimeoutMillis: connectLimitMs,
    query_timeout: answerLimitMs,
    idle_in_transaction_session_timeout: idleLimitMs,
  };
}

/** For Sequelize, which makes its own clients: ours, so that one URL means the same everywhere. */
export function dialectModule(url: string): object {
  class Client extends pg.Client {
    constructor() {
      super(clientConfig(url));
    }
  }
  return Object.create(pg, {
    Client: { value: Client },
    types: { value: { ...pg.types, ...types } },
  });
}

/** Each statement is prepared once in a connection, under a name of its own. */
const names = new Map<string, string>();

function nameOf(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = `collecte_${names.size}`;
  names.set(sql, name);
  return name;
}

export function connectionOn(client: Pick<pg.ClientBase | pg.Pool, "query">): Connection {
  const query = (text: string, values: Value[]) =>
    (client as pg.ClientBase).query({ name: nameOf(text), text, values });
  return {
    all: async (sql, ...values) => (await query(sql, values)).rows,
    run: async (sql, ...values) => {
      await query(sql, values);
    },
  };
}
