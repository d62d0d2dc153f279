import { codeOf, Terminal } from "./errors.ts";
import { type Laws, lawFor } from "./laws.ts";
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

/** What became of each message of a group, by message id. */
export type Outcomes = Map<string, Outcome>;

/**
 * `behind`: parts in which more mail waits than one drain takes. `busy`: parts in which another process decides just
 * now, so that mail may be left in them when it is done.
 */
export interface Drained {
  outcomes: Outcomes;
  receipts: Map<string, Receipt>;
  changes: Changes;
  behind: Set<number>;
  busy: number[];
}

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
): Promise<Drained> {
  const touched = [...new Set([...parts, ...group.map(({ actorId }) => partOf(actorId))])];
  const held = await tx.hold(touched);
  const waiting = await tx.waitingParts([...held]);
  const mail: Waiting[] = waiting.size > 0 ? await tx.mail([...waiting], now, mailLimit) : [];
  const receipts = await tx.receipts([
    ...mail.map(({ message }) => message.id),
    ...group.map(({ id }) => id),
  ]);
  const changes = noChanges();
  const outcomes: Outcomes = new Map([...receipts].map(([id, { outcome }]) => [id, outcome]));
  for (const { seq } of mail) if (seq !== undefined) changes.drained.push(seq);
  // When the mail is longer than one drain, fresh messages queue up behind it.
  const behind = mail.length === mailLimit ? waiting : new Set<number>();
  const inHand: Waiting[] = mail.filter(({ message }) => outcomes.get(message.id)?.status === "accepted");
  for (const message of group) {
    const part = partOf(message.actorId);
    if (outcomes.has(message.id)) continue;
    outcomes.set(message.id, { status: "accepted" });
    // Due at once by the clock of whoever drains it, or what comes to them later would be decided before it.
    if (behind.has(part) || !held.has(part))
      changes.park.push({ message, part, at: now, attempts: 0, notBefore: 0 });
    else inHand.push({ message, attempts: 0 });
  }
  const actors = await tx.actors([...new Set(inHand.map(({ message }) => message.actorId))]);
  const desk = new Desk(laws, actors, changes, now);
  for (const item of inHand) outcomes.set(item.message.id, desk.decide(item));
  desk.clear();
  const busy = touched.filter((part) => !held.has(part));
  return { outcomes, receipts, changes, behind, busy };
}

/** Where the messages of one drain are decided, one after the other, each on the state that the last one left. */
class Desk {
  readonly #laws: Laws;
  readonly #actors: Map<string, ActorRow>;
  readonly #read: Map<string, ActorRow>;
  /** Of the actors that moved: the timers of the state that was read, and of the state now. */
  readonly #timers = new Map<string, { old: Timer[]; wanted: Timer[] }>();
  readonly #changes: Changes;
  readonly #now: Instant;

  constructor(laws: Laws, actors: Map<string, ActorRow>, changes: Changes, now: Instant) {
    this.#laws = laws;
    this.#read = actors;
    this.#actors = new Map(actors);
    this.#changes = changes;
    this.#now = now;
  }

  decide(item: Waiting): Outcome {
    try {
      const outcome = this.#apply(item.message);
      if (!isForNow(outcome)) this.#receipt(item.message, outcome);
      return outcome;
    } catch (error) {
      return this.#putBack(item, error);
    }
  }

  /** Writes down the actors that moved, each once, and the timers that their new states call for. */
  clear(): void {
    for (const [id, actor] of this.#actors) {
      const before = this.#read.get(id);
      if (actor.version === (before?.version ?? 0)) continue;
      this.#changes.actors.push({ ...actor, expectedVersion: before?.version ?? 0 });
      this.#setTimers(actor);
    }
  }

  #apply(message: Message): Outcome {
    const law = lawFor(this.#laws, message.kind);
    if (this.#actors.get(message.actorId)?.damaged) throw new Terminal("state_unreadable");
    const actor = this.#actors.get(message.actorId) ?? newborn(message, law.nothing);
    // Knowing an id is no right: another firm's actor does not exist for this one.
    if (actor.firmId !== message.firmId || actor.kind !== message.kind) return refused("not_found", {}, 0);
    const decision = law.decide(actor.state, message.command);
    const version = decision.happened.length > 0 ? actor.version + 1 : actor.version;
    if (decision.happened.length > 0) {
      const state = decision.happened.reduce(law.evolve, actor.state);
      const at = message.command.at;
      const orders = decision.happened.flatMap((event) => law.effectsOf(event, state, message.command));
      // Asked here and not at the end, so that a law that throws harms its own message only.
      const old = this.#timers.get(actor.id)?.old ?? (actor.version > 0 ? law.timersOf(actor.state) : []);
      const wanted = law.timersOf(state);
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
      this.#timers.set(actor.id, { old, wanted });
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

  #setTimers(actor: ActorRow): void {
    const { old, wanted } = this.#timers.get(actor.id) ?? { old: [], wanted: [] };
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

/** "Come back later" changes nothing and is no answer for ever: the same message may be sent again then. */
function isForNow(outcome: Outcome): boolean {
  return outcome.status === "refused" && "retryAfterSeconds" in outcome.facts;
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
    receipts: [],
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
