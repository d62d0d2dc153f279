import { expect } from "chai";
import { awaitedOf } from "../../../src/actors/collecte/awaited.ts";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import { aCollecte, morning, noCollecte } from "../../support/collecte-builder.ts";

const minute = 60_000;
const deadline = morning + 15 * 24 * 60 * minute;

describe("a member's signature in the parapheur", () => {
  const members = { s1: "mem_1", s3: "mem_3" };
  const open = aCollecte({ steps: [["s1", "s2"], "s3"], members }).launched();

  it("needs neither link nor code of the collecte, and names whose certificate signs", () => {
    const told = open.told(open.inParapheur("s1"));
    expect(told.turns.at(-1)?.decision.happened).to.deep.equal([
      {
        type: "ConsentGiven",
        signatoryId: "s1",
        sessionId: "parapheur",
        documents: ["d1-r0"],
        consentText: "j'ai bien lu",
        at: morning,
        personal: { trace: { ip: "192.0.2.1", userAgent: "a browser" } },
      },
      {
        type: "SignatureOrdered",
        signatoryId: "s1",
        otpId: "otp-p",
        documents: ["d1-r0"],
        memberId: "mem_1",
        at: morning,
      },
    ]);
    expect(told.turns.at(-1)?.effects).to.eql([{ kind: "sign", signatoryId: "s1" }]);
    expect(told.signatory("s1").signs).to.eql({ memberId: "mem_1" });
    expect(told.applied().signatory("s1").status).to.equal("signed");
  });

  it("may be another's by their delegation, which is on the record", () => {
    const command = open.inParapheur("s1", { memberId: "mem_2", delegationId: "del_1" });
    const told = open.told(command);
    expect(told.events.at(-1)).to.include({ memberId: "mem_2", delegationId: "del_1" });
    expect(told.signatory("s1").signs).to.eql({ memberId: "mem_2", delegationId: "del_1" });
    expect(open.when({ ...command, memberId: "mem_1" }).refused).to.equal(undefined);
  });

  it("is nobody else's, and never a client's", () => {
    expect(open.when(open.inParapheur("s1", { memberId: "mem_2" }))).to.deep.equal(refuse("not_theirs"));
    const client = open.inParapheur("s2", { memberId: "mem_2", delegationId: "del_1" });
    expect(open.when(client)).to.deep.equal(refuse("not_theirs"));
    expect(open.when(open.inParapheur("s9"))).to.deep.equal(refuse("unknown_signatory"));
    expect(noCollecte().when(open.inParapheur("s1"))).to.deep.equal(refuse("not_found"));
    const replaced = open.replaced("s1");
    expect(replaced.when(open.inParapheur("s1"))).to.deep.equal(refuse("link_dead"));
  });

  it("comes when it is their turn, once, and before the deadline", () => {
    expect(open.when(open.inParapheur("s3"))).to.deep.equal(refuse("out_of_turn"));
    expect(aCollecte({ members }).when(open.inParapheur("s1"))).to.deep.equal(refuse("not_launched"));
    const signing = open.told(open.inParapheur("s1"));
    expect(signing.when(signing.inParapheur("s1"))).to.deep.equal(refuse("signature_in_progress"));
    const signed = signing.applied();
    expect(signed.when(signed.inParapheur("s1"))).to.deep.equal(refuse("already_signed"));
    expect(open.when(open.inParapheur("s1", { at: deadline - 1 })).refused).to.equal(undefined);
    expect(open.when(open.inParapheur("s1", { at: deadline }))).to.deep.equal(refuse("collecte_ended"));
  });

  it("is for the documents that were shown", () => {
    const shown = open.inParapheur("s1").documents;
    const other = open.signedBy("s2");
    expect(other.when(other.inParapheur("s1", { documents: shown })).refused).to.equal(undefined);
    expect(open.when(open.inParapheur("s1", { documents: ["d1-r9"] }))).to.deep.equal(
      refuse("documents_changed"),
    );
    const reordered = other.reordered("s3", "s1");
    expect(reordered.when(reordered.inParapheur("s3", { documents: shown }))).to.deep.equal(
      refuse("documents_changed"),
    );
  });

  it("takes the code that was sent to their phone out of use", () => {
    const asked = open.consentedBy("s1");
    const told = asked.told(asked.inParapheur("s1"));
    expect(told.signatory("s1")).not.to.have.property("otp");
    expect(told.when(asked.signing("s1"))).to.deep.equal(refuse("signature_in_progress"));
  });

  it("is not a locked one's", () => {
    const five = (told: typeof open) =>
      Array.from({ length: 5 }).reduce<typeof open>((sofar) => sofar.wrongCodeFrom("s1"), told);
    const locked = five(five(open.consentedBy("s1")).after(minute).consentedBy("s1"));
    expect(locked.when(locked.inParapheur("s1"))).to.deep.equal(refuse("signatory_locked"));
  });

  it("waits for no time to reflect", () => {
    const hasty = aCollecte({ members, terms: { reflectionMs: minute } }).launched();
    expect(hasty.when(hasty.inParapheur("s1")).refused).to.equal(undefined);
    expect(hasty.when(hasty.consent("s1")).refused).to.equal(undefined);
  });
});

