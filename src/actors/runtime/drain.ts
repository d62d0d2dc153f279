import { type Awaiting, awaitingOf, noteAwaited } from "./awaiting.ts";
import { codeOf, Terminal } from "./errors.ts";
import { furthestMail } from "./horizons.ts";
import { type AnyDecider, type Laws, lawFor } from "./laws.ts";
import { partOf } from "./parts.ts";
import type { ActorRow, Changes, Instant, JournalTransaction, Message, Outcome, Receipt } from "./ports.ts";

/** After this many throws a message is a dead letter. */
export const messageTries = 5;

/** A message in hand: fresh from a caller, or read back from the mailbox table. */
interface Waiting {
  message: Message;
  seq?: number;
  attempts: number;
}

interface Timer {
  name: string;
  dueAt: Instant;
}

/** What an actor's state calls for outside its record. */
interface Calls {
  timers: Timer[];
  awaited: Awaiting;
}

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

/** Where the messages of one drain are decided, one after the other, each on the state that the last one left. */
class Desk {
  readonly #laws: Laws;
  readonly #actors: Map<string, ActorRow>;
  readonly #read: Map<string, ActorRow>;
  /** Of the actors that moved: what the state that was read called for, and what the state now does. */
  readonly #calls = new Map<string, { old: Calls; wanted: Calls }>();
  readonly #changes: Changes;
  readonly #now: Instant;
  readonly #gone: ReadonlySet<string>;

  constructor(
    laws: Laws,
    actors: Map<string, ActorRow>,
    changes: Changes,
    now: Instant,
    gone: ReadonlySet<string>,
  ) {
    this.#laws = laws;
    this.#gone = gone;
    this.#read = actors;
    this.#actors = new Map(actors);
    this.#changes = changes;
    this.#now = now;
  }

  decide(item: Waiting): Outcome {
    try {
      const outcome = this.#apply(item.message);
      // Whoever sent a message that was parked has gone, and asks by its id what became of it.
      if (item.seq !== undefined || isForEver(outcome)) this.#receipt(item.message, outcome);
      return outcome;
    } catch (error) {
      return this.#putBack(item, error);
    }
  }

