import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import { partOf } from "../actors/runtime/parts.ts";
import type { Changes } from "../actors/runtime/ports.ts";
import { digestOf, type Secrets } from "../actors/runtime/secrets.ts";
import { type BlobUse, usesIn } from "./blob-uses.ts";
import { hashOf } from "./chain.ts";
import type { Batch, JournalSql } from "./database.ts";
import { mailColumns } from "./message-rows.ts";
import type { Vault } from "./vault.ts";

/** The rows of a transaction, with the statement of each table. */
export function batchesOf(changes: Changes, sql: JournalSql, vault: Vault, secrets: Secrets): Batch[] {
  // Before all else: what is hidden is hidden under the keys of those who are born here.
  const keys = keysOf(changes, vault);
  const { events, heads } = chainedEvents(changes, vault);
  const collectes = new Set(changes.actors.filter(({ kind }) => kind === "collecte").map(({ id }) => id));
  const uses = usesIn(changes.events.filter(({ actorId }) => collectes.has(actorId)));
  return [
    [sql.insertKeys, keys],
    [sql.insertEvents, events],
    [sql.upsertActors, actorsOf(changes, vault, heads)],
    [
      sql.insertEffects,
      changes.effects.map((effect) => ({ ...effect, payload: JSON.stringify(effect.payload) })),
    ],
    [sql.insertBlobUses, uses],
    [sql.dropOldEvidence, newestEvidence(uses)],
    [sql.insertLinks, linksOf(changes, secrets)],
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

function keysOf({ actors }: Changes, vault: Vault) {
  const born = actors.filter(({ expectedVersion }) => expectedVersion === 0);
  return born.map(({ id }) => ({ id, wrapped: vault.create(id) }));
}

/** Each event with its hash over the one before, and where the chain of each actor then ends. */
function chainedEvents({ actors, events }: Changes, vault: Vault) {
  const heads = new Map(actors.map(({ id, headHash }) => [id, headHash]));
  const chained = events.map((event) => {
    const data = canonicalJson(vault.hide(event.actorId, event.data as object));
    const previousHash = heads.get(event.actorId) ?? "";
    const hash = hashOf({ ...event, data }, previousHash);
    heads.set(event.actorId, hash);
    return { ...event, data, previousHash, hash };
  });
  return { events: chained, heads };
}

function actorsOf({ actors }: Changes, vault: Vault, heads: ReadonlyMap<string, string>) {
  return actors.map((actor) => ({
    ...actor,
    part: partOf(actor.id),
    status: statusOf(actor.state),
    state: JSON.stringify(vault.hide(actor.id, actor.state as object)),
    headHash: heads.get(actor.id),
  }));
}

/** Of each actor that got an evidence file, the last. */
function newestEvidence(uses: readonly BlobUse[]): BlobUse[] {
  const evidence = uses.filter(({ documentId }) => documentId === "");
  return [...new Map(evidence.map((use) => [use.actorId, use])).values()];
}

/** The links that mails are to carry: of their tokens only a digest is kept. */
function linksOf({ effects }: Changes, secrets: Pick<Secrets, "linkToken">) {
  return effects.flatMap(({ actorId: collecteId, firmId, payload: { link, to: personId } }) => {
    if (!link || personId === undefined) return [];
    const { purpose, generation } = link;
    const token = secrets.linkToken({ collecteId, personId, purpose, generation });
    return [{ tokenHash: digestOf(token), firmId, collecteId, personId, purpose, generation }];
  });
}

function statusOf(state: unknown): string {
  return typeof state === "object" && state !== null && "status" in state ? String(state.status) : "";
}
