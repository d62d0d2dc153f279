import type pg from "pg";

/*
 * The work that every contestant does for one command: read the key's state, decide by it, write it and append one
 * event, in one transaction, each key's commands one after the other.
 */

export async function makeLedgers(pool: pg.Pool, keys: number): Promise<void> {
  await pool.query(
    "CREATE TABLE ledgers (key INTEGER PRIMARY KEY, version INTEGER NOT NULL, total BIGINT NOT NULL)",
  );
  await pool.query(`CREATE TABLE ledger_events
    (key INTEGER NOT NULL, version INTEGER NOT NULL, message_id TEXT NOT NULL, data JSONB NOT NULL, PRIMARY KEY (key, version))`);
  await pool.query("INSERT INTO ledgers SELECT key, 0, 0 FROM generate_series(0, $1 - 1) AS key", [keys]);
}

export async function enter(pool: pg.Pool, key: number, messageId: string): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query("SELECT version, total FROM ledgers WHERE key = $1 FOR UPDATE", [
      key,
    ]);
    const { version, total } = rows[0] as { version: number; total: string };
    const next = version + 1;
    await client.query("INSERT INTO ledger_events VALUES ($1, $2, $3, $4)", [
      key,
      next,
      messageId,
      { amount: 1 },
    ]);
    await client.query("UPDATE ledgers SET version = $2, total = $3 WHERE key = $1", [
      key,
      next,
      Number(total) + 1,
    ]);
    await client.query("COMMIT");
    return next;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** Throws unless each key has exactly its commands, in the order in which they were sent. */
export async function checkLedgers(pool: pg.Pool, commands: number): Promise<void> {
  const { rows } = await pool.query(
    `SELECT count(*)::int AS events, count(DISTINCT message_id)::int AS messages, sum(disorder)::int AS disorder FROM (
       SELECT message_id, (split_part(message_id, ':', 2)::int
         < lag(split_part(message_id, ':', 2)::int, 1, -1) OVER (PARTITION BY key ORDER BY version))::int AS disorder
       FROM ledger_events) AS entries`,
  );
  const { events, messages, disorder } = rows[0] as { events: number; messages: number; disorder: number };
  if (events !== commands || messages !== commands || disorder !== 0)
    throw new Error(
      `${commands} commands made ${events} events of ${messages} messages, ${disorder} out of order`,
    );
}

/** PostgreSQL's own word that what it acknowledges is on disk. */
export async function fsyncOf(pool: pg.Pool): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ name: string; setting: string }>(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')",
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}