  /** Writes down the actors that moved, each once, and what their new states call for. */
  clear(): void {
    for (const [id, actor] of this.#actors) {
      const before = this.#read.get(id);
      if (actor.version === (before?.version ?? 0)) continue;
      this.#changes.actors.push({ ...actor, expectedVersion: before?.version ?? 0 });
      const calls = this.#calls.get(id);
      if (!calls) continue;
      this.#setTimers(actor, calls.old.timers, calls.wanted.timers);
      noteAwaited(this.#changes, actor, calls.old.awaited, calls.wanted.awaited);
    }
  }

  #apply(message: Message): Outcome {
    const law = lawFor(this.#laws, message.kind);
    if (this.#actors.get(message.actorId)?.damaged) throw new Terminal("state_unreadable");
    const actor = this.#actors.get(message.actorId) ?? newborn(message, law.nothing);
    // Knowing an id is no right: another firm's actor does not exist for this one.
    if (actor.firmId !== message.firmId || actor.kind !== message.kind) return refused("not_found", {}, 0);
    const { ifVersion } = message.command;
    if (ifVersion !== undefined && actor.version > 0 && ifVersion !== actor.version)
      return refused("version_changed", {}, actor.version);
    const decision = law.decide(actor.state, message.command);
    const lacks =
      decision.happened.length > 0 && needsOf(this.#laws, message).some((one) => this.#gone.has(one));
    if (lacks) return refused("not_found", {}, 0);
    const version = decision.happened.length > 0 ? actor.version + 1 : actor.version;
    if (decision.happened.length > 0) {
      const state = decision.happened.reduce(law.evolve, actor.state);
      const at = message.command.at;
      const orders = decision.happened.flatMap((event) => law.effectsOf(event, state, message.command));
      // Asked here and not at the end, so that a law that throws harms its own message only.
      const old = this.#calls.get(actor.id)?.old ?? (actor.version > 0 ? callsOf(law, actor.state) : noCalls);
      const wanted = callsOf(law, state);
      decision.happened.forEach((event, n) => {
        this.#changes.events.push({
          actorId: actor.id,
          version,
          n,
          messageId: message.id,
          type: event.type,
          data: event,
          at,
        });
      });
      orders.forEach((payload, n) => {
        this.#changes.effects.push({
          id: `${actor.id}.${version}.${n}`,
          actorId: actor.id,
          firmId: actor.firmId,
          kind: payload.kind,
          payload: { ...payload },
          dueAt: this.#now,
        });
      });
      this.#actors.set(actor.id, { ...actor, version, state, updatedAt: at });
      this.#calls.set(actor.id, { old, wanted });
    }
    return decision.refused === undefined
      ? { status: "done", version }
      : refused(decision.refused, decision.facts ?? {}, version);
  }

  #receipt(message: Message, outcome: Outcome): void {
    this.#changes.receipts.push({
      messageId: message.id,
      actorId: message.actorId,
      fingerprint: message.fingerprint ?? null,
      outcome,
      at: this.#now,
    });
  }

  /** A throw blocks nobody else: the message waits for another try, and after five it is a dead letter. */
  #putBack({ message, attempts }: Waiting, error: unknown): Outcome {
    const tries = attempts + 1;
    if (tries >= messageTries) {
      this.#changes.deadLetters.push({ message, error: codeOf(error), at: this.#now });
      const outcome = refused("dead_letter", {}, 0);
      this.#receipt(message, outcome);
      return outcome;
    }
    this.#changes.park.push({
      message,
      part: partOf(message.actorId),
      at: this.#now,
      attempts: tries,
      notBefore: this.#now + 1000 * 2 ** tries,
    });
    return { status: "accepted" };
  }

  #setTimers(actor: ActorRow, old: Timer[], wanted: Timer[]): void {
    for (const { name, dueAt } of wanted) {
      if (old.some((timer) => timer.name === name && timer.dueAt === dueAt)) continue;
      this.#changes.timers.push({ actorId: actor.id, name, generation: actor.version, dueAt });
    }
    for (const { name } of old) {
      if (!wanted.some((timer) => timer.name === name))
        this.#changes.clearedTimers.push({ actorId: actor.id, name });
    }
  }
}

const noCalls: Calls = { timers: [], awaited: [] };

function callsOf(law: AnyDecider, state: unknown): Calls {
  return { timers: law.timersOf(state), awaited: awaitingOf(law, state) };
}

/**
 * "Come back later" changes nothing and is no answer for ever: the same message may be sent again then. Nor is the
 * refusal of an actor that the firm doesn't have: whoever makes up ids would fill the table with receipts of nothing.
 */
function isForEver(outcome: Outcome): boolean {
  return outcome.status !== "refused" || (outcome.version > 0 && !("retryAfterSeconds" in outcome.facts));
}

/** Whether the "later" of an answer has come, or is from before the clock was set back. */
function isOver({ outcome, at }: Receipt, now: Instant): boolean {
  if (outcome.status !== "refused") return false;
  const { retryAfterSeconds } = outcome.facts;
  if (retryAfterSeconds === undefined) return false;
  return now >= at + 1000 * retryAfterSeconds || furthestMail(now) < at;
}

/** A law that is not known, or that throws, fails its own message, and only when that is decided. */
function needsOf(laws: Laws, { kind, command }: Message): string[] {
  try {
    return laws.get(kind)?.needs?.(command) ?? [];
  } catch {
    return [];
  }
}

function newborn(message: Message, state: unknown): ActorRow {
  const at = message.command.at;
  const { actorId: id, kind, firmId } = message;
  return { id, kind, firmId, version: 0, state, headHash: "", createdAt: at, updatedAt: at };
}

function refused(code: string, facts: Record<string, number>, version: number): Outcome {
  return { status: "refused", code, facts, version };
}

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
