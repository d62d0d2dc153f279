import { expect } from "chai";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import { aCollecte, morning, noCollecte, type ToldCollecte } from "../../support/collecte-builder.ts";

const minute = 60_000;
const deadline = morning + 15 * 24 * 60 * minute;

describe("a cancellation", () => {
  const open = aCollecte({ steps: ["s1", "s2", "s3"], copies: ["c1"] }).launched();
  const cancel = (told: ToldCollecte) =>
    told.when(told.ordering({ type: "CancelCollecte", personal: { reason: "a wrong figure" } }));

  it("ends the collecte with its reason, and tells those who were ever asked to sign", () => {
    const told = open.signedBy("s1").reordered("s3", "s2").after(minute).cancelled();
    expect(told.turns.at(-1)?.decision.happened).to.deep.equal([
      {
        type: "CollecteCancelled",
        by: { keyId: "key_1" },
        at: morning + minute,
        personal: { reason: "a wrong figure" },
      },
    ]);
    expect(told.state).to.deep.include({ status: "cancelled", endedAt: morning + minute });
    expect(told.state.personal.cancellationReason).to.equal("a wrong figure");
    expect(told.turns.at(-1)?.effects).to.eql([
      { kind: "mail", notice: "closed", to: "s1" },
      { kind: "mail", notice: "closed", to: "s2" },
      { kind: "mail", notice: "closed", to: "s3" },
      { kind: "evidence" },
    ]);
    expect(open.cancelled().turns.at(-1)?.effects).to.eql([
      { kind: "mail", notice: "closed", to: "s1" },
      { kind: "evidence" },
    ]);
  });

  it("of a draft disturbs nobody", () => {
    const told = aCollecte().cancelled();
    expect(told.state.status).to.equal("cancelled");
    expect(told.turns.at(-1)?.effects).to.eql([{ kind: "evidence" }]);
    expect(told.when({ type: "LaunchCollecte", at: morning })).to.deep.equal(refuse("not_draft"));
  });

  it("takes nothing back that was accepted: it waits while a signature or seal is being made", () => {
    const signing = open.consentedBy("s1").codeGivenBy("s1");
    expect(cancel(signing)).to.deep.equal(refuse("signature_in_progress"));
    const delayed = signing.told({
      type: "RecordSigningDelay",
      by: { signatoryId: "s1" },
      code: "timestamp_pending",
      reason: "tsa_timeout",
      at: morning,
    });
    expect(cancel(delayed)).to.deep.equal(refuse("signature_in_progress"));
    expect(signing.applied().cancelled().signatory("s1").status).to.equal("signed");
    const stuck = signing.failed().cancelled();
    expect(stuck.state).to.deep.include({ status: "cancelled", ordered: [] });
    expect(stuck.when(stuck.recorded({ by: { signatoryId: "s1" } }))).to.deep.equal(refuse("not_ordered"));
  });

  it("is possible to the last millisecond before the deadline, once", () => {
    expect(cancel(open.at(deadline - 1)).refused).to.equal(undefined);
    expect(cancel(open.at(deadline))).to.deep.equal(refuse("collecte_ended"));
    for (const ended of [
      open.cancelled(),
      open.refusedBy("s1"),
      open.expired(),
      open.signedBy("s1", "s2", "s3"),
    ])
      expect(cancel(ended)).to.deep.equal(refuse("collecte_ended"));
    expect(cancel(noCollecte())).to.deep.equal(refuse("not_found"));
  });
});

