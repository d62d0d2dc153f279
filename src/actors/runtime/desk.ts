import { type Awaiting, awaitingOf, noteAwaited } from "./awaiting.ts";
import { codeOf, Terminal } from "./errors.ts";
import { type AnyDecider, type Laws, lawFor } from "./laws.ts";
import { partOf } from "./parts.ts";
import type { ActorRow, Changes, Instant, Message, Outcome } from "./ports.ts";

/** After this many throws a message is a dead letter. */
export const messageTries = 5;

/** A message in hand: fresh from a caller, or read back from the mailbox table. */
export interface Waiting {
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

/** Where the messages of one drain are decided, one after the other, each on the state that the last one left. */
export class Desk {
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
    const hasMoved = decision.happened.length > 0;
    if (hasMoved && needsOf(this.#laws, message).some((one) => this.#gone.has(one)))
      return refused("not_found", {}, 0);
    if (hasMoved) this.#move(law, actor, message, decision.happened);
    const version = actor.version + (hasMoved ? 1 : 0);
    return decision.refused === undefined
      ? { status: "done", version }
      : refused(decision.refused, decision.facts ?? {}, version);
  }

  /** Nothing is written down before the law has said all of it: one that throws harms its own message only. */
  #move(law: AnyDecider, actor: ActorRow, message: Message, happened: { type: string }[]): void {
    const { id: actorId, firmId } = actor;
    const { command } = message;
    const version = actor.version + 1;
    const state = happened.reduce(law.evolve, actor.state);
    const orders = happened.flatMap((event) => law.effectsOf(event, state, command));
    const old = this.#calls.get(actorId)?.old ?? (actor.version > 0 ? callsOf(law, actor.state) : noCalls);
    const wanted = callsOf(law, state);
    happened.forEach((event, n) => {
      const { type } = event;
      this.#changes.events.push({
        actorId,
        version,
        n,
        messageId: message.id,
        type,
        data: event,
        at: command.at,
      });
    });
    orders.forEach((payload, n) => {
      const { kind } = payload;
      const id = `${actorId}.${version}.${n}`;
      this.#changes.effects.push({ id, actorId, firmId, kind, payload: { ...payload }, dueAt: this.#now });
    });
    this.#actors.set(actorId, { ...actor, version, state, updatedAt: command.at });
    this.#calls.set(actorId, { old, wanted });
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

/** A law that is not known, or that throws, fails its own message, and only when that is decided. */
export function needsOf(laws: Laws, { kind, command }: Message): string[] {
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
