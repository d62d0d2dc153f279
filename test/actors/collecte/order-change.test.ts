import { expect } from "chai";
import { stepsLeft } from "../../../src/actors/collecte/order-change.ts";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import { aCollecte, morning, noCollecte, type ToldCollecte } from "../../support/collecte-builder.ts";
import { stepOf, type ToldStep } from "../../support/collecte-creation.ts";

const minute = 60_000;
const deadline = morning + 15 * 24 * 60 * minute;
const types = (told: ToldCollecte) => told.turns.at(-1)?.decision.happened.map(({ type }) => type);
const order = (told: ToldCollecte, ...steps: ToldStep[]) =>
  told.when(told.ordering({ type: "ChangeOrder", steps: steps.map(stepOf) }));

describe("an order change", () => {
  const open = aCollecte({ steps: ["s1", "s2", "s3"] }).launched();

  it("asks who comes first now, and is on the record with who changed it", () => {
    const told = open.after(minute).reordered("s3", "s1", "s2");
    expect(told.turns.at(-1)?.decision.happened).to.deep.equal([
      {
        type: "OrderChanged",
        steps: [{ signatories: ["s3"] }, { signatories: ["s1"] }, { signatories: ["s2"] }],
        by: { keyId: "key_1" },
        at: morning + minute,
      },
      { type: "SignatoryInvited", signatoryId: "s3", linkGeneration: 1, at: morning + minute },
    ]);
    expect(told.turns.at(-1)?.effects).to.eql([
      { kind: "mail", notice: "invitation", to: "s3", link: { purpose: "sign", generation: 1 } },
    ]);
    expect(["s1", "s2", "s3"].map((id) => [told.signatory(id).status, told.signatory(id).step])).to.eql([
      ["waiting", 1],
      ["waiting", 2],
      ["invited", 0],
    ]);
    expect(told.state.expiresAt).to.equal(deadline);
  });

  it("kills the links and the codes that are out, also of who stays first", () => {
    const asked = open.consentedBy("s1").after(minute);
    const old = asked.signing("s1");
    for (const told of [asked.reordered("s2", "s1", "s3"), asked.reordered("s1", "s3", "s2")]) {
      expect(told.when(old)).to.deep.equal(refuse("link_dead"));
      expect(told.signatory("s1")).not.to.have.property("otp");
    }
    const back = asked.reordered("s2", "s1", "s3").signedBy("s2");
    expect(back.signatory("s1").linkGeneration).to.equal(3);
    expect(back.when(old)).to.deep.equal(refuse("link_dead"));
    expect(back.when({ ...old, linkGeneration: 3 })).to.deep.equal(refuse("consent_needed"));
  });

  it("keeps the counts of codes, wrong ones and the lock", () => {
    const asked = open.consentedBy("s1").wrongCodeFrom("s1").reordered("s2", "s1", "s3");
    expect(asked.signatory("s1")).to.deep.include({
      otpIssuedAt: [morning],
      otpFailedAt: [morning],
      codes: 1,
    });
  });

  it("leaves what is done alone, also one half of a step", () => {
    const half = aCollecte({ steps: [["s1", "s2"], "s3"] })
      .launched()
      .signedBy("s2");
    const told = half.reordered("s3", "s1");
    expect(told.state.steps).to.eql([
      { signatories: ["s2"] },
      { signatories: ["s3"] },
      { signatories: ["s1"] },
    ]);
    expect(told.state.currentStep).to.equal(1);
    expect(told.signatory("s2")).to.deep.equal(half.signatory("s2"));
    expect(told.signedBy("s3", "s1").state.status).to.equal("completed");
    const later = aCollecte({ steps: ["s1", "s2", "s3"] })
      .launched()
      .signedBy("s1")
      .reordered("s3", "s2");
    expect(later.state.steps[0]).to.eql({ signatories: ["s1"] });
    expect(later.signedBy("s3", "s2").state.status).to.equal("completed");
  });

  it("may join and part steps", () => {
    const joined = open.reordered(["s1", "s2", "s3"]);
    expect(joined.signedBy("s3", "s1", "s2").state.status).to.equal("completed");
    const parted = joined.reordered("s2", ["s1", "s3"]);
    expect(parted.signedBy("s2", "s3", "s1").state.status).to.equal("completed");
  });

  it("shows the documents of now to whom it asks, and no older ones", () => {
    const half = aCollecte({ steps: [["s1", "s2"]] }).launched();
    const before = half.consent("s2").documents;
    const told = half.signedBy("s1").reordered("s2");
    expect(types(told)).to.eql([]);
    const three = aCollecte({ steps: [["s1", "s2", "s3"]] }).launched();
    const changed = three.signedBy("s1").reordered("s2", "s3");
    expect(changed.when(changed.consent("s2", { documents: before }))).to.deep.equal(
      refuse("documents_changed"),
    );
  });

  it("of nothing changes nothing, whatever the order inside a step", () => {
    const two = aCollecte({ steps: [["s1", "s2"], "s3", "seal"] }).launched();
    expect(order(two, ["s2", "s1"], "s3", "seal 2")).to.deep.equal({ happened: [] });
  });

  it("takes each signatory who is left and each seal once, and nobody else", () => {
    const told = aCollecte({ steps: ["s1", ["s2", "s3"], "seal"] })
      .launched()
      .signedBy("s1");
    for (const steps of [
      [["s2", "s3"]],
      ["s2", "seal 2"],
      ["s1", "s2", "s3", "seal 2"],
      ["s2", "s2", "s3", "seal 2"],
      ["s2", "s9", "seal 2"],
      [["s2", "s3"], "seal"],
      [["s2", "s3"], "seal 1"],
      [["s2", "s3"], "seal 2", "seal 2"],
      [["s2", "s3"], [], "seal 2"],
      [],
    ]) {
      expect(order(told, ...steps), JSON.stringify(steps)).to.deep.equal(refuse("order_mismatch"));
    }
    expect(order(told, "seal 2", "s3", "s2").refused).to.equal(undefined);
  });

  it("waits while a signature or seal is being made, also one that failed", () => {
    const signing = aCollecte({ steps: [["s1", "s2"], "s3"] })
      .launched()
      .consentedBy("s1")
      .codeGivenBy("s1");
    expect(order(signing, "s3", ["s1", "s2"])).to.deep.equal(refuse("signature_in_progress"));
    expect(order(signing.failed(), "s3", ["s1", "s2"])).to.deep.equal(refuse("signature_in_progress"));
    const sealing = aCollecte({ steps: ["seal", "s1"] }).launched();
    expect(order(sealing, "s1", "seal 0")).to.deep.equal(refuse("signature_in_progress"));
  });

  it("is possible to the last millisecond before the deadline", () => {
    expect(order(open.at(deadline - 1), "s2", "s1", "s3").refused).to.equal(undefined);
    expect(order(open.at(deadline), "s2", "s1", "s3")).to.deep.equal(refuse("collecte_ended"));
  });

  it("needs a collecte that runs", () => {
    expect(order(noCollecte(), "s1")).to.deep.equal(refuse("not_found"));
    expect(order(aCollecte(), "s1")).to.deep.equal(refuse("not_launched"));
    expect(order(open.cancelled(), "s2", "s1", "s3")).to.deep.equal(refuse("collecte_ended"));
  });
});

