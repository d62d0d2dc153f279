import { expect } from "chai";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import { aCollecte, morning } from "../../support/collecte-builder.ts";

const minute = 60_000;
const types = (events: readonly { type: string }[]) => events.map(({ type }) => type);

describe("signing in order", () => {
  const told = aCollecte({ steps: ["s1", "s2"], documents: 2 }).launched();

  it("keeps the second signatory waiting until the first has signed", () => {
    expect(told.when(told.signing("s2"))).to.deep.equal(refuse("out_of_turn"));
    expect(told.when(told.refusal("s2"))).to.deep.equal(refuse("out_of_turn"));
    const signing = told.consentedBy("s1").codeGivenBy("s1");
    expect(signing.when(signing.consent("s2"))).to.deep.equal(refuse("out_of_turn"));
  });

  it("moves every document by one revision and invites the next", () => {
    const first = told.after(5).signedBy("s1");
    const certificate = { sha256: "c".repeat(64), serialHex: "0a" };
    expect(first.turns.at(-1)?.decision.happened).to.deep.equal([
      {
        type: "SignatureApplied",
        signatoryId: "s1",
        documents: [
          { id: "d1", before: "d1-r0", after: "d1-r1", bytes: 51_000, certificate },
          { id: "d2", before: "d2-r0", after: "d2-r1", bytes: 51_000, certificate },
        ],
        level: "B-B",
        at: morning + 5,
      },
      { type: "SignatoryInvited", signatoryId: "s2", linkGeneration: 1, at: morning + 5 },
    ]);
    expect(
      first.state.documents.map(({ original, head, bytes, revisions }) => [original, head, bytes, revisions]),
    ).to.eql([
      ["d1-r0", "d1-r1", 51_000, 1],
      ["d2-r0", "d2-r1", 51_000, 1],
    ]);
    expect(first.signatory("s1")).to.include({ status: "signed", signedAt: morning + 5 });
    expect(first.turns.at(-1)?.effects).to.deep.equal([
      { kind: "mail", notice: "invitation", to: "s2", link: { purpose: "sign", generation: 1 } },
    ]);
  });

  it("completes after the last, and tells every signatory and copy", () => {
    const done = aCollecte({ steps: ["s1", "s2"], copies: ["c1"] })
      .launched()
      .signedBy("s1", "s2");
    expect(done.state).to.include({ status: "completed", endedAt: morning, currentStep: 2 });
    expect(done.turns.at(-1)?.effects).to.deep.equal([
      ...["s1", "s2", "c1"].map((to) => ({
        kind: "mail",
        notice: "completed",
        to,
        link: { purpose: "download", generation: 1 },
      })),
      { kind: "evidence" },
    ]);
  });

  it("has no way to take a signature back", () => {
    const signed = told.signedBy("s1");
    expect(signed.when(signed.refusal("s1"))).to.deep.equal(refuse("already_signed"));
    expect(signed.when(signed.signing("s1"))).to.deep.equal(refuse("already_signed"));
  });
});

describe("several signatories of one step", () => {
  const told = aCollecte({ steps: [["s1", "s2", "s3"], "s4"] }).launched();

  it("sign in any order, and the next step waits for all of them", () => {
    for (const order of [
      ["s1", "s2", "s3"],
      ["s3", "s1", "s2"],
      ["s2", "s3", "s1"],
    ]) {
      const two = told.signedBy(...order.slice(0, 2));
      expect(two.state.currentStep).to.equal(0);
      expect(two.signatory("s4").status).to.equal("waiting");
      const three = two.signedBy(...order.slice(2));
      expect(three.state.currentStep).to.equal(1);
      expect(three.signatory("s4").status).to.equal("invited");
      expect(three.state.documents[0]?.revisions).to.equal(3);
    }
  });

  it("queue up when they sign at once: one signature is made at a time, in the order of the codes", () => {
    const queued = ["s1", "s2", "s3"]
      .reduce((sofar, id) => sofar.consentedBy(id), told)
      .codeGivenBy("s2")
      .codeGivenBy("s3")
      .codeGivenBy("s1");
    expect(queued.state.ordered).to.eql([
      { signatoryId: "s2" },
      { signatoryId: "s3" },
      { signatoryId: "s1" },
    ]);
    expect(queued.effects.filter(({ kind }) => kind === "sign")).to.eql([
      { kind: "sign", signatoryId: "s2" },
    ]);
    const first = queued.applied();
    expect(first.turns.at(-1)?.effects).to.eql([{ kind: "sign", signatoryId: "s3" }]);
    expect(first.turns.at(-1)?.decision.happened).to.have.length(1);
    const second = first.applied();
    expect(second.turns.at(-1)?.effects).to.eql([{ kind: "sign", signatoryId: "s1" }]);
    const third = second.applied();
    expect(third.state).to.deep.include({ ordered: [], currentStep: 1 });
    expect(third.state.documents[0]?.head).to.equal("d1-r3");
  });
});

