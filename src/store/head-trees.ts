import type { Head, HeadsRoot, HeadTrees } from "../actors/runtime/ports.ts";
import type { Database } from "./database.ts";

/*
 * The same in both dialects: SQLite takes $1 for the name of its first parameter. Actors are looked through in the
 * order of their ids, once an hour and aside from the writer; an index of what moved would cost each commit instead.
 */
const moved = `
  SELECT id, version, head_hash FROM actors
  WHERE id > $1 AND version > COALESCE((
    SELECT max(version) FROM merkle_leaves
    WHERE actor_id = actors.id AND hour <= (SELECT max(hour) FROM merkle_roots)
  ), 0)
  ORDER BY id LIMIT $2`;

const leafOf = `
  SELECT merkle_roots.*, position, actor_id, version, head_hash
  FROM merkle_leaves JOIN merkle_roots ON merkle_roots.hour = merkle_leaves.hour
  WHERE actor_id = $1 ORDER BY version DESC LIMIT 1`;

const leaves = `
  SELECT actor_id, version, head_hash FROM merkle_leaves
  WHERE hour = $1 AND position >= $2 ORDER BY position LIMIT $3`;

const finish = `
  INSERT INTO merkle_roots (hour, count, root, previous, subtrees)
  SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), $3, $4, $5
  WHERE (SELECT count(*) FROM merkle_leaves WHERE hour = $1) = $2
  ON CONFLICT (hour) DO NOTHING`;

const discard = `
  DELETE FROM merkle_leaves WHERE hour > COALESCE((SELECT max(hour) FROM merkle_roots), -1)`;

/** The hourly trees in tables; not of the hot path, so on the lane beside it. */
export function createHeadTrees({
  sql,
  reader,
  transaction,
  write,
  lanes,
}: Pick<Database, "sql" | "reader" | "transaction" | "write" | "lanes">): HeadTrees {
  const roots = async (condition: string, ...values: number[]): Promise<HeadsRoot[]> => {
    const rows = await reader.all<RootColumns>(`SELECT * FROM merkle_roots ${condition}`, ...values);
    return rows.map(rootOf);
  };

  return {
    async moved(after, limit) {
      const rows = await reader.all<{ id: string; version: number; head_hash: string }>(moved, after, limit);
      return rows.map(({ id, version, head_hash }) => ({ actorId: id, version, hash: head_hash }));
    },
    addLeaves: (hour, position, heads) =>
      transaction(async (writer) => {
        const rows = heads.map((head, i) => ({ ...head, hour, position: position + i }));
        await write(writer, [[sql.insertLeaves, rows]]);
      }, lanes),
    discardUnfinished: () => transaction((writer) => writer.run(discard), lanes),
    finish: ({ hour, count, root, previous }, subtrees) =>
      transaction((writer) => writer.run(finish, hour, count, root, previous, subtrees.join(" ")), lanes),
    keepToken: (hour, token) =>
      transaction((writer) => {
        const text = Buffer.from(token).toString("base64");
        return writer.run("UPDATE merkle_roots SET token = $1 WHERE hour = $2 AND token IS NULL", text, hour);
      }, lanes),
    last: async () => (await roots("ORDER BY hour DESC LIMIT 1"))[0],
    roots: (after, limit) => roots("WHERE hour > $1 ORDER BY hour LIMIT $2", after, limit),
    unstamped: () => roots("WHERE token IS NULL ORDER BY hour"),
    async leaves(hour, from, limit) {
      const rows = await reader.all<LeafColumns>(leaves, hour, from, limit);
      return rows.map(headOf);
    },
    async leafOf(actorId) {
      const [row] = await reader.all<RootColumns & LeafColumns & { position: number }>(leafOf, actorId);
      if (row === undefined) return undefined;
      return {
        root: rootOf(row),
        position: row.position,
        head: headOf(row),
        subtrees: row.subtrees.split(" "),
      };
    },
  };
}

interface RootColumns {
  hour: number;
  count: number;
  root: string;
  previous: string;
  subtrees: string;
  token: string | null;
}

interface LeafColumns {
  actor_id: string;
  version: number;
  head_hash: string;
}

function rootOf({ hour, count, root, previous, token }: RootColumns): HeadsRoot {
  return { hour, count, root, previous, ...(token !== null && { token: Buffer.from(token, "base64") }) };
}

const headOf = ({ actor_id, version, head_hash }: LeafColumns): Head => ({
  actorId: actor_id,
  version,
  hash: head_hash,
});
