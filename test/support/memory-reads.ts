import type { Collecte } from "../../src/actors/collecte/state.ts";
import { actsOf, type MemberActs } from "../../src/actors/member/state.ts";
import type { ActorRow, CollecteView, DueTimer, Reads, Receipt } from "../../src/actors/runtime/ports.ts";
import { isDueMail } from "./memory-claim.ts";
import type { MemoryTables, StoredMail } from "./memory-journal.ts";

/** The reads of the store's contract over tables in memory. Answers are copies. */
export function readsOf(tables: MemoryTables): Reads {
  const { actors, events, outbox, timers, mailbox, links, receipts, deadLetters } = tables;
  const owned = (firmId: string, id: string) => {
    const row = actors.get(id);
    return row?.firmId === firmId ? row : undefined;
  };
  return {
    async collecte(firmId, id) {
      const row = owned(firmId, id);
      return row?.kind === "collecte" ? viewOf(row) : undefined;
    },
    async collectes(firmId, { limit, before, status }) {
      return actors
        .values()
        .filter((row) => row.firmId === firmId && row.kind === "collecte")
        .filter((row) => status === undefined || (row.state as Collecte).status === status)
        .filter((row) => !before || newestFirst(row, before) > 0)
        .sort(newestFirst)
        .slice(0, limit)
        .map(viewOf);
    },
    async memberActs(firmId, memberId) {
      const row = owned(firmId, actsOf(memberId));
      return row?.kind === "member" ? structuredClone(row.state as MemberActs) : undefined;
    },
    async history(firmId, id) {
      if (!owned(firmId, id)) return [];
      return (events.get(id) ?? []).map(({ version, n, type, data, at }) =>
        structuredClone({ version, n, type, data: data as Record<string, unknown>, at }),
      );
    },
    async receipts(firmId, messageIds) {
      const known = new Map<string, Receipt>();
      for (const id of messageIds) {
        const decided = receipts.get(id);
        const mail = mailbox.get(id);
        const owner = decided
          ? (deadLetters.get(id) ?? actors.get(decided.actorId))?.firmId
          : mail?.message.firmId;
        const receipt = decided ?? accepted(mail);
        if (receipt && owner === firmId) known.set(id, structuredClone(receipt));
      }
      return known;
    },
    async effect(id) {
      const stored = outbox.get(id);
      const actor = stored && actors.get(stored.actorId);
      if (stored?.status !== "leased" || !actor) return undefined;
      const { seq: _, status: __, isBegun: ___, ...row } = stored;
      return structuredClone({ row: { ...row, actorKind: actor.kind }, state: actor.state as Collecte });
    },
    async link(tokenHash) {
      return structuredClone(links.get(tokenHash));
    },
    async mailWaiting(most) {
      return Math.min(most, mailbox.values().length);
    },
    async effectCounts(kinds, most) {
      const count = (kind: string, status: string) =>
        Math.min(most, outbox.values().filter((row) => row.kind === kind && row.status === status).length);
      return Object.fromEntries(
        kinds.map((kind) => [
          kind,
          { waiting: count(kind, "pending"), leased: count(kind, "leased"), dead: count(kind, "dead") },
        ]),
      );
    },
    async dueParts(now) {
      const due = mailbox.values().filter(({ notBefore }) => isDueMail(notBefore, now));
      return [...new Set(due.map(({ part }) => part))];
    },
    async dueTimers(now, limit, after) {
      return timers
        .values()
        .flatMap(({ actorId, name, generation, dueAt }): DueTimer[] => {
          const actor = actors.get(actorId);
          if (!actor || dueAt > now) return [];
          return [{ actorId, kind: actor.kind, firmId: actor.firmId, name, generation, dueAt }];
        })
        .filter((timer) => !after || oldestFirst(timer, after) > 0)
        .sort(oldestFirst)
        .slice(0, limit);
    },
    /** Nobody can tamper with this record: it is whole when its events follow one another. */
    async recordIsWhole(id) {
      const record = events.get(id) ?? [];
      const follows = record.every(({ version, n }, i) => {
        const before = record[i - 1];
        return n === 0 ? version === (before?.version ?? 0) + 1 : n === (before?.n ?? -2) + 1;
      });
      return record.length > 0 && follows && record.at(-1)?.version === actors.get(id)?.version;
    },
  };
}

/** The receipt of a message that waits. */
export function accepted(mail: StoredMail | undefined): Receipt | undefined {
  if (!mail) return undefined;
  const { id, actorId, fingerprint = null } = mail.message;
  return { messageId: id, actorId, fingerprint, outcome: { status: "accepted" }, at: mail.at };
}

function viewOf({ id, version, state, createdAt, updatedAt }: ActorRow): CollecteView {
  return structuredClone({ id, version, state: state as Collecte, createdAt, updatedAt });
}

interface Dated {
  createdAt: number;
  id: string;
}

function newestFirst(one: Dated, other: Dated): number {
  return other.createdAt - one.createdAt || (other.id < one.id ? -1 : other.id > one.id ? 1 : 0);
}

function oldestFirst(one: DueTimer, other: DueTimer): number {
  if (one.dueAt !== other.dueAt) return one.dueAt - other.dueAt;
  const keys = [one, other].map(({ actorId, name }) => `${actorId} ${name}`) as [string, string];
  return keys[0] < keys[1] ? -1 : keys[0] > keys[1] ? 1 : 0;
}
