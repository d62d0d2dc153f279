import type { Collecte } from "../../src/actors/collecte/state.ts";
import { VersionConflict } from "../../src/actors/runtime/errors.ts";
import type {
  Calendar,
  Changes,
  Journal,
  JournalTransaction,
  Reads,
} from "../../src/actors/runtime/ports.ts";
import { isDueEffect } from "../support/memory-claim.ts";
import type { MemoryStore, MemoryTables } from "../support/memory-journal.ts";
import type { Judge } from "./judge.ts";
import type { Plant } from "./plants.ts";
import { type Mortal, port } from "./port.ts";
import type { World } from "./world.ts";

export interface SharedStore {
  world: World;
  store: MemoryStore;
  judge: Judge;
  plant: Plant;
}

/**
 * One process's way to the shared store. What a transaction reads is what is committed at that moment, so those of
 * two processes interleave as READ COMMITTED lets them; from its write on a transaction is alone, as behind row
 * locks, and the fence of the write decides who wins.
 */
export function journalOf({ world, store, judge, plant }: SharedStore, owner: Mortal): Journal {
  const onSlow = (ms: number) => judge.disturb(owner.name, ms);
  const read = <T>(where: string, work: (tx: JournalTransaction) => Promise<T>) =>
    port(world, owner, `tx.${where}`, () => store.journal.transaction(work), {
      before: "storeFails",
      onSlow,
    });
  const behindWrite = (tx: OpenTransaction | undefined) => {
    if (!tx) throw new Error("a claim comes after the write");
    return tx.tx;
  };

  return {
    async transaction(work) {
      let open: OpenTransaction | undefined;
      let written: Changes | undefined;
      const tx: JournalTransaction = {
        hold: async (parts) => new Set(parts),
        holdKinds: async (kinds) => new Set(kinds),
        receipts: (ids) =>
          read("receipts", (it) => (plant.knowsNoReceipts ? Promise.resolve(new Map()) : it.receipts(ids))),
        waitingParts: (parts) => read("waitingParts", (it) => it.waitingParts(parts)),
        mail: (parts, now, limit) => read("mail", (it) => it.mail(parts, now, limit)),
        actors: (ids) => read("actors", (it) => it.actors(ids)),
        write: (changes) =>
          port(
            world,
            owner,
            "tx.write",
            async () => {
              written = plant.rewrites?.(changes, store.tables) ?? changes;
              judge.writing(written);
              open = await opened(store.journal, written);
            },
            { before: "storeFails", isHeld: true, onSlow },
          ),
        async release(kinds, now) {
          const lapsed = await behindWrite(open).release(kinds, now);
          for (const { kind, isBegun } of lapsed) if (!isBegun) judge.lapsesUnbegun(kind);
          return lapsed;
        },
        buckets: async (kinds) => behindWrite(open).buckets(plant.knowsNoBuckets ? [] : kinds),
        keepBuckets: async (buckets) => behindWrite(open).keepBuckets(buckets),
        async claim(...given) {
          const claimed = await behindWrite(open).claim(...given);
          for (const { id } of claimed) judge.leasedAgain(id);
          for (const { kind } of claimed) judge.leases(kind);
          return claimed;
        },
      };
      try {
        await port(world, owner, "tx.begin", () => undefined, { before: "storeFails", onSlow });
        const result = await work(tx);
        await open?.commit();
        if (written) judge.committed(written, owner.name);
        return await port(world, owner, "tx.committed", () => result, { before: "commitUnknown", onSlow });
      } catch (error) {
        await open?.rollback();
        if (!(error instanceof VersionConflict)) judge.excuseAllOf(owner.name, "a commit failed");
        throw error;
      }
    },
  };
}

interface OpenTransaction {
  tx: JournalTransaction;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** A transaction of the store in memory, held open behind its write. It ends within the scheduler's step. */
function opened(journal: Journal, changes: Changes): Promise<OpenTransaction> {
  return new Promise((resolve, reject) => {
    let finish: (error?: Error) => void = () => undefined;
    const end = new Promise<void>((done, undo) => {
      finish = (error) => (error ? undo(error) : done());
    });
    const whole = journal.transaction(async (tx) => {
      await tx.write(changes);
      resolve({
        tx,
        commit() {
          finish();
          return whole;
        },
        rollback() {
          finish(new Error("rolled back"));
          return whole.catch(() => undefined);
        },
      });
      await end;
    });
    whole.catch(reject);
  });
}

/** The reads of one process. `onEffect` is told the committed row that a job was answered with. */
export function readsOf(
  { world, store, plant }: SharedStore,
  owner: Mortal,
  onEffect: (id: string) => void,
): Reads {
  const { reads, tables } = store;
  const call = <T>(where: string, work: () => Promise<T>) =>
    port(world, owner, `reads.${where}`, work, { before: "readFails" });
  return {
    ...reads,
    collecte: (firmId, id) => call("collecte", () => reads.collecte(firmId, id)),
    link: (hash) => call("link", () => reads.link(hash)),
    mailWaiting: (most) => call("mailWaiting", () => reads.mailWaiting(most)),
    dueParts: (now) =>
      call("dueParts", async () => plant.dueParts?.(owner, tables, now) ?? reads.dueParts(now)),
    dueTimers: (now, limit, after) => call("dueTimers", () => reads.dueTimers(now, limit, after)),
    effect: (id) =>
      call("effect", () => {
        onEffect(id);
        return plant.effect ? plant.effect(id, tables, owner, world.clock.now()) : reads.effect(id);
      }),
  };
}

/** The calendar as one process asks it. */
export function calendarOf(world: World, owner: Mortal, calendar: Calendar): Calendar {
  const call = <T>(where: string, work: () => Promise<T>) =>
    port(world, owner, `calendar.${where}`, work, { before: "storeFails", after: "commitUnknown" });
  return {
    take: (...asked) => call("take", () => calendar.take(...asked)),
    keep: (...asked) => call("keep", () => calendar.keep(...asked)),
    done: (...asked) => call("done", () => calendar.done(...asked)),
  };
}

/** When some row next wants an engine: an effect, mail or a timer that is due, or a lease that ends. */
export function nextDue(tables: MemoryTables, now: number): number | undefined {
  const stuck = new Set<string>();
  const isOpen = (id: string) =>
    (tables.actors.get(id)?.state as Collecte | undefined)?.status === "launched";
  let first: number | undefined;
  const due = (instant: number) => {
    if (first === undefined || instant < first) first = instant;
  };
  for (const { status, kind, actorId, dueAt, leaseUntil } of tables.outbox.values()) {
    if (status === "dead" && isOpen(actorId) && (kind === "sign" || kind === "seal")) stuck.add(actorId);
    if (status !== "dead") due(leaseUntil ?? (isDueEffect(dueAt, now) ? now : dueAt));
  }
  for (const { notBefore } of tables.mailbox.values()) due(notBefore);
  // A signature that failed for good keeps its collecte open, and its timer with it, until an operator comes.
  // A timer that its law won't take yet is mailed again an hour later.
  const nextTurn = now + 3_600_000;
  for (const { actorId, dueAt } of tables.timers.values())
    if (!stuck.has(actorId)) due(dueAt <= now ? nextTurn : dueAt);
  return first;
}
