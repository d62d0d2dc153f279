import type { Records, StoredEvent, StoredRecord } from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import type { EventColumns } from "./chain.ts";
import type { Database } from "./database.ts";

const columns = `
  actors.id, kind, firm_id, actors.version AS actor_version, head_hash, wrapped,
  events.version, n, message_id, type, data, at, previous_hash, hash`;

/** One statement, so that a commit between two reads is not taken for a damaged record. */
const one = `
  SELECT ${columns} FROM actors
  LEFT JOIN actor_keys ON actor_keys.actor_id = actors.id LEFT JOIN events ON events.actor_id = actors.id
  WHERE actors.id = $1 AND firm_id = $2 ORDER BY events.version, n`;

const page = `
  SELECT ${columns} FROM (SELECT * FROM actors WHERE id > $1 ORDER BY id LIMIT $2) AS actors
  LEFT JOIN actor_keys ON actor_keys.actor_id = actors.id LEFT JOIN events ON events.actor_id = actors.id
  ORDER BY actors.id, events.version, n`;

/** Records as their rows stand in the tables. */
export function createRecords(
  { reader }: Pick<Database, "reader">,
  secrets: Pick<Secrets, "unwrap">,
): Records {
  function recordsOf(rows: readonly Columns[]): StoredRecord[] {
    const records = new Map<string, StoredRecord>();
    for (const row of rows) {
      const record = records.get(row.id) ?? recordOf(row, secrets);
      records.set(row.id, record);
      if (row.hash !== null) record.events.push(eventOf(row));
    }
    return [...records.values()];
  }

  return {
    record: async (firmId, id) => recordsOf(await reader.all<Columns>(one, id, firmId))[0],
    page: async (after, limit) => recordsOf(await reader.all<Columns>(page, after, limit)),
  };
}

function recordOf(row: Columns, secrets: Pick<Secrets, "unwrap">): StoredRecord {
  const { id: actorId, kind, firm_id: firmId, actor_version: version, head_hash: headHash, wrapped } = row;
  const key = wrapped === null ? {} : { key: secrets.unwrap(Buffer.from(wrapped, "base64")) };
  return { actorId, kind, firmId, version, headHash, ...key, events: [] };
}

function eventOf(row: Columns): StoredEvent {
  const { version, n, message_id: messageId, type, data, at, previous_hash: previousHash, hash } = row;
  return { version, n, messageId, type, data, at, previousHash, hash: hash ?? "" };
}

interface Columns extends Omit<EventColumns, "hash"> {
  id: string;
  kind: string;
  firm_id: string;
  actor_version: number;
  head_hash: string;
  wrapped: string | null;
  /** Null where an actor has no event. */
  hash: string | null;
}
