import { expect } from "chai";
import type { OpenSession, ParapheurCommand } from "../../../src/actors/parapheur/commands.ts";
import { decide } from "../../../src/actors/parapheur/decide.ts";
import { parapheurDecider } from "../../../src/actors/parapheur/decider.ts";
import { evolve } from "../../../src/actors/parapheur/evolve.ts";
import { refuse } from "../../../src/actors/parapheur/refusals.ts";
import { type Choice, nothing, retriedUntil, type Session } from "../../../src/actors/parapheur/state.ts";

const hour = 60 * 60_000;
const day = 24 * hour;
const morning = Date.UTC(2026, 10, 30, 9);

const choice = (n: number, documents = 1): Choice => ({
  collecteId: `col_${n}`,
  act: "sign",
  key: "s1",
  documents: Array.from({ length: documents }, () => "a".repeat(64)),
});
const opening = (changes: Partial<OpenSession> = {}): OpenSession => ({
  type: "OpenSession",
  firmId: "firm_1",
  memberId: "mem_1",
  digest: "digest",
  consentText: "j'ai bien lu",
  choices: [choice(0), choice(1), choice(2)],
  leftOut: [{ collecteId: "col_9", act: "seal", code: "choice_ended" }],
  at: morning,
  personal: { trace: { ip: "192.0.2.1" } },
  ...changes,
});
const signing: ParapheurCommand = { type: "SignSession", digest: "digest", otpId: "otp", at: morning + 1 };
const recording = (round: number, refused: Record<number, string> = {}): ParapheurCommand => ({
  type: "RecordRound",
  round,
  refused,
  at: morning + 2,
});
const retrying = (places: number[], at = morning + 3): ParapheurCommand => ({
  type: "RetrySession",
  places,
  at,
});

function stateAfter(...commands: ParapheurCommand[]): Session {
  return commands.reduce<Session>((state, command) => {
    const { happened, refused } = decide(state, command);
    if (refused !== undefined) throw new Error(refused);
    return happened.reduce(evolve, state);
  }, nothing);
}

describe("a session of the parapheur", () => {
  const open = stateAfter(opening());
  const signed = stateAfter(opening(), signing);

  it("holds what was ticked and what was left out, and orders nothing yet", () => {
    expect(open).to.deep.include({ status: "open", inHand: [], rounds: 0, refused: {} });
    expect(open.choices).to.have.length(3);
    expect(open.leftOut).to.have.length(1);
    expect(decide(open, opening())).to.deep.equal(refuse("already_created"));
  });

  it("is not opened for nothing, nor for more than 5,000 documents", () => {
    expect(decide(nothing, opening({ choices: [] }))).to.deep.equal(refuse("nothing_to_sign"));
    const most = Array.from({ length: 100 }, (_, n) => choice(n, 50));
    expect(decide(nothing, opening({ choices: most })).refused).to.equal(undefined);
    expect(decide(nothing, opening({ choices: [...most, choice(100)] }))).to.deep.equal(
      refuse("too_many_documents"),
    );
  });

  it("orders all acts once when its code was right, however often that is told", () => {
    const { happened } = decide(open, signing);
    expect(happened.flatMap(parapheurDecider.effectsOf)).to.deep.equal([{ kind: "parapheur", round: 1 }]);
    expect(signed).to.deep.include({ status: "signed", otpId: "otp", inHand: [0, 1, 2] });
    expect(decide(signed, signing)).to.deep.equal({ happened: [] });
    expect(decide(signed, { ...signing, otpId: "another" })).to.deep.equal(refuse("already_signed"));
  });

  it("takes no code that was for something else", () => {
    expect(decide(open, { ...signing, digest: "another" })).to.deep.equal(refuse("documents_changed"));
  });

  it("keeps why an act was refused until another try takes it", () => {
    const refused = stateAfter(opening(), signing, recording(1, { 1: "out_of_turn" }));
    expect(refused).to.deep.include({
      inHand: [],
      refused: { 1: { code: "out_of_turn", at: morning + 2 } },
    });
    const again = stateAfter(opening(), signing, recording(1, { 1: "out_of_turn" }), retrying([1]));
    expect(again).to.deep.include({ rounds: 2, inHand: [1] });
    expect(stateAfter(opening(), signing, recording(1), retrying([1]), recording(2)).refused).to.deep.equal(
      {},
    );
  });

  it("says of every act why a round could not be handed over", () => {
    const failure = { type: "RecordRoundFailure", round: 1, code: "engine_died", at: morning } as const;
    const { refused } = stateAfter(opening(), signing, failure);
    expect(Object.values(refused).map(({ code }) => code)).to.deep.equal(Array(3).fill("engine_died"));
  });

  it("hears nothing of a round that is over", () => {
    const done = stateAfter(opening(), signing, recording(1));
    expect(decide(done, recording(1, { 0: "late" }))).to.deep.equal({ happened: [] });
    expect(decide(signed, recording(2, { 0: "never" }))).to.deep.equal({ happened: [] });
  });

  it("is tried again to the last millisecond of a day after its code, one round at a time", () => {
    const done = stateAfter(opening(), signing, recording(1));
    const until = morning + 1 + day;
    expect(retriedUntil(done)).to.equal(until);
    expect(retriedUntil(open)).to.equal(undefined);
    expect(decide(done, retrying([0], until - 1)).refused).to.equal(undefined);
    expect(decide(done, retrying([0], until))).to.deep.equal(refuse("retry_over"));
    expect(decide(open, retrying([0]))).to.deep.equal(refuse("consent_needed"));
    expect(decide(signed, retrying([0]))).to.deep.equal(refuse("signature_in_progress"));
  });

  it("tries nothing again that it does not hold", () => {
    const done = stateAfter(opening(), signing, recording(1));
    expect(decide(done, retrying([]))).to.deep.equal(refuse("nothing_failed"));
    expect(decide(done, retrying([3, -1]))).to.deep.equal(refuse("nothing_failed"));
    const { happened } = decide(done, retrying([2, 2, 9]));
    expect(happened).to.deep.equal([{ type: "RoundOrdered", round: 2, places: [2], at: morning + 3 }]);
  });

  it("is not there before it was opened, and has no timers", () => {
    for (const command of [signing, retrying([0]), recording(1)])
      expect(decide(nothing, command)).to.deep.equal(refuse("not_found"));
    expect(parapheurDecider.timersOf()).to.deep.equal([]);
    expect(() => parapheurDecider.onTimer("expiry")).to.throw();
  });
});
