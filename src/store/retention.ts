import { setImmediate as breathe } from "node:timers/promises";
import { Retryable } from "../actors/runtime/errors.ts";
import { partOf } from "../actors/runtime/parts.ts";
import { type Leaving, type Retention, removalMs } from "../actors/runtime/ports.ts";
import type { Connection, Database } from "./database.ts";
import type { RetentionSql } from "./retention-sql.ts";
import type { Vault } from "./vault.ts";

const receiptsAtOnce = 2_000;
const sessionsAtOnce = 500;

/** Where personal values stand that are not under an actor's own key, and the keys themselves. */
const scrubbed = [
  ...["actor_keys", "documents", "dead_letters", "mailbox", "links", "condemned_blobs"],
  ...["contacts", "contact_requests", "members", "kept_certificates"],
];

/** What leaves is decided on the lane beside the journal's; see decision 29 for how no blob goes that somebody needs. */
export function createRetention(
  database: Pick<Database, "reader" | "lanes" | "transaction" | "holdBlobs" | "scrub">,
  sql: RetentionSql,
  vault: Vault,
): Retention {
  const { reader, lanes } = database;
  const change = <T>(work: (writer: Connection) => Promise<T>) => database.transaction(work, lanes);
  const texts = (rows: { one: string }[]) => rows.map(({ one }) => one);

  async function endUses(writer: Connection, { of, uploads }: Leaving): Promise<void> {
    if (of) {
      await writer.run(of.what === "documents" ? sql.dropDocumentUses : sql.dropEvidenceUses, of.actorId);
      await writer.run(sql.dropUploads, of.firmId, JSON.stringify(uploads));
    } else if (uploads.length > 0) await writer.run(sql.dropStaleUploads, JSON.stringify(uploads));
  }

  return {
    leave: (leaving, now) =>
      change(async (writer) => {
        await database.holdBlobs(writer, "alone");
        const wanted = JSON.stringify([...new Set(leaving.sha256s)]);
        const until = now + removalMs;
        const [taken] = await writer.all(sql.inHand, wanted, now, until);
        if (taken) throw new Retryable("removal_in_hand", { retryAfterMs: removalMs });
        await endUses(writer, leaving);
        const kept = texts(await writer.all<{ one: string }>(sql.needed, wanted));
        const condemned = [...new Set(leaving.sha256s)].filter((one) => !kept.includes(one));
        await writer.run(sql.condemn, until, JSON.stringify(condemned));
        return { condemned, kept };
      }),
    gone: (sha256s, now) => change((writer) => writer.run(sql.gone, now, JSON.stringify(sha256s))),
    async evidenceOf(actorId) {
      const rows = await reader.all<{ sha256: string }>(sql.evidence, actorId);
      return rows.map(({ sha256 }) => sha256);
    },
    clear: (actorId) =>
      change(async (writer) => {
        await writer.run(sql.dropLinks, actorId);
        await writer.run(sql.dropDeadEffects, `${actorId}.`, `${actorId}/`, actorId);
        await writer.run(sql.dropDeadLetters, actorId);
        await writer.run(sql.dropUnreadableMail, partOf(actorId), actorId);
      }),
    async destroyKey(actorId) {
      await change(async (writer) => {
        await writer.run(sql.dropCertificates, actorId);
        await writer.run(sql.dropKey, actorId);
      });
      vault.learn(actorId, null);
    },
    async named(sha256s) {
      return new Set(texts(await reader.all<{ one: string }>(sql.named, JSON.stringify(sha256s))));
    },
    staleUploads: (before, limit) => reader.all(sql.staleUploads, before, limit),
    async leftovers(now) {
      const rows = await reader.all<{ sha256: string }>(sql.leftovers, now, now + removalMs);
      return rows.map(({ sha256 }) => sha256);
    },
    async dropReceipts(before) {
      let dropped = 0;
      let page: { id: string; at: number }[] = [];
      // By the key, since no index by age is worth its price on the hot path.
      do {
        page = await reader.all(sql.receiptsAfter, page.at(-1)?.id ?? "", receiptsAtOnce);
        const old = page.filter(({ at }) => at < before).map(({ id }) => id);
        if (old.length > 0)
          await change((writer) => writer.run(sql.dropReceipts, before, JSON.stringify(old)));
        dropped += old.length;
        await breathe();
      } while (page.length === receiptsAtOnce);
      await change(async (writer) => {
        await writer.run(sql.forgetGone, before);
        await writer.run(sql.dropContactAnswers, before);
      });
      return dropped;
    },
    async forgetSessions(before) {
      let forgotten = 0;
      let ids: string[];
      do {
        const rows = await reader.all<{ id: string }>(sql.oldSessions, before, sessionsAtOnce);
        ids = rows.map(({ id }) => id);
        if (ids.length > 0) await change((writer) => writer.run(sql.dropKeys, JSON.stringify(ids)));
        for (const id of ids) vault.learn(id, null);
        forgotten += ids.length;
      } while (ids.length === sessionsAtOnce);
      return forgotten;
    },
    scrub: () => database.scrub(scrubbed),
  };
}
