import { type Collecte, nothing } from "../../src/actors/collecte/state.ts";
import { noChanges } from "../../src/actors/runtime/drain.ts";
import { partOf } from "../../src/actors/runtime/parts.ts";
import type { ActorRow, Changes, Journal, Message } from "../../src/actors/runtime/ports.ts";

export const firstInstant = Date.UTC(2026, 10, 30, 9);

/** What one decision about a collecte writes: its state, and one event. */
export interface Moved {
  id: string;
  firmId?: string;
  /** The version that was read; the one that is written is the next. */
  from?: number;
  at?: number;
  createdAt?: number;
  status?: Collecte["status"];
  events?: string[];
  /** What the decider read, when its hash chain goes on. */
  headHash?: string;
}

/** Changes that move one collecte; lists given in `more` are added. */
export function moved(
  {
    id,
    firmId = "firm-a",
    from = 0,
    at = firstInstant,
    createdAt = at,
    status = "launched",
    events = ["Moved"],
    headHash = "",
  }: Moved,
  more: Partial<Changes> = {},
): Changes {
  const state: Collecte = { ...nothing, status, firmId, personal: { title: `About ${id}`, people: {} } };
  const version = from + 1;
  return {
    ...noChanges(),
    actors: [
      {
        id,
        kind: "collecte",
        firmId,
        version,
        state,
        headHash,
        createdAt,
        updatedAt: at,
        expectedVersion: from,
      },
    ],
    events: events.map((type, n) => ({
      actorId: id,
      version,
      n,
      messageId: `${id}-${version}`,
      type,
      data: { type, at, personal: { said: `${type} of ${id}` } },
      at,
    })),
    ...more,
  };
}

/** An effect as a decision orders it. */
export function ordered(
  id: string,
  { firmId = "firm-a", dueAt = firstInstant, actorId = "col-1", kind = "mail" } = {},
): Changes["effects"][number] {
  return { id, actorId, firmId, kind, payload: { kind, to: "s1" }, dueAt };
}

export function aMessage(id: string, more: Partial<Message> = {}): Message {
  const command = { type: "LaunchCollecte", at: firstInstant };
  return { id, actorId: "col-1", kind: "collecte", firmId: "firm-a", command, ...more };
}

export function parked(message: Message, { notBefore = firstInstant, attempts = 0 } = {}) {
  return { message, part: partOf(message.actorId), at: firstInstant, attempts, notBefore };
}

export function write(journal: Journal, changes: Partial<Changes>): Promise<void> {
  return journal.transaction((tx) => tx.write({ ...noChanges(), ...changes }));
}

/** Takes away what ran out, and leases what is due. */
export function claim(journal: Journal, now: number, limit: number, leaseMs = 60_000, kind = "mail") {
  return journal.transaction(async (tx) => {
    await tx.release([kind], now);
    return tx.claim({ [kind]: limit }, now, leaseMs);
  });
}

export async function actorOf(journal: Journal, id: string): Promise<ActorRow | undefined> {
  return (await journal.transaction((tx) => tx.actors([id]))).get(id);
}
