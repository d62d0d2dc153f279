import type {
  Command,
  CreateCollecte,
  GiveConsent,
  RecordNotification,
  RecordSignature,
  RefuseToSign,
  SignDocuments,
} from "../../src/actors/collecte/commands.ts";
import { decide } from "../../src/actors/collecte/decide.ts";
import { type Effect, effectsOf } from "../../src/actors/collecte/effects.ts";
import type { Event } from "../../src/actors/collecte/events.ts";
import { evolve } from "../../src/actors/collecte/evolve.ts";
import type { Decision } from "../../src/actors/collecte/refusals.ts";
import {
  type Collecte,
  documentHeads,
  type Instant,
  nothing,
  type Signatory,
  type Step,
} from "../../src/actors/collecte/state.ts";

/** When every told collecte begins: 30 November 2026, 09:00 UTC. */
export const morning: Instant = Date.UTC(2026, 10, 30, 9);

/** `"s1"` signs alone, `["s2", "s3"]` in any order, `"seal"` is the firm's. */
export type ToldStep = string | string[];

/** What a test may say of a collecte; the rest is one document, one signatory, no copy. */
export interface Told {
  steps?: ToldStep[];
  documents?: number;
  copies?: string[];
  members?: Record<string, string>;
  at?: Instant;
}

/** One command, and all that came of it. */
export interface Turn {
  command: Command;
  before: Collecte;
  decision: Decision;
  after: Collecte;
  effects: Effect[];
}

/** The MAC of the right code of an OTP, as the door would compute it, and one that is wrong. */
export const rightMac = (otpId: string) => `mac of ${otpId}`;
export const wrongMac = (otpId: string) => `not of ${otpId}`;

const certificate = { sha256: "c".repeat(64), serialHex: "0a" };
const trace = { ip: "192.0.2.1", userAgent: "a browser" };

/**
 * A collecte that a test tells: every state is reached by `decide` and `evolve`, none is made by hand. A told
 * collecte never changes; each sentence gives the next one. Sentences throw when the law refuses them.
 */
export class ToldCollecte {
  readonly state: Collecte;
  readonly now: Instant;
  readonly turns: readonly Turn[];

  constructor(state: Collecte, now: Instant, turns: readonly Turn[]) {
    this.state = state;
    this.now = now;
    this.turns = turns;
  }

  get events(): Event[] {
    return this.turns.flatMap(({ decision }) => decision.happened);
  }

  get effects(): Effect[] {
    return this.turns.flatMap(({ effects }) => effects);
  }

  /** The story, a command a line, for a law that fails. */
  toString(): string {
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

  expired(): ToldCollecte {
    const at = this.state.expiresAt ?? this.now;
    return this.#accepted({ type: "ExpireCollecte", at });
  }

  consent(signatoryId: string, otherwise: Partial<GiveConsent> = {}): GiveConsent {
    const otpId = `otp-${this.events.filter(({ type }) => type === "OtpIssued").length + 1}`;
    return {
      type: "GiveConsent",
      ...this.#who(signatoryId),
      documents: documentHeads(this.state),
      consentText: "j'ai bien lu",
      otp: { id: otpId, salt: `salt of ${otpId}`, mac: rightMac(otpId), sealedCode: `sealed ${otpId}` },
      at: this.now,
      personal: { trace },
      ...otherwise,
    };
  }

  signing(signatoryId: string, otherwise: Partial<SignDocuments> = {}): SignDocuments {
    const otpId = this.otpOf(signatoryId);
    return {
      type: "SignDocuments",
      ...this.#who(signatoryId),
      otpId,
      mac: rightMac(otpId),
      at: this.now,
      personal: { trace },
      ...otherwise,
    };
  }

  refusal(signatoryId: string, otherwise: Partial<RefuseToSign> = {}): RefuseToSign {
    const { linkGeneration } = this.#who(signatoryId);
    return {
      type: "RefuseToSign",
      signatoryId,
      linkGeneration,
      at: this.now,
      personal: { reason: "not my figures", trace },
      ...otherwise,
    };
  }

  /** What the signing effect answers for whoever is first in the queue. */
  recorded(otherwise: Partial<RecordSignature> = {}): RecordSignature {
    return {
      type: "RecordSignature",
      by: this.state.ordered[0] ?? { signatoryId: "nobody" },
      documents: this.state.documents.map(({ id, head, bytes, revisions }) => ({
        id,
        before: head,
        after: `${id}-r${revisions + 1}`,
        bytes: bytes + 1000,
        certificate,
      })),
      level: "B-B",
      at: this.now,
      ...otherwise,
    };
  }

  notified(otherwise: Partial<RecordNotification> = {}): RecordNotification {
    return {
      type: "RecordNotification",
      effectId: "col.2.0",
      channel: "mail",
      notice: "invitation",
      to: "s1",
      status: "sent",
      reference: "<col.2.0@collecte.example>",
      at: this.now,
      ...otherwise,
    };
  }

  signatory(id: string): Signatory {
    const signatory = this.state.signatories[id];
    if (!signatory) throw new Error(`nobody is called ${id}`);
    return signatory;
  }

  /** The live code's id, or one that never was. */
  otpOf(signatoryId: string): string {
    return this.state.signatories[signatoryId]?.otp?.id ?? "otp-0";
  }

  #who(signatoryId: string) {
    const linkGeneration = this.state.signatories[signatoryId]?.linkGeneration ?? 1;
    return { signatoryId, linkGeneration, sessionId: `session of ${signatoryId}` };
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

/** The command that makes it. */
export function creation(told: Told = {}): CreateCollecte {
  const { steps = ["s1"], documents = 1, copies = [], members = {}, at = morning } = told;
  const signatories = steps.flat().filter((id) => id !== "seal");
  return {
    type: "CreateCollecte",
    firmId: "firm",
    language: "fr",
    documents: Array.from({ length: documents }, (_, i) => ({
      id: `d${i + 1}`,
      sha256: `d${i + 1}-r0`,
      bytes: 50_000,
      pages: 2,
    })),
    steps: steps.map(stepOf),
    copies,
    members,
    at,
    personal: {
      title: "Lettre de mission",
      people: Object.fromEntries(
        [...signatories, ...copies].map((id) => [id, { name: `Zoé ${id}`, email: `${id}@client.example` }]),
      ),
    },
  };
}

function stepOf(step: ToldStep): Step {
  if (step === "seal") return { seal: true };
  return { signatories: typeof step === "string" ? [step] : step };
}
