import type { Command, RecordNotification } from "../../src/actors/collecte/commands.ts";
import { decide } from "../../src/actors/collecte/decide.ts";
import { type Effect, effectsOf, timersOf } from "../../src/actors/collecte/effects.ts";
import type { Event } from "../../src/actors/collecte/events.ts";
import { evolve } from "../../src/actors/collecte/evolve.ts";
import type { Decision } from "../../src/actors/collecte/refusals.ts";
import { type Collecte, type Instant, nothing, type Person } from "../../src/actors/collecte/state.ts";
import { creation, morning, stepOf, type Told, type ToldStep } from "./collecte-creation.ts";
import { rightMac, ToldCommands, wrongMac } from "./told-commands.ts";

export { creation, morning, rightMac, type Told, type ToldStep, wrongMac };

/** One command, and all that came of it. */
export interface Turn {
  command: Command;
  before: Collecte;
  decision: Decision;
  after: Collecte;
  effects: Effect[];
}

/**
 * A collecte that a test tells: every state is reached by `decide` and `evolve`, none is made by hand. A told
 * collecte never changes; each sentence gives the next one. Sentences throw when the law refuses them.
 */
export class ToldCollecte extends ToldCommands {
  readonly turns: readonly Turn[];

  constructor(state: Collecte, now: Instant, turns: readonly Turn[]) {
    super(state, now);
    this.turns = turns;
  }

  override get events(): Event[] {
    return this.turns.flatMap(({ decision }) => decision.happened);
  }

  get effects(): Effect[] {
    return this.turns.flatMap(({ effects }) => effects);
  }

  /** The story, a command a line, for a law that fails. */
  override toString(): string {
    const lines = this.turns.map(({ command, decision: { happened, refused } }) =>
      [
        command.at - morning,
        command.type,
        "signatoryId" in command ? command.signatoryId : "",
        "→",
        ...happened.map(({ type }) => type),
        refused ?? "",
      ].join(" "),
    );
    return ["", JSON.stringify(this.state.steps), ...lines].join("\n");
  }

  /** What the law answers, without anything happening. */
  when(command: Command): Decision {
    return decide(this.state, command);
  }

  /** Lets it happen, refused or not, as the runtime does. */
  told(command: Command): ToldCollecte {
    const decision = decide(this.state, command);
    const after = decision.happened.reduce(evolve, this.state);
    const effects = decision.happened.flatMap((event) => effectsOf(event, after, command));
    const turn: Turn = { command, before: this.state, decision, after, effects };
    return new ToldCollecte(after, Math.max(this.now, command.at), [...this.turns, turn]);
  }

  after(ms: number): ToldCollecte {
    return this.at(this.now + ms);
  }

  at(instant: Instant): ToldCollecte {
    return new ToldCollecte(this.state, instant, this.turns);
  }

  /** The same with a state as it was stored before the engine was updated. */
  resumed(stored: Collecte): ToldCollecte {
    return new ToldCollecte(stored, this.now, this.turns);
  }

  launched(): ToldCollecte {
    return this.#accepted({ type: "LaunchCollecte", at: this.now });
  }

  consentedBy(signatoryId: string): ToldCollecte {
    return this.#accepted(this.consent(signatoryId));
  }

  /** Their code was right; the signature is ordered, and not made yet. */
  codeGivenBy(signatoryId: string): ToldCollecte {
    return this.#accepted(this.signing(signatoryId));
  }

  wrongCodeFrom(signatoryId: string): ToldCollecte {
    return this.told(this.signing(signatoryId, { mac: wrongMac(this.otpOf(signatoryId)) }));
  }

  /** The signature or seal that is being made is in the documents. */
  applied(): ToldCollecte {
    return this.#accepted(this.recorded());
  }

  /** Consents, gives the code, and the signature is made. */
  signedBy(...signatoryIds: string[]): ToldCollecte {
    return signatoryIds.reduce<ToldCollecte>(
      (told, id) => told.consentedBy(id).codeGivenBy(id).applied(),
      this,
    );
  }

  sealed(): ToldCollecte {
    return this.applied();
  }

  refusedBy(signatoryId: string): ToldCollecte {
    return this.#accepted(this.refusal(signatoryId));
  }

  /** `told` are the steps that are left, in their new order. */
  reordered(...told: ToldStep[]): ToldCollecte {
    return this.#accepted(this.ordering({ type: "ChangeOrder", steps: told.map(stepOf) }));
  }

  replaced(signatoryId: string, memberId?: string): ToldCollecte {
    const person: Person = { name: "Paul Neuf", email: "paul@client.example", phone: "+33612345678" };
    const member = memberId === undefined ? {} : { memberId };
    return this.#accepted(
      this.ordering({ type: "ReplaceSignatory", signatoryId, ...member, personal: { person } }),
    );
  }

  corrected(personId: string, personal: Pick<Partial<Person>, "email" | "phone">): ToldCollecte {
    return this.#accepted(this.ordering({ type: "CorrectPerson", personId, personal }));
  }

  reminded(): ToldCollecte {
    return this.#accepted(this.ordering({ type: "RemindSignatories" }));
  }

  cancelled(): ToldCollecte {
    return this.#accepted(this.ordering({ type: "CancelCollecte", personal: { reason: "a wrong figure" } }));
  }

  unlocked(signatoryId: string): ToldCollecte {
    return this.#accepted(this.ordering({ type: "UnlockSignatory", signatoryId }));
  }

  retried(): ToldCollecte {
    return this.#accepted(this.ordering({ type: "RetrySigning" }));
  }

  /** What is being made could not be made. */
  failed(code = "no_certificate"): ToldCollecte {
    const [by = { signatoryId: "nobody" }] = this.state.ordered;
    return this.#accepted({ type: "RecordSigningFailure", by, code, at: this.now });
  }

  /** A notice went to somebody, and this became of it. */
  notice(of: Partial<RecordNotification>): ToldCollecte {
    return this.#accepted(this.notified(of));
  }

  /** The month is over, and the documents are gone. */
  purged(): ToldCollecte {
    const { dueAt: at = this.now } = timersOf(this.state).find(({ name }) => name === "purge") ?? {};
    return this.at(at)
      .#accepted({ type: "PurgeCollecte", at })
      .#accepted({ type: "RecordPurge", removed: 1, kept: 0, at });
  }

  forgotten(): ToldCollecte {
    const { dueAt: at = this.now } = timersOf(this.state).find(({ name }) => name === "forget") ?? {};
    return this.at(at).#accepted({ type: "ForgetPeople", at });
  }

  expired(): ToldCollecte {
    const at = this.state.expiresAt ?? this.now;
    return this.#accepted({ type: "ExpireCollecte", at });
  }

  #accepted(command: Command): ToldCollecte {
    const next = this.told(command);
    const refused = next.turns.at(-1)?.decision.refused;
    if (refused) throw new Error(`${command.type} was refused: ${refused}`);
    return next;
  }
}

/** Before anything is told. */
export function noCollecte(at: Instant = morning): ToldCollecte {
  return new ToldCollecte(nothing, at, []);
}

/** A draft. */
export function aCollecte(told: Told = {}): ToldCollecte {
  return noCollecte(told.at).told(creation(told));
}
