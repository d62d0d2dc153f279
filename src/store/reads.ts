import type { Collecte } from "../actors/collecte/state.ts";
import { furthestMail } from "../actors/runtime/horizons.ts";
import type {
  CollecteView,
  DueTimer,
  EffectRow,
  LinkTarget,
  Reads,
  RecordedEvent,
} from "../actors/runtime/ports.ts";
import { hashOf } from "./chain.ts";
import type { SqliteDatabase } from "./database.ts";
import { type ActorColumns, actorOf } from "./journal.ts";
import type { Vault } from "./vault.ts";

const actorColumns = "id, kind, firm_id, version, state, head_hash, created_at, updated_at, wrapped";

const one = `
  SELECT ${actorColumns} FROM actors JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE id = ? AND firm_id = ?`;

const page = (byStatus: boolean) => `
  SELECT ${actorColumns} FROM actors JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE firm_id = ? AND kind = 'collecte' ${byStatus ? "AND status = ?" : ""} AND (created_at, id) < (?, ?)
  ORDER BY created_at DESC, id DESC LIMIT ?`;

const pages = { any: page(false), byStatus: page(true) };

const effect = `
  SELECT outbox.id AS effect_id, outbox.kind AS effect_kind, payload, attempts, faults, doubts, due_at, lease_until,
    actors.id, actors.kind, actors.firm_id, version, state, head_hash, created_at, updated_at, wrapped
  FROM outbox JOIN actors ON actors.id = outbox.actor_id JOIN actor_keys ON actor_keys.actor_id = actors.id
  WHERE outbox.id = ? AND outbox.status = 'leased'`;

/** Reads on a connection of its own: in WAL mode they never wait for the writer. */
export function createSqliteReads({ reader }: SqliteDatabase, vault: Vault): Reads {
  async function collecte(firmId: string, id: string): Promise<CollecteView | undefined> {
    const [row] = await reader.all<ActorColumns>(one, id, firmId);
    return row && viewOf(row, vault);
  }

  return {
    collecte,
    async collectes(firmId, { limit, before, status }) {
      const from: [number, string] = before ? [before.createdAt, before.id] : [Number.MAX_SAFE_INTEGER, ""];
      const rows = await (status === undefined
        ? reader.all<ActorColumns>(pages.any, firmId, ...from, limit)
        : reader.all<ActorColumns>(pages.byStatus, firmId, status, ...from, limit));
      return rows.map((row) => viewOf(row, vault));
    },
    async history(firmId, id) {
      if (!(await collecte(firmId, id))) return [];
      const rows = await reader.all<EventColumns>(eventsOf, id);
      return rows.map((row): RecordedEvent => {
        const data = vault.show(id, JSON.parse(row.data)) as Record<string, unknown>;
        return { version: row.version, n: row.n, type: row.type, data, at: row.at };
      });
    },
    async effect(id) {
      const [row] = await reader.all<ActorColumns & EffectColumns>(effect, id);
      if (!row) return undefined;
      const state = actorOf(row, vault).state as Collecte;
      const effectRow: EffectRow = {
        id: row.effect_id,
        actorId: row.id,
        firmId: row.firm_id,
        kind: row.effect_kind,
        payload: JSON.parse(row.payload),
        attempts: row.attempts,
        dueAt: row.due_at,
        faults: row.faults,
        doubts: row.doubts,
        leaseUntil: row.lease_until,
      };
      return { row: effectRow, state };
    },
    async link(tokenHash) {
      const [row] = await reader.all<LinkColumns>("SELECT * FROM links WHERE token_hash = ?", tokenHash);
      return row && linkOf(row);
    },
    async dueParts(now) {
      const rows = await reader.all<{ part: number }>(
        `SELECT DISTINCT part FROM mailbox
         WHERE not_before <= ? OR (not_before > ? AND not_before < 9007199254740991)`,
        now,
        furthestMail(now),
      );
      return rows.map(({ part }) => part);
    },
    async dueTimers(now, limit, after) {
      const from: [number, string, string] = after ? [after.dueAt, after.actorId, after.name] : [-1, "", ""];
      return reader.all<DueTimer>(dueTimers, now, ...from, limit);
    },
    async recordIsWhole(id) {
      // One statement, so that a commit between two reads is not taken for a damaged record.
      const rows = await reader.all<EventColumns & { head_hash: string }>(recordOf, id);
      let head = "";
      for (const { version, n, message_id: messageId, type, data, at, previous_hash, hash } of rows) {
        const expected = hashOf({ actorId: id, version, n, messageId, type, data, at }, head);
        if (previous_hash !== head || hash !== expected) return false;
        head = hash;
      }
      return head !== "" && rows.every(({ head_hash: expected }) => expected === head);
    },
  };
}

const eventsOf = "SELECT * FROM events WHERE actor_id = ? ORDER BY version, n";

const recordOf = `
  SELECT events.*, head_hash FROM events JOIN actors ON actors.id = events.actor_id
  WHERE actor_id = ? ORDER BY events.version, n`;

const dueTimers = `
  SELECT actor_id AS actorId, kind, firm_id AS firmId, name, generation, due_at AS dueAt
  FROM timers JOIN actors ON actors.id = timers.actor_id
  WHERE due_at <= ? AND (due_at, actor_id, name) > (?, ?, ?) ORDER BY due_at, actor_id, name LIMIT ?`;

interface EventColumns {
  version: number;
  n: number;
  message_id: string;
  type: string;
  data: string;
  at: number;
  previous_hash: string;
  hash: string;
}

interface EffectColumns {
  effect_id: string;
  effect_kind: string;
  payload: string;
  attempts: number;
  due_at: number;
  faults: number;
  doubts: number;
  lease_until: number | null;
}

interface LinkColumns {
  firm_id: string;
  collecte_id: string;
  person_id: string;
  purpose: "sign" | "download";
  generation: number;
}

function viewOf(row: ActorColumns, vault: Vault): CollecteView {
  const { id, version, state, createdAt, updatedAt } = actorOf(row, vault);
  return { id, version, state: state as Collecte, createdAt, updatedAt };
}

function linkOf(row: LinkColumns): LinkTarget {
  return {
    firmId: row.firm_id,
    collecteId: row.collecte_id,
    personId: row.person_id,
    purpose: row.purpose,
    generation: row.generation,
  };
}
