import pg from "pg";
import { Sequelize } from "sequelize";
import type { Connection, Database } from "../database.ts";
import { migrate } from "../migrations/migrate.ts";
import { clientConfig, connectionOn, dialectModule } from "./connection.ts";
import { isRace, plain } from "./failures.ts";
import * as sql from "./journal-sql.ts";
import { createLane, type Lane } from "./lane.ts";
import { assertDurable, StoreFault } from "./promises.ts";
import { hold, holdKinds, write } from "./statements.ts";

const readers = 4;
const quietConnections = 4;

/** Beside the number of the lock of migrations, and the same in every version. */
const togetherLock = "SELECT pg_advisory_xact_lock(1129270863, 65)";

const blobLocks = {
  shared: "SELECT pg_advisory_xact_lock_shared(1129270863, 66)",
  alone: "SELECT pg_advisory_xact_lock(1129270863, 66)",
};

/** Connects, brings the schema to the newest version, and asserts that what is acknowledged is on disk. */
export async function openPostgres(url: string, laneCount = 1): Promise<Database> {
  await prepare(url).catch((error: unknown) => {
    throw startFault(error, url);
  });
  const pool = new pg.Pool({ ...clientConfig(url), max: readers, idleTimeoutMillis: 60_000 });
  // A connection that is lost while it is idle is replaced; without a listener it would end the process.
  pool.on("error", () => undefined);
  const sequelize = sequelizeOn(url, quietConnections);
  const lanes: Lane[] = Array.from({ length: laneCount + 1 }, () => createLane(url));
  const inPool = connectionOn(pool);
  const reader: Connection = {
    all: (text, ...values) => inPool.all<never>(text, ...values).catch(rethrow),
    run: (text, ...values) => inPool.run(text, ...values).catch(rethrow),
  };

  return {
    sql,
    sequelize,
    reader,
    lanes: laneCount,
    transaction(work, lane = 0) {
      const chosen = lanes[lane];
      return chosen ? chosen.transaction(work) : Promise.reject(new RangeError(`there is no lane ${lane}`));
    },
    together: (work) =>
      sequelize
        .transaction(async (transaction) => {
          await sequelize.query(togetherLock, { transaction });
          return work(transaction);
        })
        .catch(rethrow),
    hold,
    holdKinds,
    holdBlobs: (writer, how) => writer.run(blobLocks[how]),
    async scrub(tables) {
      for (const table of tables) await sequelize.query(`VACUUM ${table}`).catch(rethrow);
    },
    write,
    isRace,
    async close() {
      await Promise.all(lanes.map((lane) => lane.close()));
      await pool.end();
      await sequelize.close();
    },
  };
}

async function prepare(url: string): Promise<void> {
  const client = new pg.Client(clientConfig(url));
  client.on("error", () => undefined);
  try {
    await client.connect();
    await assertDurable(client);
  } finally {
    await client.end().catch(() => undefined);
  }
  // One connection, so that all of a migration is one transaction.
  const sequelize = sequelizeOn(url, 1);
  try {
    await migrate(sequelize, "postgres");
  } finally {
    await sequelize.close();
  }
}

function sequelizeOn(url: string, connections: number): Sequelize {
  return new Sequelize({
    dialect: "postgres",
    dialectModule: dialectModule(url),
    logging: false,
    pool: { max: connections, min: 0, idle: 60_000, acquire: 10_000 },
  });
}

function rethrow(error: unknown): never {
  throw plain(error);
}

const reasons: Readonly<Record<string, string>> = {
  "28P01": "it refuses the password",
  "28000": "it refuses the user",
  "3D000": "there is no such database: create it first",
  "42501": "the user may not create tables there: grant it",
  "53300": "it has no connection left: raise max_connections",
};

/** What went wrong at the start, for the person who can mend it. */
function startFault(error: unknown, url: string): unknown {
  if (error instanceof StoreFault) return error;
  const cause = error instanceof Error && "parent" in error ? error.parent : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const where = placeOf(url);
  const reason = reasons[code];
  if (reason !== undefined) return new StoreFault(`PostgreSQL at ${where}: ${reason}`, { cause });
  const away = plain(error) !== error;
  if (!away) return error;
  const detail = code === "" ? "" : ` (${code})`;
  return new StoreFault(`PostgreSQL at ${where} does not answer${detail}: start it, or mend the address`, {
    cause,
  });
}

/** `host/database` of a URL, without the user and the password. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host || "localhost"}${pathname}`;
}
