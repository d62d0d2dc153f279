import { Desk, needsOf, type Waiting } from "./desk.ts";
import { furthestMail } from "./horizons.ts";
import type { Laws } from "./laws.ts";
import { partOf } from "./parts.ts";
import type { Changes, Instant, JournalTransaction, Message, Outcome, Receipt } from "./ports.ts";

/** What became of each message of a group, by message id. */
export type Outcomes = Map<string, Outcome>;

/**
 * `behind`: parts in which more mail waits than one drain takes. `busy`: parts in which another process decides just
 * now, so that mail may be left in them when it is done. `parked`: parts in which messages of the group wait now.
 * `turnedAway`: ids of those for which there was no room.
 */
export interface Drained {
  outcomes: Outcomes;
  receipts: Map<string, Receipt>;
  changes: Changes;
  behind: Set<number>;
  busy: number[];
  parked: Set<number>;
  turnedAway: Set<string>;
}

/** What a process may do with a group. */
export interface DrainRules {
  /** False: everything is parked, for a process that decides. */
  decides: boolean;
  /** Whether a message that would have to wait in the mailbox is refused instead. */
  turnsAway(message: Message): boolean;
}

const usualRules: DrainRules = { decides: true, turnsAway: () => false };

const mailLimit = 1000;

/**
 * Decides a group of messages, and the mail that waits in their parts and in `parts`, in one transaction:
 * older mail first, each actor's messages in order. The caller commits `changes` with `tx.write`.
 */
export async function drain(
  tx: JournalTransaction,
  laws: Laws,
  group: Message[],
  parts: number[],
  now: Instant,
  { decides, turnsAway }: DrainRules = usualRules,
): Promise<Drained> {
  const touched = [...new Set([...parts, ...group.map(({ actorId }) => partOf(actorId))])];
  const held = decides ? await tx.hold(touched) : new Set<number>();
  const waiting = await tx.waitingParts([...held]);
  const mail: Waiting[] = waiting.size > 0 ? await tx.mail([...waiting], now, mailLimit) : [];
  const receipts = await tx.receipts([
    ...mail.map(({ message }) => message.id),
    ...group.map(({ id }) => id),
  ]);
  const changes = noChanges();
  for (const receipt of receipts.values()) {
    if (!isOver(receipt, now)) continue;
    receipts.delete(receipt.messageId);
    changes.forgotten.push({ messageId: receipt.messageId, at: receipt.at });
  }
  const outcomes: Outcomes = new Map([...receipts].map(([id, { outcome }]) => [id, outcome]));
  for (const { seq } of mail) if (seq !== undefined) changes.drained.push(seq);
  // When the mail is longer than one drain, fresh messages queue up behind it.
  const behind = mail.length === mailLimit ? waiting : new Set<number>();
  const isOpen = (id: string) => (outcomes.get(id)?.status ?? "accepted") === "accepted";
  const inHand: Waiting[] = mail.filter(({ message }) => isOpen(message.id));
  const parked = new Set<number>();
  const turnedAway = new Set<string>();
  for (const message of group) {
    const part = partOf(message.actorId);
    if (outcomes.has(message.id)) continue;
    const mustWait = behind.has(part) || !held.has(part);
    if (mustWait && turnsAway(message)) {
      turnedAway.add(message.id);
      continue;
    }
    outcomes.set(message.id, { status: "accepted" });
    if (mustWait) {
      // Due at once by the clock of whoever drains it, or what comes to them later would be decided before it.
      changes.park.push({ message, part, at: now, attempts: 0, notBefore: 0 });
      parked.add(part);
    } else inHand.push({ message, attempts: 0 });
  }
  const actors = await tx.actors([...new Set(inHand.map(({ message }) => message.actorId))]);
  const needed = inHand.flatMap(({ message }) => needsOf(laws, message));
  const gone = (needed.length > 0 ? await tx.gone?.([...new Set(needed)]) : undefined) ?? new Set<string>();
  const desk = new Desk(laws, actors, changes, now, gone);
  for (const item of inHand) outcomes.set(item.message.id, desk.decide(item));
  desk.clear();
  const busy = decides ? touched.filter((part) => !held.has(part)) : [];
  return { outcomes, receipts, changes, behind, busy, parked, turnedAway };
}

/** Whether the "later" of an answer has come, or is from before the clock was set back. */
function isOver({ outcome, at }: Receipt, now: Instant): boolean {
  if (outcome.status !== "refused") return false;
  const { retryAfterSeconds } = outcome.facts;
  if (retryAfterSeconds === undefined) return false;
  return now >= at + 1000 * retryAfterSeconds || furthestMail(now) < at;
}

/** What a transaction writes before anything has happened in it. */
export function noChanges(): Changes {
  return {
    actors: [],
    events: [],
    effects: [],
    timers: [],
    clearedTimers: [],
    awaited: [],
    unawaited: [],
    receipts: [],
    forgotten: [],
    park: [],
    drained: [],
    deadLetters: [],
    settled: [],
    postponed: [],
    returned: [],
    renewed: [],
    buried: [],
  };
}
