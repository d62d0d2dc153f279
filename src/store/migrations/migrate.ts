import type { Sequelize } from "sequelize";
import { SequelizeStorage, Umzug } from "umzug";
import * as runtimeTables from "./0001-runtime.ts";
import * as firmTables from "./0002-firms.ts";
import * as sweepTables from "./0003-sweeps.ts";
import * as outboxColumns from "./0004-outbox.ts";
import * as uploadColumns from "./0005-uploads.ts";
import * as identityTables from "./0006-identity.ts";
import * as logoTables from "./0007-logos.ts";
import * as settingsColumn from "./0008-firm-settings.ts";
import * as memberTables from "./0009-members.ts";
import * as contactTables from "./0010-contacts.ts";
import * as smsTables from "./0011-sms.ts";
import * as merkleTables from "./0012-merkle.ts";
import * as retentionTables from "./0013-retention.ts";
import * as parapheurTable from "./0014-parapheur.ts";
import * as clockTable from "./0015-clock.ts";
import * as certificatesTable from "./0016-kept-certificates.ts";
import { type Dialect, inDialect, type RunDdl } from "./dialect.ts";

interface Migration {
  up(run: RunDdl, dialect: Dialect): Promise<void>;
}

const migrations: Record<string, Migration> = {
  "0001-runtime": runtimeTables,
  "0002-firms": firmTables,
  "0003-sweeps": sweepTables,
  "0004-outbox": outboxColumns,
  "0005-uploads": uploadColumns,
  "0006-identity": identityTables,
  "0007-logos": logoTables,
  "0008-firm-settings": settingsColumn,
  "0009-members": memberTables,
  "0010-contacts": contactTables,
  "0011-sms": smsTables,
  "0012-merkle": merkleTables,
  "0013-retention": retentionTables,
  "0014-parapheur": parapheurTable,
  "0015-clock": clockTable,
  "0016-kept-certificates": certificatesTable,
};

/** How a transaction begins in which nobody else migrates. The number is ours, and the same in every version. */
const beginnings = {
  sqlite: ["BEGIN IMMEDIATE"],
  postgres: ["BEGIN", "SELECT pg_advisory_xact_lock(1129270863, 64)"],
};

/**
 * Brings the schema to the newest version; each migration once, in order. All in one transaction of the default
 * connection, which must be the only one: a process that dies midway leaves the old schema, and two that start at
 * once do it one after the other.
 */
export async function migrate(sequelize: Sequelize, dialect: Dialect): Promise<void> {
  const run: RunDdl = async (statements) => {
    for (const statement of statements) await sequelize.query(inDialect(dialect, statement));
  };
  const umzug = new Umzug({
    migrations: Object.entries(migrations).map(([name, { up }]) => ({ name, up: () => up(run, dialect) })),
    storage: new SequelizeStorage({ sequelize, tableName: "migrations" }),
    logger: undefined,
  });
  try {
    for (const statement of beginnings[dialect]) await sequelize.query(statement);
    await umzug.up();
    await sequelize.query("COMMIT");
  } catch (error) {
    await sequelize.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
