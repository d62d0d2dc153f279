import { VersionConflict } from "../actors/runtime/errors.ts";
import { furthestEffect, furthestLease, furthestMail } from "../actors/runtime/horizons.ts";
import { released } from "../actors/runtime/lapses.ts";
import type { Journal, JournalTransaction } from "../actors/runtime/ports.ts";
import type { Bucket } from "../actors/runtime/rates.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import { type ActorColumns, actorOrDamaged } from "./actor-rows.ts";
import { batchesOf } from "./change-rows.ts";
import type { Connection, Database } from "./database.ts";
import { type MailboxColumns, mailOf, type ReceiptColumns, receiptOf } from "./message-rows.ts";
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
        await database.write(writer, batchesOf(changes, sql, vault, secrets));
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
