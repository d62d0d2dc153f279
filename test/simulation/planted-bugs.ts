import type { Collecte } from "../../src/actors/collecte/state.ts";
import type { Plant } from "./plants.ts";
import type { Owner } from "./world.ts";

/** What is left of a lease that nobody would doubt. */
const livingMs = 4_000;

/** The bugs that the simulation must be able to find; each is made anew for each history. */
export const plantedBugs = {
  "no version fence": (): Plant => ({
    rewrites(changes, tables) {
      const shifts = new Map(
        changes.actors.map(({ id, expectedVersion }) => [
          id,
          (tables.actors.get(id)?.version ?? 0) - expectedVersion,
        ]),
      );
      const moved = <T extends { version: number }>(row: T, id: string): T => ({
        ...row,
        version: row.version + (shifts.get(id) ?? 0),
      });
      return {
        ...changes,
        actors: changes.actors.map((actor) => ({
          ...moved(actor, actor.id),
          expectedVersion: actor.expectedVersion + (shifts.get(actor.id) ?? 0),
        })),
        events: changes.events.map((event) => moved(event, event.actorId)),
        effects: changes.effects.filter(({ id }) => !tables.outbox.has(id)),
      };
    },
  }),

  "an effect done before it is acted on": (): Plant => ({ beforeActing: (settle, id) => settle(id) }),

  "simple deduplication of wakes, and each hinted once": (): Plant => {
    const hinted = new WeakMap<Owner, Set<string>>();
    return {
      forgetsLast: true,
      dueParts(owner, tables, now) {
        const known = hinted.get(owner) ?? new Set();
        hinted.set(owner, known);
        const fresh = tables.mailbox
          .values()
          .filter(({ seq, notBefore }) => notBefore <= now && !known.has(String(seq)));
        for (const { seq } of fresh) known.add(String(seq));
        return [...new Set(fresh.map(({ part }) => part))];
      },
    };
  },

  "receipts ignored": (): Plant => ({
    knowsNoReceipts: true,
    rewrites: (changes, tables) => ({
      ...changes,
      receipts: changes.receipts.filter(({ messageId }) => !tables.receipts.has(messageId)),
    }),
  }),

  "leases that are not prolonged": (): Plant => ({
    rewrites: (changes) => ({ ...changes, renewed: [] }),
  }),

  "rates that no process remembers": (): Plant => ({ knowsNoBuckets: true }),

  "no check of the lease": (): Plant => {
    const taken = new WeakMap<Owner, Map<string, number>>();
    return {
      takes(owner, id, attempts) {
        const jobs = taken.get(owner) ?? new Map<string, number>();
        taken.set(owner, jobs.set(id, attempts));
      },
      async effect(id, tables, owner, now) {
        const stored = tables.outbox.get(id);
        if (!stored || stored.status === "dead") return undefined;
        const { seq: _, status: __, isBegun: ___, ...row } = stored;
        const attempts = taken.get(owner)?.get(id) ?? row.attempts;
        const state = tables.actors.get(row.actorId)?.state as Collecte;
        const whole = { ...row, actorKind: "collecte", attempts, leaseUntil: now + livingMs };
        return structuredClone({ row: whole, state });
      },
    };
  },
} satisfies Record<string, () => Plant>;
