import type { Command } from "../../../src/actors/collecte/commands.ts";
import { collecteDecider } from "../../../src/actors/collecte/decider.ts";
import type { Effect } from "../../../src/actors/collecte/effects.ts";
import type { Event } from "../../../src/actors/collecte/events.ts";
import { type Collecte, nothing } from "../../../src/actors/collecte/state.ts";
import { KeyReused } from "../../../src/actors/runtime/errors.ts";
import type {
  CollecteView,
  LinkTarget,
  Mailbox,
  Message,
  Outcome,
  Receipt,
  RecordedEvent,
} from "../../../src/actors/runtime/ports.ts";
import { digestOf, type Secrets } from "../../../src/actors/runtime/secrets.ts";
import type { Door } from "../../../src/http/door.ts";

interface Actor {
  firmId: string;
  version: number;
  state: Collecte;
  updatedAt: number;
}

/** The real law over a Map: a mailbox, its receipts, its records and its links, all in memory. */
export class MemoryEngine implements Mailbox {
  readonly actors = new Map<string, Actor>();
  readonly records = new Map<string, RecordedEvent[]>();
  readonly receipts = new Map<string, Receipt>();
  readonly links = new Map<string, LinkTarget>();
  readonly effects: { actorId: string; effect: Effect }[] = [];
  readonly accepted: Message[] = [];
  /** Throws instead of accepting, when set. */
  failure: Error | undefined;
  /** How often what was accepted is looked for before another process decides it; 0: it is decided at once. */
  late = 0;
  /** Accepted, and not decided yet. */
  readonly waiting = new Map<string, Message>();
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  async accept(message: Message): Promise<Outcome> {
    if (this.failure) throw this.failure;
    const known = this.receipts.get(message.id) ?? receiptOf(this.waiting.get(message.id));
    if (known) {
      if (known.fingerprint !== (message.fingerprint ?? null)) throw new KeyReused();
      return known.outcome;
    }
    if (this.late > 0) {
      this.waiting.set(message.id, message);
      return { status: "accepted" };
    }
    return this.#settle(message);
  }

  #settle(message: Message): Outcome {
    this.accepted.push(message);
    this.waiting.delete(message.id);
    const outcome = this.#decide(message);
    const isKept =
      outcome.status !== "refused" || (outcome.version > 0 && !outcome.facts["retryAfterSeconds"]);
    if (isKept) this.receipts.set(message.id, { ...receiptOf(message), outcome });
    return outcome;
  }

  #decide(message: Message): Outcome {
    const { actorId, firmId } = message;
    const command = message.command as Command;
    const actor = this.actors.get(actorId) ?? { firmId, version: 0, state: nothing, updatedAt: 0 };
    if (actor.firmId !== firmId) return { status: "refused", code: "not_found", facts: {}, version: 0 };
    const { ifVersion } = message.command;
    if (ifVersion !== undefined && actor.version > 0 && ifVersion !== actor.version)
      return { status: "refused", code: "version_changed", facts: {}, version: actor.version };
    const decision = collecteDecider.decide(actor.state, command);
    if (decision.happened.length > 0) {
      actor.version += 1;
      actor.updatedAt = command.at;
      actor.state = decision.happened.reduce(collecteDecider.evolve, actor.state);
      this.actors.set(actorId, actor);
      const record = this.records.get(actorId) ?? [];
      this.records.set(actorId, record);
      decision.happened.forEach((event, n) => {
        record.push({ version: actor.version, n, type: event.type, data: { ...event }, at: event.at });
        for (const effect of collecteDecider.effectsOf(event, actor.state, command)) {
          this.effects.push({ actorId, effect });
          if (effect.kind === "mail" && "link" in effect) this.#register(actorId, actor.firmId, effect);
        }
      });
    }
    return decision.refused === undefined
      ? { status: "done", version: actor.version }
      : { status: "refused", code: decision.refused, facts: decision.facts ?? {}, version: actor.version };
  }

  /** An event that no command of today leads to. */
  happen(id: string, event: Event): void {
    const actor = this.actors.get(id);
    if (actor) actor.state = collecteDecider.evolve(actor.state, event);
  }

  #register(collecteId: string, firmId: string, { to, link }: Extract<Effect, { link: unknown }>): void {
    const target = { collecteId, personId: to, ...link };
    this.links.set(digestOf(this.#secrets.linkToken(target)), { ...target, firmId });
  }

  /** The token that the latest mail to that person carries. */
  tokenOf(collecteId: string, personId: string, purpose: "sign" | "download" = "sign"): string {
    const targets = [...this.links.values()].filter(
      (link) => link.collecteId === collecteId && link.personId === personId && link.purpose === purpose,
    );
    const target = targets.at(-1);
    if (!target) throw new Error(`no ${purpose} link was mailed to ${personId}`);
    return this.#secrets.linkToken(target);
  }

  /** The code of the latest SMS. */
  lastCode(): string {
    const sms = this.effects
      .map(({ effect }) => effect)
      .filter((effect) => effect.kind === "sms")
      .at(-1);
    if (!sms) throw new Error("no SMS was sent");
    return this.#secrets.openCode(sms.sealedCode);
  }

  stateOf(id: string): Collecte {
    const actor = this.actors.get(id);
    if (!actor) throw new Error(`no actor ${id}`);
    return actor.state;
  }

  readonly reads: Door["reads"] = {
    collecte: async (firmId, id) => {
      const actor = this.actors.get(id);
      return actor?.firmId === firmId ? view(id, actor) : undefined;
    },
    collectes: async (firmId, { limit, before, status }) => {
      const key = (one: { createdAt: number; id: string }) =>
        `${String(one.createdAt).padStart(15, "0")}/${one.id}`;
      return [...this.actors]
        .map(([id, actor]) => ({ actor, view: view(id, actor) }))
        .filter(({ actor }) => actor.firmId === firmId && (!status || actor.state.status === status))
        .map((one) => one.view)
        .filter((one) => !before || key(one) < key(before))
        .sort((one, other) => (key(one) < key(other) ? 1 : -1))
        .slice(0, limit);
    },
    history: async (firmId, id) =>
      this.actors.get(id)?.firmId === firmId ? (this.records.get(id) ?? []) : [],
    memberActs: async () => undefined,
    link: async (tokenHash) => this.links.get(tokenHash),
    receipts: async (firmId, messageIds) => {
      const known = new Map<string, Receipt>();
      if (this.late > 0) this.late -= 1;
      for (const id of messageIds) {
        const message = this.waiting.get(id);
        if (message && this.late === 0) this.#settle(message);
        const receipt = this.receipts.get(id) ?? receiptOf(this.waiting.get(id));
        const owner = this.waiting.get(id)?.firmId ?? this.actors.get(receipt?.actorId ?? "")?.firmId;
        if (receipt && owner === firmId) known.set(id, receipt);
      }
      return known;
    },
  };
}

function receiptOf(message: Message): Receipt;
function receiptOf(message: Message | undefined): Receipt | undefined;
function receiptOf(message: Message | undefined): Receipt | undefined {
  if (!message) return undefined;
  const { id: messageId, actorId, fingerprint = null } = message;
  return { messageId, actorId, fingerprint, outcome: { status: "accepted" }, at: message.command.at };
}

function view(id: string, actor: Actor): CollecteView {
  const { version, state, updatedAt } = actor;
  return { id, version, state, createdAt: state.createdAt, updatedAt };
}