describe("a signature that is being made", () => {
  const told = aCollecte({ steps: [["s1", "s2"], "seal"], documents: 2 })
    .launched()
    .consentedBy("s1")
    .consentedBy("s2")
    .codeGivenBy("s1")
    .codeGivenBy("s2");

  it("is taken for the first of the queue only", () => {
    expect(told.when(told.recorded({ by: { signatoryId: "s2" } }))).to.deep.equal(refuse("not_ordered"));
    expect(told.when(told.recorded({ by: { seal: 0 } }))).to.deep.equal(refuse("not_ordered"));
    expect(told.when(told.recorded({ by: { signatoryId: "s9" } }))).to.deep.equal(refuse("not_ordered"));
  });

  it("is taken once", () => {
    const answer = told.recorded();
    expect(told.told(answer).when(answer)).to.deep.equal(refuse("not_ordered"));
  });

  it("must be in every document, in order, and on the bytes that are there now", () => {
    const { documents } = told.recorded();
    const stale = documents.map((document) => ({ ...document, before: "d1-r9" }));
    for (const odd of [
      [],
      documents.slice(0, 1),
      documents.toReversed(),
      [...documents, ...documents],
      stale,
    ]) {
      expect(told.when(told.recorded({ documents: odd }))).to.deep.equal(refuse("documents_changed"));
    }
  });

  it("puts its failure on the record, and is still taken when another try succeeds", () => {
    const failed = told.told({
      type: "RecordSigningFailure",
      by: { signatoryId: "s1" },
      code: "blob_damaged",
      at: morning,
    });
    expect(failed.events.at(-1)).to.deep.equal({
      type: "SigningFailed",
      by: { signatoryId: "s1" },
      code: "blob_damaged",
      at: morning,
    });
    expect(failed.state).to.deep.equal({ ...told.state, trouble: { code: "blob_damaged", at: morning } });
    expect(failed.turns.at(-1)?.effects).to.deep.equal([{ kind: "mail", notice: "trouble", to: "preparer" }]);
    const mended = failed.applied();
    expect(mended.signatory("s1").status).to.equal("signed");
    expect(mended.state).not.to.have.property("trouble");
  });

  describe("that waits for a timestamp", () => {
    const delay = {
      type: "RecordSigningDelay",
      by: { signatoryId: "s1" },
      code: "timestamp_pending",
      reason: "tsa_unreachable",
      at: morning,
    } as const;

    it("says so, once, and goes on being made", () => {
      const waiting = told.told(delay);
      expect(waiting.events.at(-1)).to.deep.equal({ ...delay, type: "SigningDelayed" });
      const { code, reason, at } = delay;
      expect(waiting.state).to.deep.equal({ ...told.state, pending: { code, reason, at } });
      expect(waiting.turns.at(-1)?.effects).to.deep.equal([]);
      expect(waiting.when({ ...delay, reason: "tsa_wrong_nonce" })).to.deep.equal({ happened: [] });
      expect(waiting.applied().state).not.to.have.property("pending");
      expect(told.when({ ...delay, by: { signatoryId: "s2" } })).to.deep.equal(refuse("not_ordered"));
    });

    it("is not lost to the deadline, nor to a refusal: it was accepted in time", () => {
      const waiting = told.told(delay);
      const late = waiting.at((waiting.state.expiresAt ?? 0) + 3 * 24 * 60 * minute);
      expect(late.when({ type: "ExpireCollecte", at: late.now })).to.deep.equal(refuse("not_due"));
      expect(late.applied().signatory("s1").status).to.equal("signed");
    });

    it("may still fail for good, which is then what is said", () => {
      const by = { signatoryId: "s1" };
      const failed = told
        .told(delay)
        .told({ type: "RecordSigningFailure", by, code: "pdf_damaged", at: morning });
      expect(failed.state).not.to.have.property("pending");
      expect(failed.state.trouble).to.include({ code: "pdf_damaged" });
    });
  });

  it("fails only when it was ordered", () => {
    const failure = { type: "RecordSigningFailure", code: "pdf_damaged", at: morning } as const;
    expect(told.when({ ...failure, by: { signatoryId: "s2" } })).to.deep.equal(refuse("not_ordered"));
    expect(told.when({ ...failure, by: { seal: 1 } })).to.deep.equal(refuse("not_ordered"));
  });
});