describe("the seals of a changed order", () => {
  const open = aCollecte({ steps: ["s1", "seal", "s2", "seal of a1"] }).launched();

  it("keep their keys through any number of changes, and each is made once", () => {
    const twice = open.reordered("s2", "seal 3", "s1", "seal 1").reordered("s1", "s2", "seal 3", "seal 1");
    expect(stepsLeft(twice.state).flatMap((step) => ("seal" in step ? [step.key] : []))).to.eql([3, 1]);
    const signed = twice.signedBy("s1", "s2");
    expect(types(signed)).to.eql(["SignatureApplied", "SealAwaited"]);
    const approved = signed.told(signed.approval(3, "mem_a1"));
    expect(approved.state.ordered).to.eql([{ seal: 3 }]);
    const last = approved.applied();
    expect(last.state.ordered).to.eql([{ seal: 1 }]);
    const done = last.applied();
    expect(done.state.status).to.equal("completed");
    const made = done.events.flatMap((event) => (event.type === "SealApplied" ? [event.step] : []));
    expect(made).to.eql([3, 1]);
  });

  it("keep who approves them", () => {
    const told = open.reordered("seal 3", "s1", "s2", "seal 1");
    expect(told.turns.at(-1)?.effects).to.eql([{ kind: "mail", notice: "seal_awaited", to: "a1" }]);
    expect(told.reordered("s1", "seal 3", "s2", "seal 1").state.steps[1]).to.eql({
      seal: true,
      key: 3,
      approver: { id: "a1", memberId: "mem_a1" },
    });
  });

  it("are made at once when they come first and nobody approves them", () => {
    const told = open.reordered("seal 1", "s1", "s2", "seal 3");
    expect(told.state.ordered).to.eql([{ seal: 1 }]);
    expect(told.turns.at(-1)?.effects).to.eql([{ kind: "seal", step: 1 }]);
  });
});