describe("a seal that waits for its approver", () => {
  const open = aCollecte({ steps: ["seal of a1", "s1"] }).launched();

  it("is announced to them, and not made", () => {
    expect(open.events.at(-1)).to.deep.equal({
      type: "SealAwaited",
      step: 0,
      approverId: "a1",
      memberId: "mem_a1",
      at: morning,
    });
    expect(open.effects).to.eql([{ kind: "mail", notice: "seal_awaited", to: "a1" }]);
    expect(open.state.ordered).to.eql([]);
  });

  it("is made when they say so, or who has their delegation", () => {
    const told = open.told(open.approval(0, "mem_a1"));
    expect(told.events.at(-1)).to.deep.equal({
      type: "SealOrdered",
      step: 0,
      memberId: "mem_a1",
      sessionId: "parapheur",
      otpId: "otp-p",
      documents: ["d1-r0"],
      at: morning,
      personal: { trace: { ip: "192.0.2.1", userAgent: "a browser" } },
    });
    expect(told.turns.at(-1)?.effects).to.eql([{ kind: "seal", step: 0 }]);
    expect(told.sealed().signatory("s1").status).to.equal("invited");
    const delegated = open.told(open.approval(0, "mem_2", { delegationId: "del_1" }));
    expect(delegated.events.at(-1)).to.include({ memberId: "mem_2", delegationId: "del_1" });
  });

  it("is nobody else's, of the documents of now, in its turn, and made once", () => {
    const ask = (...of: Parameters<typeof open.approval>) => open.when(open.approval(...of));
    expect(ask(0, "mem_2")).to.deep.equal(refuse("not_theirs"));
    expect(ask(1, "mem_a1")).to.deep.equal(refuse("out_of_turn"));
    for (const documents of [["old"], [], ["d1-r0", "d1-r0"]])
      expect(ask(0, "mem_a1", { documents })).to.deep.equal(refuse("documents_changed"));
    const sealing = open.told(open.approval(0, "mem_a1"));
    expect(sealing.when(open.approval(0, "mem_a1"))).to.deep.equal(refuse("signature_in_progress"));
    expect(sealing.sealed().when(open.approval(0, "mem_a1"))).to.deep.equal(refuse("out_of_turn"));
    const done = sealing.sealed().signedBy("s1");
    expect(done.when(open.approval(0, "mem_a1"))).to.deep.equal(refuse("collecte_ended"));
    const plain = aCollecte({ steps: ["seal"] }).launched();
    expect(plain.when(plain.approval(0, "mem_a1"))).to.deep.equal(refuse("not_theirs"));
  });

  it("is not approved at the deadline, which ends the collecte", () => {
    const last = aCollecte({ steps: ["s1", "seal", "seal of a1"] })
      .launched()
      .signedBy("s1")
      .sealed();
    expect(last.when(last.approval(2, "mem_a1", { at: deadline - 1 })).refused).to.equal(undefined);
    expect(last.when(last.approval(2, "mem_a1", { at: deadline }))).to.deep.equal(refuse("collecte_ended"));
    expect(last.at(deadline).expired().state.status).to.equal("expired");
    const approved = last.at(deadline - 1).told(last.approval(2, "mem_a1", { at: deadline - 1 }));
    expect(approved.at(deadline).sealed().state.status).to.equal("completed");
    const sealing = aCollecte({ steps: ["s1", "seal", "seal of a1"] })
      .launched()
      .signedBy("s1")
      .at(deadline);
    expect(sealing.sealed().state.status).to.equal("expired");
  });

  it("needs an approver who can be told, and who stands nowhere else", () => {
    const told = aCollecte({ steps: ["seal of s1", "s1"] });
    expect(told.state.status).to.equal("none");
    expect(told.turns[0]?.decision).to.deep.equal(refuse("no_steps"));
  });
});

describe("what awaits members", () => {
  it("are their signatures and approvals of now, and no client's", () => {
    const signature = { memberId: "mem_1", act: "sign", key: "s1", dueAt: deadline };
    const approval = { memberId: "mem_a1", act: "seal", key: "1", dueAt: deadline };
    const told = aCollecte({ steps: [["s1", "s2"], "seal of a1", "seal"], members: { s1: "mem_1" } });
    expect(awaitedOf(told.state)).to.eql([]);
    const open = told.launched();
    expect(awaitedOf(open.state)).to.eql([signature]);
    const sealing = open.signedBy("s1", "s2");
    expect(awaitedOf(sealing.state)).to.eql([approval]);
    const approved = sealing.told(sealing.approval(1, "mem_a1"));
    expect(awaitedOf(approved.state)).to.eql([]);
    expect(awaitedOf(approved.sealed().state)).to.eql([]);
    expect(awaitedOf(approved.sealed().sealed().state)).to.eql([]);
    const reordered = open.reordered("seal 2", "seal 1", ["s1", "s2"]).sealed();
    expect(awaitedOf(reordered.state)).to.eql([approval]);
  });

  it("are told with the type of the documents, which delegations may name", () => {
    const [created] = aCollecte({ members: { s1: "mem_1" } }).turns;
    if (created?.command.type !== "CreateCollecte") throw new Error("nothing was created");
    const told = noCollecte()
      .told({ ...created.command, documentType: "payroll" })
      .launched();
    expect(awaitedOf(told.state)[0]).to.include({ memberId: "mem_1", documentType: "payroll" });
  });
});
