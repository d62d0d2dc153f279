import fc from "fast-check";
import { awaitedOf } from "../../../src/actors/collecte/awaited.ts";
import type { Command, SignedDocument } from "../../../src/actors/collecte/commands.ts";
import type { Effect } from "../../../src/actors/collecte/effects.ts";
import {
  aCollecte,
  creation,
  rightMac,
  type Told,
  type ToldCollecte,
  type ToldStep,
  type Turn,
  wrongMac,
} from "../../support/collecte-builder.ts";
import { at, type Move, somebody, unlocks, upheavals } from "./random-upheavals.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

/** A signature or seal that was ordered and has not been answered with its bytes. */
export function outstanding(turns: readonly Turn[]): Effect[] {
  return turns.reduce<Effect[]>((ordered, { effects, decision: { happened } }) => {
    // One that failed is made by another effect when it is retried.
    const isOver = happened.some(({ type }) =>
      ["SignatureApplied", "SealApplied", "SigningRetried"].includes(type),
    );
    const making = effects.filter(({ kind }) => kind === "sign" || kind === "seal");
    return [...(isOver ? ordered.slice(1) : ordered), ...making];
  }, []);
}

/** Somebody who may act now, else anybody. */
const somebodyInvited = (told: ToldCollecte, who: number) =>
  at(
    Object.values(told.state.signatories).filter(({ status }) => status === "invited"),
    who,
  )?.id ?? somebody(told, who);

const by = (effect: Effect | undefined) =>
  effect?.kind === "seal"
    ? { seal: effect.step }
    : { signatoryId: effect?.kind === "sign" ? effect.signatoryId : "s1" };

/** The next sensible thing of a collecte in which all goes well. */
export function wellPlayed(told: ToldCollecte, who: number): Command | undefined {
  if (told.state.status === "draft") return { type: "LaunchCollecte", at: told.now };
  const [effect] = outstanding(told.turns);
  if (effect) return told.recorded({ by: by(effect) });
  const [member] = awaitedOf(told.state);
  if (member?.act === "seal") return told.approval(Number(member.key), member.memberId);
  const id = somebodyInvited(told, who);
  return told.state.signatories[id]?.otp ? told.signing(id) : told.consent(id);
}

const consents: Move["act"] = (told, who) => told.consent(somebodyInvited(told, who));
const signs: Move["act"] = (told, who) => told.signing(somebodyInvited(told, who));
const mistypes: Move["act"] = (told, who) => {
  const id = somebodyInvited(told, who);
  return told.signing(id, { mac: wrongMac(told.otpOf(id)) });
};
const answers: Move["act"] = (told) => told.recorded();

/** What happens once in a while, and mostly should not. */
const odd: [number, Move["act"]][] = [
  [1, (told) => ({ type: "LaunchCollecte", at: told.now })],
  [2, (told, who) => told.consent(somebody(told, who))],
  [1, (told, who) => told.consent(somebody(told, who), { documents: ["old"], linkGeneration: 1 })],
  [1, (told, who) => told.signing(somebody(told, who), { linkGeneration: 0 })],
  [2, (told, who) => told.signing(somebody(told, who), { sessionId: "elsewhere" })],
  [2, (told, who, which) => told.signing(somebody(told, who), codeNumber(which))],
  [1, (told, who) => told.refusal(somebody(told, who))],
  [1, (told, who) => told.recorded({ by: { signatoryId: somebody(told, who) } })],
  [1, (told, _who, which) => told.recorded({ by: { seal: which % told.state.steps.length } })],
  [1, (told) => told.recorded({ documents: told.recorded().documents.map(onOldBytes) })],
  [
    2,
    (told) => ({ type: "RecordSigningFailure", by: by(outstanding(told.turns)[0]), code: "x", at: told.now }),
  ],
  [
    2,
    (told, _who, which) =>
      told.notified({ effectId: `e${which % 4}`, status: which % 2 ? "sent" : "failed" }),
  ],
  [1, (told) => ({ type: "ExpireCollecte", at: told.now })],
  [1, (told) => creation({ at: told.now })],
  // The mailbox gives some command of before a second time.
  [4, (told, _who, which) => at(told.turns, which)?.command],
  ...upheavals,
];

