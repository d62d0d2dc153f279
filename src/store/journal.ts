import { type Collecte, nothing } from "../actors/collecte/state.ts";
import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import { VersionConflict } from "../actors/runtime/errors.ts";
import { furthestEffect, furthestLease, furthestMail } from "../actors/runtime/horizons.ts";
import { released } from "../actors/runtime/lapses.ts";
import { partOf } from "../actors/runtime/parts.ts";
import type {
  ActorRow,
  Changes,
  Journal,
  JournalTransaction,
  MailboxRow,
  Message,
  Outcome,
  Receipt,
} from "../actors/runtime/ports.ts";
import type { Bucket } from "../actors/runtime/rates.ts";
import { digestOf, type Secrets } from "../actors/runtime/secrets.ts";
import { usesIn } from "./blob-uses.ts";
import { hashOf } from "./chain.ts";
import type { Batch, Connection, Database, JournalSql } from "./database.ts";
import type { Vault } from "./vault.ts";

/** The hot path: each table of a group set by set and never row by row, one fsync for all of it. */
export function createJournal(database: Database, vault: Vault, secrets: Secrets): Journal {
  const lastFirms = new Map<string, string>();
  return {
    lanes: database.lanes,
    transaction: (work, lane = 0) =>
      database.transaction(
        (writer) => work(transactionOn(database, writer, vault, secrets, lastFirms)),
        lane,
      ),
  };
}

function transactionOn(
  database: Database,
  writer: Connection,
  vault: Vault,
  secrets: Secrets,
  lastFirms: Map<string, string>,
): JournalTransaction {
  const sql = database.sql;
  return {
    async hold(parts) {
      return new Set(parts.length > 0 ? await database.hold(writer, parts) : []);
    },
    async holdKinds(kinds) {
      return new Set(kinds.length > 0 ? await database.holdKinds(writer, kinds) : []);
    },
    async receipts(messageIds) {
      if (messageIds.length === 0) return new Map();
      const rows = await writer.all<ReceiptColumns>(sql.receipts, JSON.stringify(messageIds));
      return new Map(rows.map((row) => [row.message_id, receiptOf(row)]));
    },
    async waitingParts(parts) {
      if (parts.length === 0) return new Set();
      const rows = await writer.all<{ part: number }>(sql.waitingParts, JSON.stringify(parts));
      return new Set(rows.map(({ part }) => part));
    },
    async mail(parts, now, limit) {
      const values = [JSON.stringify(parts), now, furthestMail(now), limit];
      const rows = await writer.all<MailboxColumns>(sql.mail, ...values);
      const unreadable: number[] = [];
      const mail = rows.flatMap((row) => {
        try {
          return [mailOf(row, secrets)];
        } catch {
          unreadable.push(row.seq);
          return [];
        }
      });
      if (unreadable.length === 0) return mail;
      // One damaged row must not stop the others of its part: it stays, out of the way, for an operator. And a list
      // that is short for its sake would be taken for the last: younger messages would be decided before older ones.
      await writer.run(sql.setAside, JSON.stringify(unreadable));
      return this.mail(parts, now, limit);
    },
    async actors(ids) {
      if (ids.length === 0) return new Map();
      const rows = await writer.all<ActorColumns>(sql.actors, JSON.stringify(ids));
      return new Map(rows.map((row) => [row.id, actorOrDamaged(row, vault)]));
    },
    async gone(sha256s) {
      await database.holdBlobs(writer, "shared");
      const rows = await writer.all<{ sha256: string }>(sql.goneBlobs, JSON.stringify(sha256s));
      return new Set(rows.map(({ sha256 }) => sha256));
    },
    async write(changes) {
      try {
        await database.write(writer, rowsOf(sql, changes, vault, secrets));
      } catch (error) {
        // The primary key (actor, version, n) of events is the fence between writers; a receipt, an effect or a key
        // that is there already tells of the same race. Any other fault no other try will mend.
        if (!database.isRace(error)) throw error;
        throw new VersionConflict("another writer moved an actor", { cause: error });
      }
    },
    async release(kinds, now) {
      const bounds = [now, furthestLease(now), JSON.stringify(kinds)];
      const rows = await writer.all<LapsedColumns>(sql.lapsedLeases, ...bounds);
      if (rows.length === 0) return [];
      const lapsed = rows.map((row) => ({ seq: row.seq, ...released(leaseOf(row), now) }));
      await writer.run(sql.releaseLeases, JSON.stringify(lapsed));
      return rows.map(({ kind, begun }) => ({ kind, isBegun: begun === 1 }));
    },
    async claim(limits, now, leaseMs, most = {}) {
      const seqs: number[] = [];
      for (const [kind, limit] of Object.entries(limits)) {
        const lastFirm = lastFirms.get(kind) ?? "";
        const bounds = [most[kind] ?? limit, furthestEffect(now)];
        const rows = await writer.all<ClaimColumns>(sql.claimable, limit, now, lastFirm, kind, ...bounds);
        seqs.push(...rows.map(({ seq }) => seq));
        lastFirms.set(kind, rows.at(-1)?.firm_id ?? lastFirm);
      }
      if (seqs.length === 0) return [];
      return writer.all<{ id: string; attempts: number; kind: string }>(
        sql.lease,
        JSON.stringify(seqs),
        now + leaseMs,
      );
    },
    async buckets(kinds) {
      const rows = await writer.all<BucketColumns>(sql.buckets, JSON.stringify(kinds));
      return new Map(rows.map((row) => [row.kind, bucketOf(row)]));
    },
    async keepBuckets(buckets) {
      const rows = [...buckets].map(([kind, bucket]) => ({ kind, ...bucket }));
      await writer.run(sql.keepBuckets, JSON.stringify(rows));
    },
  };
}

