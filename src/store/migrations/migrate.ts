import type { QueryInterface, Sequelize } from "sequelize";
import { SequelizeStorage, Umzug } from "umzug";
import * as runtimeTables from "./0001-runtime.ts";
import * as firmTables from "./0002-firms.ts";

interface Migration {
  up(queryInterface: QueryInterface): Promise<void>;
}

const migrations: Record<string, Migration> = {
  "0001-runtime": runtimeTables,
  "0002-firms": firmTables,
};

/**
 * Brings the schema to the newest version; each migration once, in order. All in one transaction of the default
 * connection: a process that dies midway leaves the old schema, and two that start at once do it one after the other.
 */
export async function migrate(sequelize: Sequelize): Promise<void> {
  const umzug = new Umzug({
    migrations: Object.entries(migrations).map(([name, { up }]) => ({
      name,
      up: () => up(sequelize.getQueryInterface()),
    })),
    storage: new SequelizeStorage({ sequelize, tableName: "migrations" }),
    logger: undefined,
  });
  await sequelize.query("BEGIN IMMEDIATE");
  try {
    await umzug.up();
    await sequelize.query("COMMIT");
  } catch (error) {
    await sequelize.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
