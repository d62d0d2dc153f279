import { expect } from "chai";
import { decide } from "../../../src/actors/collecte/decide.ts";
import { evolve } from "../../../src/actors/collecte/evolve.ts";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import { aCollecte, morning, rightMac, type ToldCollecte, wrongMac } from "../../support/collecte-builder.ts";

const minute = 60_000;
const hour = 60 * minute;

function times(count: number, told: ToldCollecte, next: (told: ToldCollecte) => ToldCollecte): ToldCollecte {
  return Array.from({ length: count }).reduce<ToldCollecte>((sofar) => next(sofar), told);
}

const wrong = (told: ToldCollecte) => told.wrongCodeFrom("s1");

describe("a one-time code", () => {
  const asked = aCollecte().launched().consentedBy("s1");

  it("is used up by the signature that it orders", () => {
    const told = asked.codeGivenBy("s1");
    expect(told.events.slice(-2)).to.deep.equal([
      {
        type: "OtpConsumed",
        signatoryId: "s1",
        otpId: "otp-1",
        at: morning,
        personal: { trace: { ip: "192.0.2.1", userAgent: "a browser" } },
      },
      { type: "SignatureOrdered", signatoryId: "s1", otpId: "otp-1", documents: ["d1-r0"], at: morning },
    ]);
    expect(told.signatory("s1")).not.to.have.property("otp");
    expect(told.turns.at(-1)?.effects).to.deep.equal([{ kind: "sign", signatoryId: "s1" }]);
  });

  it("given twice, or a hundred times at once, makes one signature", () => {
    const command = asked.signing("s1");
    const hundred = times(100, asked, (told) => told.told(command));
    expect(hundred.events.filter(({ type }) => type === "SignatureOrdered")).to.have.length(1);
    expect(hundred.effects.filter(({ kind }) => kind === "sign")).to.have.length(1);
    expect(hundred.turns.at(-1)?.decision).to.deep.equal(refuse("signature_in_progress"));
    expect(hundred.applied().told(command).turns.at(-1)?.decision).to.deep.equal(refuse("already_signed"));
  });

  it("lives to the last millisecond of its 30 minutes", () => {
    const alive = asked.at(morning + 30 * minute - 1);
    expect(alive.when(alive.signing("s1")).refused).to.equal(undefined);
    const dead = asked.at(morning + 30 * minute);
    expect(dead.when(dead.signing("s1"))).to.deep.equal(refuse("otp_expired"));
  });

  it("does nothing before a consent, or under another id", () => {
    const invited = aCollecte().launched();
    expect(invited.when(invited.signing("s1"))).to.deep.equal(refuse("consent_needed"));
    expect(asked.when(asked.signing("s1", { otpId: "otp-7" }))).to.deep.equal(refuse("consent_needed"));
  });

  it("works in the session that asked for it only", () => {
    const elsewhere = asked.signing("s1", { sessionId: "another browser" });
    expect(asked.when(elsewhere)).to.deep.equal(refuse("session_changed"));
  });

  it("of somebody else opens nothing", () => {
    const two = aCollecte({ steps: [["s1", "s2"]] })
      .launched()
      .consentedBy("s1")
      .consentedBy("s2");
    const others = two.signing("s2", { otpId: "otp-1", mac: rightMac("otp-1") });
    expect(two.when(others)).to.deep.equal(refuse("consent_needed"));
    expect(two.told(two.signing("s2", { mac: rightMac("otp-1") })).turns.at(-1)?.decision.refused).to.equal(
      "otp_wrong",
    );
  });

  it("outlives the signature of another in the same step, which changes nothing that was read", () => {
    const told = aCollecte({ steps: [["s1", "s2", "s3"]] })
      .launched()
      .consentedBy("s2")
      .signedBy("s1")
      .signedBy("s3");
    expect(told.codeGivenBy("s2").applied().state.status).to.equal("completed");
  });

  it("dies when the documents change by anything but a signature of its step", () => {
    const told = aCollecte({ steps: [["s1", "s2"]] })
      .launched()
      .consentedBy("s2");
    const documents = [
      { id: "d1", before: "d1-r0", after: "other", bytes: 9, certificate: { sha256: "", serialHex: "" } },
    ];
    const state = evolve(told.state, { type: "SealApplied", step: 0, documents, level: "B-B", at: morning });
    const back = { ...state, currentStep: 0 };
    expect(decide(back, told.signing("s2"))).to.deep.equal(refuse("documents_changed"));
  });

  it("is told wrong with the tries that are left, and the try is on the record", () => {
    const told = wrong(asked);
    expect(told.turns.at(-1)?.decision).to.deep.equal({
      happened: [
        {
          type: "OtpFailed",
          signatoryId: "s1",
          otpId: "otp-1",
          at: morning,
          personal: { trace: { ip: "192.0.2.1", userAgent: "a browser" } },
        },
      ],
      refused: "otp_wrong",
      facts: { triesLeft: 4 },
    });
    expect(told.turns.at(-1)?.effects).to.deep.equal([]);
  });

  it("is wrong when only its beginning is right", () => {
    for (const mac of ["", "mac", `${rightMac("otp-1")}0`]) {
      expect(asked.when(asked.signing("s1", { mac })).refused, mac).to.equal("otp_wrong");
    }
  });

  it("stands 4 wrong answers and dies of the 5th", () => {
    const four = times(4, asked, wrong);
    expect(four.when(four.signing("s1")).refused).to.equal(undefined);
    const five = wrong(four);
    expect(five.turns.at(-1)?.decision.facts).to.deep.equal({ triesLeft: 0 });
    expect(five.when(five.signing("s1"))).to.deep.equal(refuse("otp_used_up"));
    expect(five.when(five.signing("s1", { mac: wrongMac("otp-1") }))).to.deep.equal(refuse("otp_used_up"));
  });

  it("starts its 5 tries afresh when it is a new one", () => {
    const renewed = times(5, asked, wrong).after(minute).consentedBy("s1");
    expect(renewed.signatory("s1").otp?.failures).to.equal(0);
    expect(renewed.codeGivenBy("s1").signatory("s1").status).to.equal("signing");
  });
});