/** What most of a history is made of. */
const tempers: Record<"sensible" | "crowded" | "clumsy", [number, Move["act"]][]> = {
  sensible: [
    [60, wellPlayed],
    [10, consents],
    [10, signs],
  ],
  crowded: [
    [30, consents],
    [40, signs],
    [10, answers],
  ],
  clumsy: [
    [20, consents],
    [90, mistypes],
    [10, unlocks],
    [5, signs],
    [5, answers],
  ],
};

const moves = (temper: keyof typeof tempers): fc.Arbitrary<Move> =>
  fc.record({
    act: fc.oneof(
      ...[...tempers[temper], ...odd].map(([weight, act]) => ({ weight, arbitrary: fc.constant(act) })),
    ),
    who: fc.nat(50),
    which: fc.nat(50),
    clock: fc.oneof(
      { weight: 40, arbitrary: fc.nat(5_000) },
      { weight: 40, arbitrary: fc.constant(minute) },
      { weight: 6, arbitrary: fc.constantFrom(30 * minute - 1, 30 * minute) },
      { weight: 2, arbitrary: fc.constantFrom(day, -60 * minute) },
      { weight: 1, arbitrary: fc.constantFrom(-31 * day, 31 * day) },
      { weight: 1, arbitrary: fc.constantFrom("deadline", "just before the deadline") },
    ),
  });

const signatories = ["s1", "s2", "s3", "s4", "s5", "s6"];

const steps: fc.Arbitrary<ToldStep[]> = fc
  .array(fc.constantFrom("together", "alone", "alone", "seal", "approved"), { minLength: 1, maxLength: 4 })
  .map((kinds) => {
    const left = [...signatories];
    let approvers = 0;
    const told = kinds.map((kind): ToldStep => {
      if (kind === "seal") return "seal";
      if (kind === "approved") return `seal of a${++approvers}`;
      return left.splice(0, kind === "alone" ? 1 : 3);
    });
    return told.filter((step) => step.length > 0);
  });

const tellings: fc.Arbitrary<Told> = fc.record({
  steps,
  documents: fc.integer({ min: 1, max: 3 }),
  copies: fc.constantFrom([], ["c1"]),
  members: fc.constantFrom({}, { s1: "mem_1", s4: "mem_4" }),
  terms: fc.constantFrom({}, { reminders: { everyDays: 4, most: 3 } }, { delivery: "pushed" }),
});

/** A collecte to which up to 60 things happened, sensible or not, with a clock that may leap. */
export const histories: fc.Arbitrary<ToldCollecte> = fc
  .constantFrom("sensible" as const, "crowded" as const, "clumsy" as const)
  .chain((temper) => fc.tuple(tellings, fc.nat(9), fc.array(moves(temper), { maxLength: 60, size: "max" })))
  .map(([telling, drafts, played]) =>
    played.reduce(happen, drafts === 9 ? aCollecte(telling) : aCollecte(telling).launched()),
  );

function happen(told: ToldCollecte, { act, who, which, clock }: Move): ToldCollecte {
  const moved = told.at(instantOf(told, clock));
  const command = act(moved, who, which);
  // An old command must not take the clock back, so the clock that was set stays.
  return command ? frozen(moved.told(command).at(moved.now)) : moved;
}

function instantOf({ now, state: { expiresAt = now } }: ToldCollecte, clock: Move["clock"]): number {
  if (typeof clock === "number") return now + clock;
  return clock === "deadline" ? expiresAt : expiresAt - 1;
}

/** A law that changed what it was given would throw from here on. */
function frozen(told: ToldCollecte): ToldCollecte {
  deepFreeze(told.state);
  deepFreeze(told.turns.at(-1));
  return told;
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
}

function codeNumber(which: number) {
  const otpId = `otp-${which % 6}`;
  return { otpId, mac: rightMac(otpId) };
}

function onOldBytes(document: SignedDocument): SignedDocument {
  return { ...document, before: "old" };
}
