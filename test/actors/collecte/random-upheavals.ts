import { awaitedOf } from "../../../src/actors/collecte/awaited.ts";
import type { Command } from "../../../src/actors/collecte/commands.ts";
import { timersOf } from "../../../src/actors/collecte/effects.ts";
import { stepsLeft } from "../../../src/actors/collecte/order-change.ts";
import type { Step } from "../../../src/actors/collecte/state.ts";
import type { ToldCollecte } from "../../support/collecte-builder.ts";

/** One thing that the world may do; `who` and `which` are taken modulo what there is. */
export interface Move {
  act: (told: ToldCollecte, who: number, which: number) => Command | undefined;
  who: number;
  which: number;
  /** How far the clock goes first: mostly on, sometimes back, sometimes to the edge of the deadline. */
  clock: number | "deadline" | "just before the deadline";
}

/** What preparers, members, gateways and the calendar do once in a while, mostly at the wrong moment. */
export const upheavals: [number, Move["act"]][] = [
  [3, (told, who, which) => told.ordering({ type: "ChangeOrder", steps: shuffled(told, who, which) })],
  [1, (told, who) => told.ordering({ type: "ChangeOrder", steps: stepsLeft(told.state).slice(who % 2) })],
  [
    2,
    (told, who) =>
      told.ordering({ type: "ReplaceSignatory", signatoryId: anybody(told, who), personal: { person } }),
  ],
  [
    2,
    (told, who, which) =>
      told.ordering({ type: "CorrectPerson", personId: anybody(told, who), personal: address(which) }),
  ],
  [4, revises],
  [2, (told) => told.ordering({ type: "RemindSignatories" })],
  [2, (told) => ({ type: "RemindSignatories", scheduled: true, at: told.now })],
  [1, (told, who) => told.ordering({ type: "UnlockSignatory", signatoryId: somebody(told, who) })],
  [3, (told) => told.ordering({ type: "RetrySigning" })],
  [
    1,
    (told, who) =>
      who > 40 ? told.ordering({ type: "CancelCollecte", personal: { reason: "x" } }) : undefined,
  ],
  // By any link that anybody ever had, replaced or not.
  [3, (told, who, which) => told.consent(anybody(told, who), { linkGeneration: which % 6 })],
  [2, (told, who, which) => told.signing(anybody(told, who), { linkGeneration: which % 6, ...aCode(which) })],
  [2, (told, who) => told.refusal(anybody(told, who), { linkGeneration: who % 6 })],
  [3, (told, who) => told.inParapheur(anybody(told, who))],
  [1, (told, who) => told.inParapheur(anybody(told, who), { memberId: "mem_9", delegationId: "del_1" })],
  [3, approves],
  [1, (told, _who, which) => told.approval(which % 5, "mem_9", { delegationId: "del_1" })],
  [
    2,
    (told, who, which) =>
      told.notified({ effectId: `e${which % 6}`, to: anybody(told, who), status: "delivered" }),
  ],
  [
    2,
    (told, who, which) =>
      told.notified({ effectId: `t${which % 6}`, channel: "sms", to: anybody(told, who), status: "failed" }),
  ],
  [3, (told, who, which) => accesses(told, anybody(told, who), which)],
  [
    1,
    (told, _who, which) => ({
      type: "RecordEvidence",
      sha256: `e${which % 3}`,
      bytes: 1,
      level: "B-B",
      at: told.now,
    }),
  ],
  [
    1,
    (told) => ({
      type: "RecordSigningDelay",
      by: told.state.ordered[0] ?? { seal: 0 },
      code: "timestamp_pending",
      reason: "x",
      at: told.now,
    }),
  ],
  [1, (told) => ({ type: "RecordDelivery", how: "pushed", at: told.now })],
  [
    1,
    (told, _who, which) => ({
      type: "RecordUpkeepFailure",
      what: which % 2 ? "deliver" : "purge",
      code: "x",
      at: told.now,
    }),
  ],
  [6, due],
  [2, (told) => ({ type: "PurgeCollecte", at: told.now })],
  [3, (told) => ({ type: "RecordPurge", removed: 1, kept: 0, at: told.now })],
  [1, (told) => ({ type: "ForgetPeople", at: told.now })],
];

const person = { name: "Paul Neuf", email: "paul@client.example" };

export const somebody = (told: ToldCollecte, who: number) =>
  at(Object.keys(told.state.signatories), who) ?? "s1";

export const unlocks: Move["act"] = (told) => {
  const locked = Object.values(told.state.signatories).find((signatory) => signatory.locked);
  return locked && told.ordering({ type: "UnlockSignatory", signatoryId: locked.id });
};

/** Also who was replaced, is in copy or approves. */
const anybody = (told: ToldCollecte, who: number) => at(Object.keys(told.state.personal.people), who) ?? "s1";

const address = (which: number) =>
  which % 2 ? { email: `${which}@client.example` } : { phone: `+336000000${which + 10}` };

const aCode = (which: number) =>
  which % 2 ? { otpId: `otp-${which % 7}`, mac: `mac of otp-${which % 7}` } : {};

/** What is left, turned round, and now and then joined or parted. */
function shuffled(told: ToldCollecte, who: number, which: number): Step[] {
  const left = stepsLeft(told.state);
  const turned = [...left.slice(who % left.length || 0), ...left.slice(0, who % left.length || 0)];
  if (which % 3 === 0) return turned.reverse();
  if (which % 3 === 1) return turned;
  return turned.flatMap((step): Step[] =>
    "seal" in step ? [step] : step.signatories.map((id) => ({ signatories: [id] })),
  );
}

/** The same people the other way round, with the first of its documents. */
function revises({ state, now }: ToldCollecte): Command {
  const { language, copies, personal } = state;
  const documents = state.documents
    .slice(0, 1)
    .map(({ id, original: sha256, bytes, pages }) => ({ id, sha256, bytes, pages }));
  const steps = [...state.steps].reverse();
  const plan = { language, documents, steps, copies, members: {}, personal };
  return { type: "ReviseDraft", ...plan, by: { keyId: "key_1" }, at: now };
}

function approves(told: ToldCollecte): Command | undefined {
  const seal = awaitedOf(told.state).find(({ act }) => act === "seal");
  return seal && told.approval(Number(seal.key), seal.memberId);
}

function accesses(told: ToldCollecte, personId: string, which: number): Command {
  const act = which % 2 ? "read" : "downloaded";
  const sessionId = `session ${which % 3}`;
  return {
    type: "RecordAccess",
    personId,
    sessionId,
    act,
    documents: ["d1"],
    at: told.now,
    personal: { trace: {} },
  };
}

/** The calendar brings back whichever timer of an ended collecte is next. */
function due(told: ToldCollecte): Command | undefined {
  const [timer] = timersOf(told.state).filter(({ name }) => name !== "expiry" && name !== "reminder");
  if (!timer) return undefined;
  const at = Math.max(told.now, timer.dueAt);
  // Most drafts are launched one day.
  if (timer.name === "draft") return told.now % 7 ? undefined : { type: "AbandonDraft", at };
  if (timer.name === "purge_warning") return { type: "AnnouncePurge", at };
  return timer.name === "purge" ? { type: "PurgeCollecte", at } : { type: "ForgetPeople", at };
}

export function at<T>(values: readonly T[], place: number): T | undefined {
  return values[place % values.length];
}