function rowsOf(sql: JournalSql, changes: Changes, vault: Vault, secrets: Secrets): Batch[] {
  const born = changes.actors.filter(({ expectedVersion }) => expectedVersion === 0);
  const keys = born.map(({ id }) => ({ id, wrapped: vault.create(id) }));
  const heads = new Map(changes.actors.map(({ id, headHash }) => [id, headHash]));
  const events = changes.events.map((event) => {
    const data = canonicalJson(vault.hide(event.actorId, event.data as object));
    const previousHash = heads.get(event.actorId) ?? "";
    const hash = hashOf({ ...event, data }, previousHash);
    heads.set(event.actorId, hash);
    return { ...event, data, previousHash, hash };
  });
  const actors = changes.actors.map((actor) => ({
    ...actor,
    part: partOf(actor.id),
    status: statusOf(actor.state),
    state: JSON.stringify(vault.hide(actor.id, actor.state as object)),
    headHash: heads.get(actor.id),
  }));
  const collectes = new Set(changes.actors.filter(({ kind }) => kind === "collecte").map(({ id }) => id));
  const uses = usesIn(changes.events.filter(({ actorId }) => collectes.has(actorId)));
  const newEvidence = new Map(
    uses.filter(({ documentId }) => documentId === "").map((use) => [use.actorId, use]),
  );
  const links = changes.effects.flatMap(({ actorId, firmId, payload: { link, to } }) => {
    if (!link || to === undefined) return [];
    const { purpose, generation } = link;
    const token = secrets.linkToken({ collecteId: actorId, personId: to, purpose, generation });
    return [{ tokenHash: digestOf(token), firmId, collecteId: actorId, personId: to, purpose, generation }];
  });
  return [
    [sql.insertKeys, keys],
    [sql.insertEvents, events],
    [sql.upsertActors, actors],
    [
      sql.insertEffects,
      changes.effects.map((effect) => ({ ...effect, payload: JSON.stringify(effect.payload) })),
    ],
    [sql.insertBlobUses, uses],
    [sql.dropOldEvidence, [...newEvidence.values()]],
    [sql.insertLinks, links],
    [sql.upsertTimers, changes.timers],
    [sql.clearTimers, changes.clearedTimers],
    [sql.upsertAwaited, changes.awaited],
    [sql.deleteAwaited, changes.unawaited],
    [sql.forgetReceipts, changes.forgotten],
    [
      sql.insertReceipts,
      changes.receipts.map((receipt) => ({ ...receipt, outcome: JSON.stringify(receipt.outcome) })),
    ],
    [sql.deleteMail, changes.drained],
    [sql.insertMail, changes.park.map((parked) => ({ ...parked, ...mailColumns(parked.message, secrets) }))],
    [
      sql.insertDeadLetters,
      changes.deadLetters.map((dead) => ({ ...dead, ...mailColumns(dead.message, secrets) })),
    ],
    [sql.deleteEffects, changes.settled],
    [sql.postponeEffects, changes.postponed],
    [sql.returnEffects, changes.returned],
    [sql.renewLeases, changes.renewed],
    [sql.buryEffects, changes.buried],
  ];
}

