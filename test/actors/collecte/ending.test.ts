import { expect } from "chai";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import { aCollecte, creation, morning, type ToldCollecte } from "../../support/collecte-builder.ts";

const minute = 60_000;
const deadline = morning + 15 * 24 * 60 * minute;
const expiry = { type: "ExpireCollecte", at: deadline } as const;

const expiryEffects = [
  { kind: "mail", notice: "expired", to: "preparer" },
  { kind: "mail", notice: "closed", to: "s1" },
  { kind: "mail", notice: "closed", to: "s2" },
  { kind: "evidence" },
];

describe("a refusal", () => {
  const open = aCollecte({ steps: [["s1", "s2"], "s3"] }).launched();

  it("ends the collecte, keeps the reason, and tells the preparer and who else was asked", () => {
    const told = open.after(minute).refusedBy("s1");
    expect(told.events.at(-1)).to.deep.equal({
      type: "CollecteRefused",
      signatoryId: "s1",
      at: morning + minute,
      personal: { reason: "not my figures", trace: { ip: "192.0.2.1", userAgent: "a browser" } },
    });
    expect(told.state).to.deep.include({ status: "refused", endedAt: morning + minute, ordered: [] });
    expect(told.state.personal.refusalReason).to.equal("not my figures");
    expect(told.turns.at(-1)?.effects).to.eql([
      { kind: "mail", notice: "refused", to: "preparer" },
      { kind: "mail", notice: "closed", to: "s2" },
      { kind: "evidence" },
    ]);
  });

  it("needs no reason", () => {
    const told = open.told(open.refusal("s2", { personal: { trace: {} } }));
    expect(told.state.status).to.equal("refused");
    expect(told.state.personal).not.to.have.property("refusalReason");
  });

  it("is for invited signatories, in time, with a living link", () => {
    expect(open.when(open.refusal("s3"))).to.deep.equal(refuse("out_of_turn"));
    expect(open.when(open.refusal("s9"))).to.deep.equal(refuse("unknown_signatory"));
    expect(open.when(open.refusal("s1", { linkGeneration: 2 }))).to.deep.equal(refuse("link_dead"));
    expect(open.when(open.refusal("s1", { at: deadline }))).to.deep.equal(refuse("collecte_ended"));
    expect(open.when(open.refusal("s1", { at: deadline - 1 })).refused).to.equal(undefined);
    const draft = aCollecte();
    expect(draft.when(draft.refusal("s1"))).to.deep.equal(refuse("not_launched"));
  });

  it("waits while anybody's signature is being made, so that none is lost", () => {
    const signing = open.consentedBy("s1").codeGivenBy("s1");
    expect(signing.when(signing.refusal("s1"))).to.deep.equal(refuse("signature_in_progress"));
    expect(signing.when(signing.refusal("s2"))).to.deep.equal(refuse("signature_in_progress"));
    const after = signing.applied().refusedBy("s2");
    expect(after.state.status).to.equal("refused");
    expect(after.signatory("s1").status).to.equal("signed");
  });
});

