import type { ClientBase } from "pg";

/** A database that we can't use as it is: the message says how to mend it, and holds no password. */
export class StoreFault extends Error {
  readonly code = "store_refused";
  readonly mend = true;

  constructor(why: string, options: { cause?: unknown } = {}) {
    super(`DATABASE_URL: ${why}`, options);
    this.name = "StoreFault";
  }
}

const oldestVersion = 130_000;

/** Asserts that what this connection is told was committed is on disk, and that the server speaks our SQL. */
export async function assertDurable(client: Pick<ClientBase, "query">): Promise<void> {
  const { rows } = await client.query<Record<string, string>>(`
    SELECT current_setting('synchronous_commit') AS synchronous, current_setting('fsync') AS fsync,
      current_setting('full_page_writes') AS pages, current_setting('server_version_num') AS version,
      current_setting('server_encoding') AS encoding`);
  const { synchronous, fsync, pages, version, encoding } = rows[0] ?? {};
  if (Number(version) < oldestVersion) throw new StoreFault("PostgreSQL 13 or newer is needed");
  if (encoding !== "UTF8") throw new StoreFault(`the database is in ${encoding}: make one in UTF8`);
  if (synchronous !== "on" && synchronous !== "remote_apply") {
    throw new StoreFault(`synchronous_commit is ${synchronous}: it must be on, or accepted work may be lost`);
  }
  if (fsync !== "on" || pages !== "on") {
    throw new StoreFault("fsync and full_page_writes must be on, or accepted work may be lost");
  }
}
