import { expect } from "chai";
import { collecteDecider } from "../../../src/actors/collecte/decider.ts";
import { effectsOf } from "../../../src/actors/collecte/effects.ts";
import { evolve } from "../../../src/actors/collecte/evolve.ts";
import * as numbers from "../../../src/actors/collecte/numbers.ts";
import { nothing } from "../../../src/actors/collecte/state.ts";
import { aCollecte, creation, morning, noCollecte } from "../../support/collecte-builder.ts";
import { memberOf } from "../../support/collecte-creation.ts";

describe("the law of a collecte", () => {
  it("has the numbers of the product", () => {
    expect(numbers).to.deep.include({
      collecteLifeMs: 1_296_000_000,
      otpLifeMs: 1_800_000,
      strictOtpLifeMs: 600_000,
      otpTries: 5,
      otpsPerWindow: 3,
      otpWindowMs: 1_800_000,
      otpPauseMs: 60_000,
      otpFailuresBeforeLock: 10,
      otpFailureWindowMs: 86_400_000,
      prolongationMs: 1_296_000_000,
      retentionMonths: 1,
      evidenceYears: 5,
      purgeWarningMs: 604_800_000,
      accessesKept: 100,
    });
  });

  it("starts from nothing and is called collecte", () => {
    expect(collecteDecider).to.include({ kind: "collecte", nothing });
  });

  it("shows parapheurs what waits for members, while it is launched", () => {
    const { awaitedOf } = collecteDecider;
    const draft = aCollecte({ steps: [["s1", "s2"], "seal of a1"], members: { s1: "mem_1" } });
    const dueAt = morning + numbers.collecteLifeMs;
    expect(awaitedOf(draft.state)).to.deep.equal([]);
    const launched = draft.launched();
    const sign = { memberId: "mem_1", act: "sign", key: "s1", dueAt };
    expect(awaitedOf(launched.state)).to.deep.equal([sign]);
    const typed = noCollecte().told({ ...creation({ members: { s1: "mem_1" } }), documentType: "Lettre" });
    expect(awaitedOf(typed.launched().state)).to.deep.equal([{ ...sign, documentType: "Lettre" }]);
    const atTheSeal = launched.signedBy("s1", "s2");
    const seal = { memberId: memberOf("a1"), act: "seal", key: "1", dueAt };
    expect(awaitedOf(atTheSeal.state)).to.deep.equal([seal]);
    expect(awaitedOf(atTheSeal.cancelled().state)).to.deep.equal([]);
  });

  it("reads each due timer as its command, by the clock of who read it", () => {
    const at = morning;
    expect(
      ["expiry", "reminder", "purge_warning", "purge", "forget"].map((name) =>
        collecteDecider.onTimer(name, at),
      ),
    ).to.deep.equal([
      { type: "ExpireCollecte", at },
      { type: "RemindSignatories", scheduled: true, at },
      { type: "AnnouncePurge", at },
      { type: "PurgeCollecte", at },
      { type: "ForgetPeople", at },
    ]);
  });

  it("knows no other timer", () => {
    expect(() => collecteDecider.onTimer("bell", morning)).to.throw("a collecte has no timer bell");
  });

  it("needs the bytes of the documents that it is made with, and of nothing else", () => {
    const [created] = aCollecte({ documents: 2 }).turns;
    if (!created) throw new Error("nothing was created");
    expect(collecteDecider.needs(created.command)).to.deep.equal(["d1-r0", "d2-r0"]);
    expect(collecteDecider.needs({ type: "LaunchCollecte", at: morning })).to.deep.equal([]);
  });

  it("has one timer: that of a draft left alone, the deadline from the launch to the end, then the purge, then the forgetting", () => {
    const { timersOf } = collecteDecider;
    const launched = aCollecte({ steps: ["s1", "seal"] }).launched();
    const draft = [{ name: "draft", dueAt: morning + numbers.draftDays * 24 * 3_600_000 }];
    const timer = [{ name: "expiry", dueAt: morning + numbers.collecteLifeMs }];
    expect(timersOf(noCollecte().state)).to.eql([]);
    expect(timersOf(aCollecte().state)).to.eql(draft);
    expect(timersOf(launched.state)).to.eql(timer);
    expect(timersOf(launched.signedBy("s1").state)).to.eql(timer);
    const purge = [{ name: "purge", dueAt: Date.UTC(2026, 11, 30, 9) }];
    const completed = launched.signedBy("s1").sealed();
    expect(timersOf(completed.state)).to.eql(purge);
    expect(timersOf(launched.refusedBy("s1").state)).to.eql(purge);
    expect(timersOf(launched.cancelled().state)).to.eql(purge);
    expect(timersOf(launched.expired().state)).to.eql([{ name: "purge", dueAt: Date.UTC(2027, 0, 15, 9) }]);
    const purged = completed.purged();
    expect(timersOf(purged.state)).to.eql([{ name: "forget", dueAt: Date.UTC(2031, 10, 30, 9) }]);
    expect(timersOf(purged.forgotten().state)).to.eql([]);
  });

  it("takes events about people it does not know without a fault", () => {
    const { state } = aCollecte();
    const stray = { type: "SignatoryLocked", signatoryId: "s9", at: morning } as const;
    expect(evolve(state, stray)).to.equal(state);
    expect(evolve(nothing, stray)).to.equal(nothing);
  });

  it("forgets a failure of a code that is not there but counts it", () => {
    const { state } = aCollecte().launched();
    const failed = evolve(state, {
      type: "OtpFailed",
      signatoryId: "s1",
      otpId: "otp-1",
      at: morning,
      personal: { trace: {} },
    });
    expect(failed.signatories["s1"]).to.deep.include({ otpFailedAt: [morning] });
    expect(failed.signatories["s1"]).not.to.have.property("otp");
  });

  it("leaves a document alone that a signature does not name", () => {
    const { state } = aCollecte({ documents: 2 }).launched().consentedBy("s1").codeGivenBy("s1");
    const after = evolve(state, {
      type: "SignatureApplied",
      signatoryId: "s1",
      documents: [
        { id: "d2", before: "d2-r0", after: "d2-r1", bytes: 9, certificate: { sha256: "", serialHex: "" } },
      ],
      level: "B-B",
      at: morning,
    });
    expect(after.documents.map(({ head }) => head)).to.eql(["d1-r0", "d2-r1"]);
  });

  it("sends a code only with the command that carries it", () => {
    const told = aCollecte().launched().consentedBy("s1");
    const issued = told.events.at(-1);
    if (issued?.type !== "OtpIssued") throw new Error("no code was issued");
    expect(effectsOf(issued, told.state, { type: "LaunchCollecte", at: morning })).to.eql([]);
  });
});