describe("the deadline", () => {
  const open = aCollecte({ steps: [["s1", "s2"], "s3"] }).launched();

  it("is not there a millisecond early", () => {
    expect(open.when({ ...expiry, at: deadline - 1 })).to.deep.equal(refuse("not_due"));
    expect(open.when({ ...expiry, at: deadline }).refused).to.equal(undefined);
  });

  it("ends the collecte and tells the preparer and all who were asked", () => {
    const told = open.expired();
    expect(told.events.at(-1)).to.deep.equal({ type: "CollecteExpired", at: deadline });
    expect(told.state).to.include({ status: "expired", endedAt: deadline });
    expect(told.turns.at(-1)?.effects).to.eql(expiryEffects);
  });

  it("means nothing to a draft", () => {
    expect(aCollecte().when(expiry)).to.deep.equal(refuse("not_launched"));
  });

  it("lets nobody sign, even before the calendar has said so", () => {
    const asked = open.at(deadline - minute).consentedBy("s1");
    expect(asked.when(asked.signing("s1", { at: deadline - 1 })).refused).to.equal(undefined);
    expect(asked.when(asked.signing("s1", { at: deadline }))).to.deep.equal(refuse("collecte_ended"));
  });

  it("waits for the signatures whose codes came in time, then ends", () => {
    const signing = open
      .at(deadline - minute)
      .consentedBy("s1")
      .consentedBy("s2")
      .codeGivenBy("s1")
      .codeGivenBy("s2")
      .at(deadline + 5);
    expect(signing.when({ ...expiry, at: deadline + 5 })).to.deep.equal(refuse("not_due"));
    const first = signing.applied();
    expect(first.state.status).to.equal("launched");
    expect(first.turns.at(-1)?.effects).to.eql([{ kind: "sign", signatoryId: "s2" }]);
    const second = first.applied();
    expect(second.turns.at(-1)?.decision.happened.map(({ type }) => type)).to.eql([
      "SignatureApplied",
      "CollecteExpired",
    ]);
    expect(second.turns.at(-1)?.effects).to.eql(expiryEffects);
    expect(second.signatory("s2").status).to.equal("signed");
    expect(second.signatory("s3").status).to.equal("waiting");
  });

  it("ends a step that only some have signed", () => {
    const late = open
      .at(deadline - minute)
      .consentedBy("s1")
      .codeGivenBy("s1")
      .at(deadline)
      .applied();
    expect(late.state).to.include({ status: "expired", endedAt: deadline, currentStep: 0 });
  });

  it("ends nothing by a clock in doubt when a signature is made: the next step opens, and the calendar judges later", () => {
    const signing = open
      .at(deadline - minute)
      .signedBy("s1")
      .consentedBy("s2")
      .codeGivenBy("s2")
      .at(deadline + 5);
    const doubtful = signing.told({ ...signing.recorded(), isInDoubt: true });
    expect(doubtful.state.status).to.equal("launched");
    expect(doubtful.signatory("s3").status).to.equal("invited");
    expect(doubtful.at(deadline - 1).signedBy("s3").state.status).to.equal("completed");
    expect(doubtful.when({ ...expiry, at: deadline + 5 }).refused).to.equal(undefined);
  });

  it("completes what lacks nothing but the signature in hand", () => {
    const last = aCollecte()
      .launched()
      .at(deadline - 1)
      .consentedBy("s1")
      .codeGivenBy("s1")
      .at(deadline + minute);
    expect(last.when({ ...expiry, at: deadline + minute })).to.deep.equal(refuse("not_due"));
    expect(last.applied().state.status).to.equal("completed");
  });

  it("lets the seals that follow the last signature be made", () => {
    const sealing = aCollecte({ steps: ["s1", "seal", "seal"] })
      .launched()
      .at(deadline - 1)
      .consentedBy("s1")
      .codeGivenBy("s1")
      .at(deadline + minute)
      .applied();
    expect(sealing.state.ordered).to.eql([{ seal: 1 }]);
    expect(sealing.when({ ...expiry, at: deadline + minute })).to.deep.equal(refuse("not_due"));
    expect(sealing.sealed().sealed().state.status).to.equal("completed");
  });

  it("comes after the seal in hand when somebody should sign after it", () => {
    const sealing = aCollecte({ steps: ["s1", "seal", "s2"] })
      .launched()
      .at(deadline - 1)
      .signedBy("s1")
      .at(deadline);
    expect(sealing.when(expiry)).to.deep.equal(refuse("not_due"));
    const sealed = sealing.sealed();
    expect(sealed.state.status).to.equal("expired");
    expect(sealed.signatory("s2").status).to.equal("waiting");
  });
});

describe("a collecte that has ended", () => {
  const endings: Record<string, ToldCollecte> = {
    completed: aCollecte({ steps: ["s1", "seal"] })
      .launched()
      .signedBy("s1")
      .sealed(),
    refused: aCollecte({ steps: ["s1", "s2"] })
      .launched()
      .refusedBy("s1"),
    expired: aCollecte({ steps: ["s1", "s2"] })
      .launched()
      .consentedBy("s1")
      .expired(),
  };

  for (const [status, told] of Object.entries(endings)) {
    it(`${status}, refuses every command but the record of a notice`, () => {
      expect(told.state.status).to.equal(status);
      const gone = status === "completed" ? "already_signed" : "collecte_ended";
      const answers = [
        told.when(creation()),
        told.when({ type: "LaunchCollecte", at: told.now }),
        told.when(told.consent("s1")),
        told.when(told.signing("s1")),
        told.when(told.refusal("s1")),
        told.when(told.recorded({ by: { signatoryId: "s1" } })),
        told.when({ type: "RecordSigningFailure", by: { signatoryId: "s1" }, code: "x", at: told.now }),
        told.when({ ...expiry, at: deadline + minute }),
      ];
      expect(answers.map(({ refused }) => refused)).to.eql([
        "already_created",
        "not_draft",
        gone,
        gone,
        gone,
        "not_ordered",
        "not_ordered",
        "collecte_ended",
      ]);
      expect(answers.flatMap(({ happened }) => happened)).to.eql([]);
      const { notifications: _, ...before } = told.state;
      const { notifications, ...after } = told.told(told.notified()).state;
      expect(after).to.deep.equal(before);
      expect(notifications).to.have.property("col.2.0");
    });
  }
});
