import type { Collecte } from "../actors/collecte/state.ts";
import { actsOf, type MemberActs } from "../actors/member/state.ts";
import { furthestMail } from "../actors/runtime/horizons.ts";
import type {
  CollecteView,
  DueTimer,
  EffectCounts,
  EffectRow,
  LinkTarget,
  Reads,
  RecordedEvent,
} from "../actors/runtime/ports.ts";
import { type ActorColumns, actorOf } from "./actor-rows.ts";
import { type EventColumns, hashOf } from "./chain.ts";
import type { Database } from "./database.ts";
import { allInOneLook, padded } from "./in-one-look.ts";
import { type ReceiptColumns, receiptOf } from "./message-rows.ts";
import * as sql from "./reads-sql.ts";
import type { Vault } from "./vault.ts";

/** Reads on connections of their own: they never wait for the writer. */
export function createReads(
  { reader, sql: { firmReceipts } }: Pick<Database, "reader" | "sql">,
  vault: Vault,
): Reads {
  async function one(firmId: string, id: string, kind: string): Promise<ActorColumns | undefined> {
    return (await reader.all<ActorColumns>(sql.one, id, firmId, kind))[0];
  }

  async function collecte(firmId: string, id: string): Promise<CollecteView | undefined> {
    const row = await one(firmId, id, "collecte");
    return row && viewOf(row, vault);
  }

  // Effects come in handfuls, and each begins with its row.
  const effectRow = allInOneLook(async (ids) => {
    const rows = await reader.all<ActorColumns & EffectColumns>(
      sql.effects,
      ...padded(ids, sql.effectsInLook),
    );
    return new Map(rows.map((row) => [row.effect_id, row]));
  }, sql.effectsInLook);

  return {
    collecte,
    async collectes(firmId, { limit, before, status }) {
      const from: [number, string] = before ? [before.createdAt, before.id] : [Number.MAX_SAFE_INTEGER, ""];
      const rows = await (status === undefined
        ? reader.all<ActorColumns>(sql.page, firmId, ...from, limit)
        : reader.all<ActorColumns>(sql.pageByStatus, firmId, status, ...from, limit));
      return rows.map((row) => viewOf(row, vault));
    },
    async memberActs(firmId, memberId) {
      const row = await one(firmId, actsOf(memberId), "member");
      return row && (actorOf(row, vault).state as MemberActs);
    },
    async history(firmId, id) {
      if (!(await collecte(firmId, id))) return [];
      const rows = await reader.all<EventColumns>(sql.eventsOf, id);
      return rows.map((row): RecordedEvent => {
        const data = vault.show(id, JSON.parse(row.data)) as Record<string, unknown>;
        return { version: row.version, n: row.n, type: row.type, data, at: row.at };
      });
    },
    async receipts(firmId, messageIds) {
      if (messageIds.length === 0) return new Map();
      const rows = await reader.all<ReceiptColumns>(firmReceipts, firmId, JSON.stringify(messageIds));
      return new Map(rows.map((row) => [row.message_id, receiptOf(row)]));
    },
    async effect(id) {
      const row = await effectRow(id);
      if (!row) return undefined;
      const { state } = actorOf(row, vault);
      const found: EffectRow = {
        id: row.effect_id,
        actorId: row.id,
        actorKind: row.kind,
        firmId: row.firm_id,
        kind: row.effect_kind,
        payload: JSON.parse(row.payload),
        attempts: row.attempts,
        dueAt: row.due_at,
        faults: row.faults,
        doubts: row.doubts,
        lapses: row.lapses,
        leaseUntil: row.lease_until,
      };
      return { row: found, state };
    },
    async link(tokenHash) {
      const [row] = await reader.all<LinkColumns>(sql.link, tokenHash);
      return row && linkOf(row);
    },
    async mailWaiting(most) {
      const [row] = await reader.all<{ count: number }>(sql.mailWaiting, most);
      return row?.count ?? 0;
    },
    async effectCounts(kinds, most) {
      const counts = async (kind: string) => {
        const [row] = await reader.all<EffectCounts>(sql.effectCounts, kind, most);
        return [kind, row ?? { waiting: 0, leased: 0, dead: 0 }] as const;
      };
      return Object.fromEntries(await Promise.all(kinds.map(counts)));
    },
    async dueParts(now) {
      const rows = await reader.all<{ part: number }>(sql.dueParts, now, furthestMail(now));
      return rows.map(({ part }) => part);
    },
    async dueTimers(now, limit, after) {
      const from: [number, string, string] = after ? [after.dueAt, after.actorId, after.name] : [-1, "", ""];
      return reader.all<DueTimer>(sql.dueTimers, now, ...from, limit);
    },
    async recordIsWhole(id) {
      // One statement, so that a commit between two reads is not taken for a damaged record.
      const rows = await reader.all<EventColumns & { head_hash: string }>(sql.recordOf, id);
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

interface EffectColumns {
  effect_id: string;
  effect_kind: string;
  payload: string;
  attempts: number;
  due_at: number;
  faults: number;
  doubts: number;
  lapses: number;
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