describe("the firm's seal", () => {
  it("alone makes a whole collecte", () => {
    const sealing = aCollecte({ steps: ["seal"], copies: ["c1"] }).launched();
    expect(types(sealing.events)).to.eql(["CollecteCreated", "CollecteLaunched", "SealOrdered"]);
    expect(sealing.state.ordered).to.eql([{ seal: 0 }]);
    const sealed = sealing.sealed();
    expect(types(sealed.turns.at(-1)?.decision.happened ?? [])).to.eql(["SealApplied", "CollecteCompleted"]);
    expect(sealed.turns.at(-1)?.effects.map((effect) => ("to" in effect ? effect.to : effect.kind))).to.eql([
      "c1",
      "evidence",
    ]);
    expect(sealed.state.documents[0]).to.include({ head: "d1-r1", revisions: 1 });
  });

  it("in the middle waits for who is before it, and is waited for by who comes after", () => {
    const told = aCollecte({ steps: ["s1", "seal", "s2"] })
      .launched()
      .signedBy("s1");
    expect(types(told.turns.at(-1)?.decision.happened ?? [])).to.eql(["SignatureApplied", "SealOrdered"]);
    expect(told.turns.at(-1)?.effects).to.eql([{ kind: "seal", step: 1 }]);
    expect(told.when(told.signing("s2"))).to.deep.equal(refuse("out_of_turn"));
    expect(told.when(told.recorded({ by: { seal: 2 } }))).to.deep.equal(refuse("not_ordered"));
    expect(told.when(told.recorded({ by: { signatoryId: "s1" } }))).to.deep.equal(refuse("not_ordered"));
    const sealed = told.sealed();
    expect(types(sealed.turns.at(-1)?.decision.happened ?? [])).to.eql(["SealApplied", "SignatoryInvited"]);
    expect(sealed.signedBy("s2").state.status).to.equal("completed");
  });

  it("at the end completes the collecte, and may follow another seal", () => {
    const told = aCollecte({ steps: ["s1", "seal", "seal"] })
      .launched()
      .signedBy("s1")
      .sealed();
    expect(told.turns.at(-1)?.effects).to.eql([{ kind: "seal", step: 2 }]);
    const done = told.sealed();
    expect(done.state).to.include({ status: "completed", currentStep: 3 });
    expect(done.state.documents[0]?.revisions).to.equal(3);
  });

  it("that failed ends with the deadline, or with a refusal, if nobody mends it", () => {
    const failed = aCollecte({ steps: [["s1", "s2"], "seal"] })
      .launched()
      .consentedBy("s1")
      .codeGivenBy("s1");
    const by = { signatoryId: "s1" };
    const told = failed.told({ type: "RecordSigningFailure", by, code: "no_certificate", at: failed.now });
    expect(told.refusedBy("s2").state.status).to.equal("refused");
    const expired = told.at(told.state.expiresAt ?? 0).expired();
    expect(expired.state).to.include({ status: "expired" });
    expect(expired.state).not.to.have.property("trouble");
    const seal = aCollecte({ steps: ["seal"] }).launched();
    const unsealed = seal.told({ type: "RecordSigningFailure", by: { seal: 0 }, code: "x", at: seal.now });
    expect(unsealed.at(unsealed.state.expiresAt ?? 0).expired().state.status).to.equal("expired");
  });

  it("that failed is on the record and may still succeed", () => {
    const told = aCollecte({ steps: ["seal"] })
      .launched()
      .told({ type: "RecordSigningFailure", by: { seal: 0 }, code: "firm_missing", at: morning + minute });
    expect(told.events.at(-1)?.type).to.equal("SigningFailed");
    expect(told.sealed().state.status).to.equal("completed");
  });
});
