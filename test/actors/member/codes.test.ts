import { expect } from "chai";
import type { AskForCode, MemberCommand, UseCode } from "../../../src/actors/member/commands.ts";
import { decide } from "../../../src/actors/member/decide.ts";
import { memberDecider } from "../../../src/actors/member/decider.ts";
import { effectsOf } from "../../../src/actors/member/effects.ts";
import { evolve } from "../../../src/actors/member/evolve.ts";
import { refuse } from "../../../src/actors/member/refusals.ts";
import { actsOf, type MemberActs, nothing } from "../../../src/actors/member/state.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const morning = Date.UTC(2026, 10, 30, 9);
const trace = { ip: "192.0.2.1" };

const asking = (n: number, changes: Partial<AskForCode> = {}): AskForCode => ({
  type: "AskForCode",
  memberId: "mem_1",
  firmId: "firm_1",
  purpose: "certificate",
  sessionId: "session",
  bound: ["who"],
  language: "fr",
  otp: { id: `otp-${n}`, salt: "salt", mac: `mac-${n}`, sealedCode: "sealed" },
  at: morning,
  personal: { trace },
  ...changes,
});
const using = (n: number, changes: Partial<UseCode> = {}): UseCode => ({
  type: "UseCode",
  purpose: "certificate",
  otpId: `otp-${n}`,
  sessionId: "session",
  bound: ["who"],
  mac: `mac-${n}`,
  at: morning,
  personal: { trace },
  ...changes,
});

/** The state after these commands, whatever they were answered. */
function stateAfter(...commands: MemberCommand[]): MemberActs {
  return commands.reduce<MemberActs>(
    (state, command) => decide(state, command).happened.reduce(evolve, state),
    nothing,
  );
}

const refusedOf = (state: MemberActs, command: MemberCommand) => decide(state, command).refused;