describe("a signatory who gives wrong codes", () => {
  const nine = times(
    4,
    times(5, aCollecte().launched().consentedBy("s1"), wrong).after(minute).consentedBy("s1"),
    wrong,
  );

  it("is locked by the 10th within 24 hours", () => {
    const ten = wrong(nine);
    expect(ten.turns.at(-1)?.decision.happened.map(({ type }) => type)).to.eql([
      "OtpFailed",
      "SignatoryLocked",
    ]);
    expect(ten.turns.at(-1)?.decision.refused).to.equal("otp_wrong");
    expect(ten.signatory("s1").locked).to.equal(true);
    const later = ten.after(25 * hour);
    expect(later.when(later.consent("s1"))).to.deep.equal(refuse("signatory_locked"));
    expect(later.when(later.signing("s1"))).to.deep.equal(refuse("signatory_locked"));
  });

  it("is not locked by the 10th once the first ones are 24 hours old", () => {
    const almost = nine.at(morning + 24 * hour - 1).consentedBy("s1");
    expect(wrong(almost).signatory("s1").locked).to.equal(true);
    const over = nine.at(morning + 24 * hour).consentedBy("s1");
    expect(wrong(over).signatory("s1").locked).to.equal(false);
    expect(wrong(over).signatory("s1").otpFailedAt).to.have.length(5);
  });

  it("may still sign with the right code after the 9th", () => {
    expect(nine.codeGivenBy("s1").applied().state.status).to.equal("completed");
  });

  it("may still refuse when locked, and the collecte still expires", () => {
    const locked = wrong(nine);
    expect(locked.refusedBy("s1").state.status).to.equal("refused");
    expect(locked.expired().state.status).to.equal("expired");
  });

  it("locks nobody else", () => {
    const two = times(
      5,
      aCollecte({ steps: [["s1", "s2"]] })
        .launched()
        .consentedBy("s1"),
      wrong,
    );
    const locked = times(5, two.after(minute).consentedBy("s1"), wrong);
    expect(locked.signatory("s1").locked).to.equal(true);
    expect(locked.signedBy("s2").signatory("s2").status).to.equal("signed");
  });
});
