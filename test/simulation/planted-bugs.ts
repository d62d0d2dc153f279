import { collecteDecider } from "../../src/actors/collecte/decider.ts";
import type { Event } from "../../src/actors/collecte/events.ts";
import type { Decision } from "../../src/actors/collecte/refusals.ts";
import type { Collecte } from "../../src/actors/collecte/state.ts";
import type { Plant } from "./plants.ts";
import type { Owner } from "./world.ts";

const { decide } = collecteDecider;
const day = 86_400_000;
const fifteenDays = 15 * day;

const changed = (decision: Decision, change: (event: Event) => Event): Decision => ({
  ...decision,
  happened: decision.happened.map(change),
});

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

  "an old link works after an order change": (): Plant => ({
    law: {
      decide: (state, command) =>
        decide(
          state,
          "linkGeneration" in command
            ? {
                ...command,
                linkGeneration:
                  state.signatories[command.signatoryId]?.linkGeneration ?? command.linkGeneration,
              }
            : command,
        ),
    },
  }),

  "a reminder prolongs from now": (): Plant => ({
    law: {
      decide: (state, command) =>
        changed(decide(state, command), (event) =>
          event.type === "SignatoriesReminded" ? { ...event, expiresAt: event.at + fifteenDays } : event,
        ),
    },
  }),

  "a purge after three weeks": (): Plant => ({
    law: {
      decide: (state, command) =>
        decide(state, command.type === "PurgeCollecte" ? { ...command, at: command.at + 10 * day } : command),
      timersOf: (state) =>
        collecteDecider
          .timersOf(state)
          .map((timer) => (timer.name === "purge" ? { ...timer, dueAt: timer.dueAt - 10 * day } : timer)),
    },
  }),

  "who was replaced may still refuse": (): Plant => ({
    law: {
      decide(state, command) {
        const decision = decide(state, command);
        if (command.type !== "RefuseToSign" || decision.refused !== "link_dead") return decision;
        const { signatoryId, at, personal } = command;
        return state.status === "launched" && state.replaced?.includes(signatoryId)
          ? { happened: [{ type: "CollecteRefused", signatoryId, at, personal }] }
          : decision;
      },
    },
  }),

  "an order change that forgets a seal": (): Plant => ({
    law: {
      decide: (state, command) =>
        changed(decide(state, command), (event) =>
          event.type === "OrderChanged" && event.steps.length > 1
            ? { ...event, steps: event.steps.filter((step) => !("seal" in step)) }
            : event,
        ),
    },
  }),

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