describe("a locked signatory who is unlocked", () => {
  const ask = (told: ToldCollecte) => told.after(minute).consentedBy("s1");
  const five = (told: ToldCollecte) =>
    Array.from({ length: 5 }).reduce<ToldCollecte>((sofar) => sofar.wrongCodeFrom("s1"), told);
  const locked = five(ask(five(ask(aCollecte().launched()))));

  it("is locked, and the preparer told", () => {
    expect(locked.signatory("s1").locked).to.equal(true);
    expect(locked.turns.at(-1)?.effects).to.eql([
      { kind: "mail", notice: "locked", to: "preparer", about: "s1" },
    ]);
  });

  it("signs by a new code, and has all wrong tries again", () => {
    const told = locked.after(minute).unlocked("s1");
    expect(told.turns.at(-1)?.decision.happened).to.deep.equal([
      { type: "SignatoryUnlocked", signatoryId: "s1", by: { keyId: "key_1" }, at: told.now },
    ]);
    expect(told.signatory("s1")).to.deep.include({ locked: false, otpFailedAt: [], linkGeneration: 1 });
    expect(told.signatory("s1").otpIssuedAt).to.have.length(2);
    expect(told.when(told.signing("s1", { otpId: "otp-2" }))).to.deep.equal(refuse("consent_needed"));
    expect(five(told.consentedBy("s1")).signatory("s1").locked).to.equal(false);
    expect(told.signedBy("s1").state.status).to.equal("completed");
  });

  it("is unlocked by who knows them, in time, and once", () => {
    const unlock = (told: ToldCollecte, signatoryId: string) =>
      told.when(told.ordering({ type: "UnlockSignatory", signatoryId }));
    expect(unlock(locked, "s9")).to.deep.equal(refuse("unknown_signatory"));
    expect(unlock(locked.unlocked("s1"), "s1")).to.deep.equal({ happened: [] });
    expect(unlock(locked.at(deadline - 1), "s1").refused).to.equal(undefined);
    expect(unlock(locked.at(deadline), "s1")).to.deep.equal(refuse("collecte_ended"));
    expect(unlock(aCollecte(), "s1")).to.deep.equal(refuse("not_launched"));
  });
});

describe("a signature that failed", () => {
  const failed = aCollecte({ steps: [["s1", "s2"], "seal"] })
    .launched()
    .consentedBy("s1")
    .consentedBy("s2")
    .codeGivenBy("s1")
    .codeGivenBy("s2")
    .failed();
  const retry = (told: ToldCollecte) => told.when(told.ordering({ type: "RetrySigning" }));

  it("is made again when it is retried, by one effect, and those behind it follow", () => {
    const told = failed.after(minute).retried();
    expect(told.turns.at(-1)?.decision.happened).to.deep.equal([
      { type: "SigningRetried", by: { keyId: "key_1" }, at: morning + minute },
    ]);
    expect(told.turns.at(-1)?.effects).to.eql([{ kind: "sign", signatoryId: "s1" }]);
    expect(told.state).not.to.have.property("trouble");
    expect(told.applied().turns.at(-1)?.effects).to.eql([{ kind: "sign", signatoryId: "s2" }]);
    expect(told.applied().applied().sealed().state.status).to.equal("completed");
  });

  it("is retried once for each failure", () => {
    expect(retry(failed.retried())).to.deep.equal(refuse("nothing_failed"));
    const again = failed.retried().failed();
    expect(again.turns.at(-1)?.effects).to.eql([{ kind: "mail", notice: "trouble", to: "preparer" }]);
    expect(again.retried().turns.at(-1)?.effects).to.eql([{ kind: "sign", signatoryId: "s1" }]);
  });

  it("is retried to the last millisecond before the deadline, and finished after it", () => {
    expect(retry(failed.at(deadline))).to.deep.equal(refuse("collecte_ended"));
    const told = failed
      .at(deadline - 1)
      .retried()
      .at(deadline);
    expect(told.when({ type: "ExpireCollecte", at: deadline })).to.deep.equal(refuse("not_due"));
    expect(told.applied().applied().sealed().state.status).to.equal("completed");
  });

  it("of a seal is retried too", () => {
    const seal = aCollecte({ steps: ["seal"] })
      .launched()
      .failed()
      .retried();
    expect(seal.turns.at(-1)?.effects).to.eql([{ kind: "seal", step: 0 }]);
  });
});
