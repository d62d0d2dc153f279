import { type Collecte, nothing } from "../actors/collecte/state.ts";
import type { Session } from "../actors/parapheur/state.ts";
import type { Among, AwaitedLine, CollecteView, Parapheurs } from "../actors/runtime/ports.ts";
import { type ActorColumns, actorOf } from "./actor-rows.ts";
import type { Database, Value } from "./database.ts";
import type { Vault } from "./vault.ts";

const sessionById = `
  SELECT id, kind, firm_id, version, state, head_hash, created_at, updated_at, wrapped
  FROM actors JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE id = $1 AND firm_id = $2 AND kind = 'parapheur'`;

/** As many collectes as one statement reads. */
const together = 250;

/** Reads on connections of their own: they never wait for the writer. */
export function createParapheurs(
  { reader, sql }: Pick<Database, "reader" | "sql">,
  vault: Vault,
): Parapheurs {
  /** Part by part: thousands of states that are read at once would hold the event loop. */
  async function* rowsOf(firmId: string, named: string[]): AsyncGenerator<ActorColumns> {
    const ids = [...new Set(named)];
    for (let from = 0; from < ids.length; from += together)
      yield* await reader.all<ActorColumns>(
        sql.firmCollectes,
        firmId,
        JSON.stringify(ids.slice(from, from + together)),
      );
  }

  return {
    async awaited(firmId, memberId, { limit, now, among, after }) {
      const from = after ? [after.dueAt, after.collecteId, after.act, after.key] : [-1, "", "", ""];
      const bounds = [firmId, memberId, now, ...typesOf(among), ...from, limit];
      const rows = await reader.all<LineColumns>(sql.awaitedPage, ...bounds);
      return rows.map(({ documentType, ...line }) =>
        documentType === null ? line : { ...line, documentType },
      );
    },
    async counts(firmId, memberId, { now, among }) {
      const bounds = [firmId, memberId, now, ...typesOf(among)];
      const rows = await reader.all<{ act: "sign" | "seal"; count: number }>(sql.awaitedCounts, ...bounds);
      const counts = { sign: 0, seal: 0 };
      for (const { act, count } of rows) counts[act] = Number(count);
      return counts;
    },
    async collectes(firmId, ids) {
      const found = new Map<string, CollecteView>();
      for await (const row of rowsOf(firmId, ids)) {
        const { id, version, state, createdAt, updatedAt } = actorOf(row, vault);
        found.set(id, { id, version, state: state as Collecte, createdAt, updatedAt });
      }
      return found;
    },
    async courses(firmId, ids) {
      const found = new Map<string, Collecte>();
      for await (const { id, state } of rowsOf(firmId, ids))
        found.set(id, { ...JSON.parse(state), personal: nothing.personal });
      return found;
    },
    async session(firmId, id) {
      const [row] = await reader.all<ActorColumns>(sessionById, id, firmId);
      if (!row) return undefined;
      const { version, state } = actorOf(row, vault);
      return { id, version, state: state as Session };
    },
  };
}

type LineColumns = Omit<AwaitedLine, "documentType"> & { documentType: string | null };

function typesOf({ sign, seal }: Among): Value[] {
  const of = (types: "all" | string[]): Value[] => (types === "all" ? [1, "[]"] : [0, JSON.stringify(types)]);
  return [...of(sign), ...of(seal)];
}