describe("a member's code", () => {
  const asked = stateAfter(asking(1));

  it("is sent by SMS, and kept as a digest only", () => {
    const command = asking(1);
    const [issued] = decide(nothing, command).happened;
    expect(issued && effectsOf(issued, asked, command)).to.deep.equal([
      { kind: "sms", notice: "otp", to: "mem_1", otpId: "otp-1", language: "fr", sealedCode: "sealed" },
    ]);
    expect(JSON.stringify([issued, asked])).not.to.include("sealed");
    expect(issued && effectsOf(issued, asked, using(1)), "of another command").to.deep.equal([]);
  });

  it("orders the certificate that it was asked for, once", () => {
    const decision = decide(asked, using(1));
    expect(decision.happened.map(({ type }) => type)).to.deep.equal(["CodeUsed", "CertificateOrdered"]);
    const used = stateAfter(asking(1), using(1));
    expect(used).not.to.have.property("otp");
    expect(decision.happened.flatMap((event) => effectsOf(event, used, using(1)))).to.deep.equal([
      { kind: "certify", codeId: "otp-1", orderedAt: morning },
    ]);
    expect(decide(used, using(1))).to.deep.equal(refuse("consent_needed"));
  });

  it("releases the session of the parapheur that it was asked for, and nothing else", () => {
    const about = { purpose: "parapheur", parapheurId: "pph_1", bound: ["digest"] } as const;
    const given = { ...about, bound: [...about.bound] };
    const before = stateAfter(asking(1, given));
    const { parapheurId: _, ...typed } = given;
    const { happened } = decide(before, using(1, typed));
    const after = happened.reduce(evolve, before);
    expect(happened.flatMap((event) => effectsOf(event, after, using(1, typed)))).to.deep.equal([
      { kind: "parapheur", parapheurId: "pph_1", otpId: "otp-1", digest: "digest" },
    ]);
    expect(after).not.to.have.property("otp");
    expect(refusedOf(before, using(1, { ...typed, bound: ["other"] }))).to.equal("bound_changed");
    expect(refusedOf(before, using(1, { bound: ["digest"] })), "for a certificate").to.equal(
      "consent_needed",
    );
    const nameless = stateAfter(asking(1, { purpose: "parapheur" }));
    const [, released] = decide(nameless, using(1, { purpose: "parapheur" })).happened;
    expect(released, "whoever asked named no session").to.include({ parapheurId: "" });
  });

  it("lives to the last millisecond of its 30 minutes", () => {
    expect(refusedOf(asked, using(1, { at: morning + 30 * minute - 1 }))).to.equal(undefined);
    expect(refusedOf(asked, using(1, { at: morning + 30 * minute }))).to.equal("otp_expired");
  });

  it("of a firm with strict codes lives to the last millisecond of 10 minutes", () => {
    const strict = stateAfter(asking(1, { isStrict: true }));
    expect(refusedOf(strict, using(1, { at: morning + 10 * minute - 1 }))).to.equal(undefined);
    expect(refusedOf(strict, using(1, { at: morning + 10 * minute }))).to.equal("otp_expired");
  });

  it("is for this session, these things and this id", () => {
    expect(refusedOf(nothing, using(1))).to.equal("consent_needed");
    expect(refusedOf(asked, using(2))).to.equal("consent_needed");
    expect(refusedOf(asked, using(1, { sessionId: "another" }))).to.equal("session_changed");
    expect(refusedOf(asked, using(1, { bound: ["somebody else"] }))).to.equal("bound_changed");
    expect(refusedOf(asked, using(1, { bound: ["who", "what"] }))).to.equal("bound_changed");
    const other = "another purpose" as UseCode["purpose"];
    expect(refusedOf(asked, using(1, { purpose: other }))).to.equal("consent_needed");
  });

  it("is tried five times", () => {
    const wrong = using(1, { mac: "wrong" });
    const decision = decide(asked, wrong);
    expect([decision.refused, decision.facts]).to.deep.equal(["otp_wrong", { triesLeft: 4 }]);
    expect(refusedOf(asked, using(1, { mac: "mac-2" })), "as long as the right one").to.equal("otp_wrong");
    const four = stateAfter(asking(1), ...Array.from({ length: 4 }, () => wrong));
    expect(refusedOf(four, using(1))).to.equal(undefined);
    const five = stateAfter(asking(1), ...Array.from({ length: 5 }, () => wrong));
    expect(refusedOf(five, using(1))).to.equal("otp_used_up");
  });

  it("comes 60 seconds after the one before, which it kills", () => {
    expect(decide(asked, asking(2, { at: morning + minute - 1 }))).to.deep.equal(
      refuse("otp_too_soon", { retryAfterSeconds: 1 }),
    );
    const renewed = stateAfter(asking(1), asking(2, { at: morning + minute }));
    expect(refusedOf(renewed, using(1, { at: morning + minute }))).to.equal("consent_needed");
    expect(refusedOf(renewed, using(2, { at: morning + minute }))).to.equal(undefined);
  });

  it("is one of three in 30 minutes", () => {
    const three = stateAfter(...[0, 1, 2].map((n) => asking(n, { at: morning + n * minute })));
    expect(decide(three, asking(4, { at: morning + 30 * minute - 1 }))).to.deep.equal(
      refuse("otp_too_many", { retryAfterSeconds: 1 }),
    );
    expect(refusedOf(three, asking(4, { at: morning + 30 * minute }))).to.equal(undefined);
  });
});

