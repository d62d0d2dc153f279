import { VersionConflict } from "../../src/actors/runtime/errors.ts";
import type {
  ActorRow,
  Calendar,
  Changes,
  EffectRow,
  EventRow,
  Journal,
  JournalTransaction,
  LinkTarget,
  MailboxRow,
  Message,
  Parapheurs,
  Reads,
  Receipt,
} from "../../src/actors/runtime/ports.ts";
import type { Bucket } from "../../src/actors/runtime/rates.ts";
import { digestOf, type Secrets } from "../../src/actors/runtime/secrets.ts";
import { calendarOf } from "./memory-calendar.ts";
import { claimable, isDueMail, lapsed } from "./memory-claim.ts";
import { parapheursOf } from "./memory-parapheurs.ts";
import { accepted, readsOf } from "./memory-reads.ts";
import { UndoTable } from "./memory-table.ts";

export interface StoredEffect extends Omit<EffectRow, "actorKind"> {
  seq: number;
  isBegun: boolean;
  status: "pending" | "leased" | "dead";
}

export interface StoredTimer {
  actorId: string;
  name: string;
  generation: number;
  dueAt: number;
}

export interface StoredMail extends Omit<MailboxRow, "message"> {
  part: number;
  notBefore: number;
  at: number;
  message: Message;
}

/** All the tables; rows are values that nobody changes in place. */
export interface MemoryTables {
  actors: UndoTable<ActorRow>;
  /** By actor, in order. */
  events: UndoTable<EventRow[]>;
  outbox: UndoTable<StoredEffect>;
  timers: UndoTable<StoredTimer>;
  receipts: UndoTable<Receipt>;
  mailbox: UndoTable<StoredMail>;
  links: UndoTable<LinkTarget>;
  awaited: UndoTable<Changes["awaited"][number]>;
  deadLetters: UndoTable<{ messageId: string; firmId: string; error: string }>;
  buckets: UndoTable<Bucket>;
}

/** The store's contract in memory: one transaction at a time, all of it or nothing. */
export interface MemoryStore {
  journal: Journal;
  reads: Reads;
  parapheurs: Parapheurs;
  calendar: Calendar;
  tables: MemoryTables;
}

export function createMemoryStore(secrets: Pick<Secrets, "linkToken">): MemoryStore {
  const tables: MemoryTables = {
    actors: new UndoTable(),
    events: new UndoTable(),
    outbox: new UndoTable(),
    timers: new UndoTable(),
    receipts: new UndoTable(),
    mailbox: new UndoTable(),
    links: new UndoTable(),
    awaited: new UndoTable(),
    deadLetters: new UndoTable(),
    buckets: new UndoTable(),
  };
  const turn = { seq: 0, lastFirms: new Map<string, string>() };
  let last: Promise<unknown> = Promise.resolve();

  async function alone<T>(work: (tx: JournalTransaction) => Promise<T>): Promise<T> {
    try {
      const result = await work(transactionOn(tables, turn, secrets));
      for (const table of Object.values(tables)) table.commit();
      return result;
    } catch (error) {
      for (const table of Object.values(tables)) table.rollback();
      throw error;
    }
  }

  return {
    tables,
    reads: readsOf(tables),
    parapheurs: parapheursOf(tables),
    calendar: calendarOf(new Map()),
    journal: {
      transaction(work) {
        const mine = last.then(() => alone(work));
        last = mine.catch(() => undefined);
        return mine;
      },
    },
  };
}

function transactionOn(
  tables: MemoryTables,
  turn: { seq: number; lastFirms: Map<string, string> },
  secrets: Pick<Secrets, "linkToken">,
): JournalTransaction {
  const { actors, mailbox, outbox, receipts } = tables;
  return {
    hold: async (parts) => new Set(parts),
    holdKinds: async (kinds) => new Set(kinds),
    async receipts(messageIds) {
      const known = new Map<string, Receipt>();
      for (const id of messageIds) {
        const receipt = receipts.get(id) ?? accepted(mailbox.get(id));
        if (receipt) known.set(id, structuredClone(receipt));
      }
      return known;
    },
    async waitingParts(parts) {
      return new Set(mailbox.values().flatMap(({ part }) => (parts.includes(part) ? [part] : [])));
    },
    async mail(parts, now, limit) {
      return mailbox
        .values()
        .filter(({ part, notBefore }) => parts.includes(part) && isDueMail(notBefore, now))
        .sort((one, other) => one.seq - other.seq)
        .slice(0, limit)
        .map(({ seq, message, attempts }) => structuredClone({ seq, message, attempts }));
    },
    async actors(ids) {
      const found = ids.flatMap((id) => actors.get(id) ?? []);
      return new Map(found.map((row) => [row.id, structuredClone(row)]));
    },
    async write(changes) {
      // As JSON, which is all that a table keeps of a value.
      write(tables, JSON.parse(JSON.stringify(changes)), turn, secrets);
    },
    async release(kinds, now) {
      return lapsed(outbox.values(), now)
        .filter(({ row }) => kinds.includes(row.kind))
        .map(({ row, ...fate }) => {
          outbox.set(row.id, { ...row, ...fate, status: "pending", leaseUntil: null });
          return { kind: row.kind, isBegun: row.isBegun };
        });
    },
    async buckets(kinds) {
      return new Map(kinds.flatMap((kind) => entryOf(tables.buckets, kind)));
    },
    async keepBuckets(buckets) {
      for (const [kind, bucket] of buckets) tables.buckets.set(kind, { ...bucket });
    },
    async claim(limits, now, leaseMs, most = {}) {
      const chosen = Object.entries(limits).flatMap(([kind, limit]) => {
        const lastFirm = turn.lastFirms.get(kind) ?? "";
        const ofKind = outbox.values().filter((row) => row.kind === kind);
        const claimed = claimable(ofKind, now, { limit, most: most[kind] ?? limit }, lastFirm);
        turn.lastFirms.set(kind, claimed.at(-1)?.firmId ?? lastFirm);
        return claimed;
      });
      return chosen.map((row) => {
        const attempts = row.attempts + 1;
        outbox.set(row.id, { ...row, status: "leased", leaseUntil: now + leaseMs, attempts, isBegun: false });
        return { id: row.id, attempts, kind: row.kind };
      });
    },
  };
}