/** A waiting command is hidden whole: its actor may have no key yet. */
function mailColumns(message: Message, secrets: Secrets) {
  const { id, actorId, kind, firmId, fingerprint = null, command } = message;
  const payload = secrets.wrap(Buffer.from(JSON.stringify(command))).toString("base64");
  return { id, actorId, kind, firmId, fingerprint, payload };
}

interface MailboxColumns {
  seq: number;
  message_id: string;
  actor_id: string;
  kind: string;
  firm_id: string;
  fingerprint: string | null;
  payload: string;
  attempts: number;
}

interface ClaimColumns {
  seq: number;
  firm_id: string;
}

interface LapsedColumns {
  seq: number;
  kind: string;
  lapses: number;
  begun: number;
  lease_until: number;
  due_at: number;
}

function leaseOf({ lapses, begun, lease_until: leaseUntil, due_at: dueAt }: LapsedColumns) {
  return { lapses, isBegun: begun === 1, leaseUntil, dueAt };
}

interface BucketColumns {
  kind: string;
  thousandths: number;
  refilled_at: number;
  day: string;
  day_count: number;
}

function bucketOf({ thousandths, refilled_at: refilledAt, day, day_count: dayCount }: BucketColumns): Bucket {
  return { thousandths, refilledAt, day, dayCount };
}

export interface ReceiptColumns {
  message_id: string;
  actor_id: string;
  fingerprint: string | null;
  outcome: string;
  at: number;
}

export interface ActorColumns {
  id: string;
  kind: string;
  firm_id: string;
  version: number;
  state: string;
  head_hash: string;
  created_at: number;
  updated_at: number;
  /** Null: the key was destroyed. */
  wrapped: string | null;
}

export function actorOf(row: ActorColumns, vault: Vault): ActorRow {
  vault.learn(row.id, row.wrapped);
  const state = vault.show(row.id, JSON.parse(row.state));
  return { ...actorFacts(row), state: row.wrapped === null ? forgotten(row.kind, state) : state };
}

/** What is left of an actor whose key was destroyed: nobody is in it. */
function forgotten(kind: string, state: unknown): unknown {
  return kind === "collecte" ? { ...(state as Collecte), personal: nothing.personal } : state;
}

/** A damaged state fails its own actor's messages, not the group that they came with. */
function actorOrDamaged(row: ActorColumns, vault: Vault): ActorRow {
  try {
    const actor = actorOf(row, vault);
    // A key that is lost and was not given up would make what comes next be written without those whom it is about.
    // Sessions of the parapheur are forgotten when they are old, without an event.
    const isLost =
      row.wrapped === null && row.kind !== "parapheur" && (actor.state as Collecte).forgottenAt === undefined;
    if (!isLost) return actor;
    return { ...actor, state: undefined, damaged: true };
  } catch {
    return { ...actorFacts(row), state: undefined, damaged: true };
  }
}

function actorFacts(row: ActorColumns): Omit<ActorRow, "state" | "damaged"> {
  return {
    id: row.id,
    kind: row.kind,
    firmId: row.firm_id,
    version: row.version,
    headHash: row.head_hash,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function mailOf(row: MailboxColumns, secrets: Pick<Secrets, "unwrap">): MailboxRow {
  const command = JSON.parse(secrets.unwrap(Buffer.from(row.payload, "base64")).toString());
  const message: Message = {
    id: row.message_id,
    actorId: row.actor_id,
    kind: row.kind,
    firmId: row.firm_id,
    command,
    ...(row.fingerprint !== null && { fingerprint: row.fingerprint }),
  };
  return { seq: row.seq, message, attempts: row.attempts };
}

export function receiptOf(row: ReceiptColumns): Receipt {
  const outcome = JSON.parse(row.outcome) as Outcome;
  const { message_id: messageId, actor_id: actorId, fingerprint, at } = row;
  return { messageId, actorId, fingerprint, outcome, at };
}

function statusOf(state: unknown): string {
  return typeof state === "object" && state !== null && "status" in state ? String(state.status) : "";
}