describe("a member with ten wrong codes in 24 hours", () => {
  const wrongs = (n: number, at: number) =>
    [
      asking(n, { at }),
      ...Array.from({ length: 5 }, () => using(n, { mac: "wrong", at })),
    ] as MemberCommand[];
  const nine = [...wrongs(1, morning), ...wrongs(2, morning + minute).slice(0, -1)];
  const tenth = (at: number) => using(2, { mac: "wrong", at });

  it("is locked, until somebody unlocks them", () => {
    expect(stateAfter(...nine).locked).to.equal(false);
    const state = stateAfter(...nine, tenth(morning + 2 * minute));
    expect(state.locked).to.equal(true);
    expect(refusedOf(state, asking(3, { at: morning + 48 * hour }))).to.equal("member_locked");
    expect(refusedOf(state, using(2))).to.equal("member_locked");
    const unlock = { type: "UnlockMember" as const, by: { memberId: "mem_2" }, at: morning + 3 * minute };
    const free = decide(state, unlock).happened.reduce(evolve, state);
    expect(refusedOf(free, asking(3, { at: morning + 3 * minute }))).to.equal(undefined);
    const again = [
      asking(3, { at: morning + 3 * minute }),
      using(3, { mac: "wrong", at: morning + 3 * minute }),
    ];
    expect(
      again.reduce<MemberActs>((one, command) => decide(one, command).happened.reduce(evolve, one), free)
        .locked,
    ).to.equal(false);
    expect(refusedOf(free, unlock)).to.equal("not_locked");
  });

  it("is not locked when the first of them is a day old", () => {
    const late = [...wrongs(1, morning), ...wrongs(2, morning + 24 * hour)];
    expect(stateAfter(...late).locked).to.equal(false);
    const early = [...wrongs(1, morning), ...wrongs(2, morning + 24 * hour - 1)];
    expect(stateAfter(...early).locked).to.equal(true);
  });
});

describe("a certificate that was ordered", () => {
  const ordered = stateAfter(asking(1), using(1));
  const issued = { sha256: "ab", serialHex: "01", notAfter: morning };
  const record = { type: "RecordCertificate" as const, codeId: "otp-1", issued, at: morning };
  const failure = {
    type: "RecordCertificateFailure" as const,
    codeId: "otp-1",
    code: "no_certificate",
    at: morning,
  };

  it("is recorded once", () => {
    const made = stateAfter(asking(1), using(1), record);
    expect(made.certificate).to.deep.equal({ codeId: "otp-1", orderedAt: morning, issued });
    expect(refusedOf(made, record)).to.equal("not_ordered");
    expect(refusedOf(made, failure)).to.equal("not_ordered");
    expect(refusedOf(nothing, record)).to.equal("not_ordered");
  });

  it("that failed may still be made", () => {
    const failed = decide(ordered, failure).happened.reduce(evolve, ordered);
    expect(failed.certificate).to.include({ failed: "no_certificate" });
    const made = decide(failed, record).happened.reduce(evolve, failed);
    expect(made.certificate).to.deep.equal({ codeId: "otp-1", orderedAt: morning, issued });
    expect(evolve(nothing, { type: "CertificateIssued", codeId: "x", issued, at: 1 })).to.equal(nothing);
  });
});

describe("what became of a member's SMS", () => {
  const told = (status: "sent" | "failed", effectId = "e1") => ({
    type: "RecordMemberNotification" as const,
    ...{ effectId, status, reference: "ref", at: morning },
  });

  it("is recorded once, and may turn from failed to sent", () => {
    const failed = stateAfter(asking(1), told("failed"));
    expect(failed.notifications).to.deep.equal({ e1: { status: "failed", at: morning } });
    expect(decide(failed, told("failed")).happened).to.deep.equal([]);
    const sent = stateAfter(asking(1), told("failed"), told("sent"));
    expect(sent.notifications["e1"]?.status).to.equal("sent");
    expect(decide(sent, told("failed")).happened).to.deep.equal([]);
  });

  it("is kept of the last twenty", () => {
    const many = Array.from({ length: 30 }, (_, n) => told("sent", `e${n}`));
    const kept = Object.keys(stateAfter(asking(1), ...many).notifications);
    expect(kept).to.deep.equal(Array.from({ length: 20 }, (_, n) => `e${n + 10}`));
  });
});

describe("the law of members", () => {
  it("keeps one book of a member's codes, under an id that tells whose it is", () => {
    expect(actsOf("mem_1")).to.equal("acts_mem_1");
  });

  it("has no timers", () => {
    expect(memberDecider.timersOf()).to.deep.equal([]);
    expect(() => memberDecider.onTimer("expiry")).to.throw("a member has no timer expiry");
  });

  it("lets nothing happen to a wrong code that comes without one", () => {
    const state = evolve(nothing, { type: "CodeFailed", otpId: "x", at: 5, personal: { trace } });
    expect(state).to.deep.equal({ ...nothing, otpFailedAt: [5] });
  });
});