function write(
  tables: MemoryTables,
  changes: Changes,
  turn: { seq: number },
  secrets: Pick<Secrets, "linkToken">,
): void {
  const { actors, events, outbox, timers, receipts, mailbox, links, awaited, deadLetters } = tables;
  for (const { expectedVersion, ...actor } of changes.actors) {
    const before = actors.get(actor.id);
    if ((before?.version ?? 0) !== expectedVersion) throw new VersionConflict();
    actors.set(actor.id, { ...actor, createdAt: before?.createdAt ?? actor.createdAt });
  }
  for (const event of changes.events) {
    const record = events.get(event.actorId) ?? [];
    if (record.some(({ version, n }) => version === event.version && n === event.n))
      throw new VersionConflict();
    events.set(event.actorId, [...record, event]);
  }
  for (const effect of changes.effects) {
    if (outbox.has(effect.id)) throw new VersionConflict();
    const fresh = { attempts: 0, faults: 0, doubts: 0, lapses: 0, isBegun: false, leaseUntil: null };
    outbox.set(effect.id, { ...effect, ...fresh, seq: ++turn.seq, status: "pending" });
    const { link, to } = effect.payload;
    if (!link || to === undefined) continue;
    const target = { collecteId: effect.actorId, personId: to, ...link };
    links.set(digestOf(secrets.linkToken(target)), { ...target, firmId: effect.firmId });
  }
  for (const timer of changes.timers) timers.set(`${timer.actorId} ${timer.name}`, timer);
  for (const { actorId, name } of changes.clearedTimers) timers.delete(`${actorId} ${name}`);
  for (const one of changes.awaited) awaited.set(`${one.actorId} ${one.act} ${one.key}`, one);
  for (const { actorId, act, key } of changes.unawaited) awaited.delete(`${actorId} ${act} ${key}`);
  for (const { messageId, at } of changes.forgotten)
    if (receipts.get(messageId)?.at === at) receipts.delete(messageId);
  for (const receipt of changes.receipts) {
    if (receipts.has(receipt.messageId)) throw new VersionConflict();
    receipts.set(receipt.messageId, receipt);
  }
  const drained = new Set(changes.drained);
  for (const { seq, message } of mailbox.values()) if (drained.has(seq)) mailbox.delete(message.id);
  for (const parked of changes.park) {
    if (!mailbox.has(parked.message.id)) mailbox.set(parked.message.id, { ...parked, seq: ++turn.seq });
  }
  for (const { message, error } of changes.deadLetters) {
    if (deadLetters.has(message.id)) throw new VersionConflict();
    deadLetters.set(message.id, { messageId: message.id, firmId: message.firmId, error });
  }
  for (const id of changes.settled) outbox.delete(id);
  for (const { id, attempts, faults, doubts, lapses, dueAt } of changes.postponed) {
    const row = outbox.get(id);
    if (row?.status === "leased" && row.attempts === attempts)
      outbox.set(id, { ...row, status: "pending", leaseUntil: null, dueAt, faults, doubts, lapses });
  }
  for (const { id, attempts } of changes.returned) {
    const row = outbox.get(id);
    if (row?.status === "leased" && row.attempts === attempts)
      outbox.set(id, { ...row, status: "pending", leaseUntil: null });
  }
  for (const { id, attempts, leaseUntil } of changes.renewed) {
    const row = outbox.get(id);
    if (row?.status === "leased" && row.attempts === attempts)
      outbox.set(id, { ...row, leaseUntil, isBegun: true });
  }
  for (const { id, attempts } of changes.buried) {
    const row = outbox.get(id);
    if (row?.status === "leased" && row.attempts === attempts)
      outbox.set(id, { ...row, status: "dead", leaseUntil: null });
  }
}

function entryOf<V>(table: UndoTable<V>, key: string): [string, V][] {
  const value = table.get(key);
  return value === undefined ? [] : [[key, structuredClone(value)]];
}
