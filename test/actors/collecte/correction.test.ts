import { expect } from "chai";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import {
  aCollecte,
  creation,
  morning,
  noCollecte,
  type ToldCollecte,
} from "../../support/collecte-builder.ts";

const minute = 60_000;
const deadline = morning + 15 * 24 * 60 * minute;
const email = "new@client.example";
const phone = "+33612345678";
const correct = (told: ToldCollecte, personId: string, personal: { email?: string; phone?: string }) =>
  told.when(told.ordering({ type: "CorrectPerson", personId, personal }));

describe("a corrected signatory", () => {
  const open = aCollecte({ steps: [["s1", "s2"], "s3"], copies: ["c1"] }).launched();

  it("is invited at once, by a new link, at the new address", () => {
    const told = open.after(minute).corrected("s1", { email });
    expect(told.turns.at(-1)?.decision.happened).to.deep.equal([
      {
        type: "PersonCorrected",
        personId: "s1",
        by: { keyId: "key_1" },
        at: morning + minute,
        personal: { email },
      },
      { type: "SignatoryInvited", signatoryId: "s1", linkGeneration: 3, at: morning + minute },
    ]);
    expect(told.state.personal.people["s1"]).to.deep.equal({ name: "Zoé s1", email });
    expect(told.turns.at(-1)?.effects).to.eql([
      { kind: "mail", notice: "invitation", to: "s1", link: { purpose: "sign", generation: 3 } },
    ]);
  });

  it("has dead links and codes, whichever of both was corrected", () => {
    const asked = open.consentedBy("s1");
    const old = asked.signing("s1");
    const failed = asked.notice({ effectId: "sms", channel: "sms", notice: "otp", status: "failed" });
    for (const told of [failed.corrected("s1", { email }), failed.corrected("s1", { phone })]) {
      expect(told.when(old)).to.deep.equal(refuse("link_dead"));
      expect(told.when({ ...old, linkGeneration: 3 })).to.deep.equal(refuse("consent_needed"));
    }
    expect(open.corrected("s1", { email }).signatory("s2").linkGeneration).to.equal(1);
  });

  it("waits on when it is not their turn", () => {
    const told = open.corrected("s3", { email, phone });
    expect(told.turns.at(-1)?.decision.happened).to.have.length(1);
    expect(told.turns.at(-1)?.effects).to.eql([]);
    expect(told.state.personal.people["s3"]).to.include({ email, phone });
    const signed = told.signedBy("s1", "s2");
    expect(signed.signatory("s3")).to.include({ status: "invited", linkGeneration: 1 });
  });

  it("who is told the same again is not moved", () => {
    expect(correct(open, "s1", { email: "s1@client.example" })).to.deep.equal({ happened: [] });
    expect(correct(open, "s1", {})).to.deep.equal({ happened: [] });
  });

  it("has their phone frozen from the first code on that may have arrived", () => {
    expect(correct(open, "s1", { phone }).refused).to.equal(undefined);
    const asked = open.consentedBy("s1");
    const sms = { effectId: "sms", channel: "sms", notice: "otp" } as const;
    expect(correct(asked, "s1", { phone })).to.deep.equal(refuse("phone_frozen"));
    expect(correct(asked, "s2", { phone }).refused).to.equal(undefined);
    expect(correct(asked.notice({ ...sms, status: "sent" }), "s1", { phone }).refused).to.equal(
      "phone_frozen",
    );
    expect(correct(asked.notice({ ...sms, status: "delivered" }), "s1", { phone }).refused).to.equal(
      "phone_frozen",
    );
    const failed = asked.notice({ ...sms, status: "failed" });
    expect(correct(failed, "s1", { phone }).refused).to.equal(undefined);
    expect(correct(failed, "s1", { email }).refused).to.equal(undefined);
    for (const reference of ["sms_doubtful", "engine_died"])
      expect(
        correct(asked.notice({ ...sms, status: "failed", reference }), "s1", { phone }).refused,
        reference,
      ).to.equal("phone_frozen");
    const again = failed.corrected("s1", { phone }).after(minute).consentedBy("s1");
    expect(correct(again, "s1", { phone: "+33699999999" })).to.deep.equal(refuse("phone_frozen"));
    const reordered = aCollecte({ steps: ["s1", "s2"] })
      .launched()
      .consentedBy("s1")
      .reordered("s2", "s1");
    expect(correct(reordered, "s1", { phone })).to.deep.equal(refuse("phone_frozen"));
  });

  it("keeps a phone frozen whose codes were not counted yet when they were sent", () => {
    const { state } = open.consentedBy("s1");
    const { codes: _, ...old } = open.consentedBy("s1").signatory("s1");
    const before = { ...state, signatories: { ...state.signatories, s1: old } };
    const told = open.consentedBy("s1").resumed(before);
    expect(correct(told, "s1", { phone })).to.deep.equal(refuse("phone_frozen"));
    expect(told.after(minute).consentedBy("s1").signatory("s1").codes).to.equal(2);
  });

  it("who has signed gets the documents at the new address, and the old one opens nothing", () => {
    const signed = open.signedBy("s1").corrected("s1", { email });
    expect(signed.signatory("s1")).to.include({ status: "signed", linkGeneration: 2 });
    expect(signed.turns.at(-1)?.effects).to.eql([]);
    expect(correct(signed, "s1", { phone })).to.deep.equal(refuse("already_signed"));
    const done = signed.signedBy("s2", "s3");
    expect(done.turns.at(-1)?.effects[0]).to.eql({
      kind: "mail",
      notice: "completed",
      to: "s1",
      link: { purpose: "download", generation: 2 },
    });
  });

  it("is not corrected while they sign", () => {
    const signing = open.consentedBy("s1").codeGivenBy("s1");
    expect(correct(signing, "s1", { email })).to.deep.equal(refuse("signature_in_progress"));
    expect(correct(signing, "s2", { email }).refused).to.equal(undefined);
  });

  it("is corrected to the last millisecond before the deadline; who has signed, or is in copy, also after it", () => {
    const signed = open.signedBy("s1");
    expect(correct(signed.at(deadline - 1), "s2", { email }).refused).to.equal(undefined);
    const late = signed.at(deadline);
    expect(correct(late, "s2", { email })).to.deep.equal(refuse("collecte_ended"));
    expect(correct(late, "s1", { email }).refused).to.equal(undefined);
    expect(correct(late, "c1", { email }).refused).to.equal(undefined);
  });
});

describe("a correction after the completion", () => {
  const done = aCollecte({ copies: ["c1"] })
    .launched()
    .signedBy("s1");

  it("sends the documents again, by a link that lives alone", () => {
    const told = done.corrected("c1", { email }).corrected("c1", { email: "newer@client.example" });
    expect(told.turns.at(-1)?.effects).to.eql([
      { kind: "mail", notice: "completed", to: "c1", link: { purpose: "download", generation: 3 } },
    ]);
    expect(told.state.downloads).to.eql({ c1: 3 });
    expect(done.corrected("s1", { email }).turns.at(-1)?.effects).to.have.length(1);
  });

  it("is of an address: there is no phone to ring any more", () => {
    expect(correct(done, "s1", { phone })).to.deep.equal(refuse("already_signed"));
    expect(correct(done, "c1", { phone })).to.deep.equal(refuse("already_signed"));
  });

  it("comes too late once the documents are being removed", () => {
    const purging = done.told({ type: "PurgeCollecte", at: Date.UTC(2026, 11, 30, 9) });
    expect(correct(purging, "c1", { email })).to.deep.equal(refuse("collecte_ended"));
    expect(correct(done.purged(), "c1", { email })).to.deep.equal(refuse("collecte_ended"));
  });
});

describe("a correction", () => {
  it("is of somebody, in a collecte that runs or was completed", () => {
    const open = aCollecte({ steps: ["s1", "s2"] }).launched();
    expect(correct(noCollecte(), "s1", { email })).to.deep.equal(refuse("not_found"));
    expect(correct(aCollecte(), "s1", { email })).to.deep.equal(refuse("not_launched"));
    expect(correct(open, "s9", { email })).to.deep.equal(refuse("unknown_signatory"));
    expect(correct(open.replaced("s1"), "s1", { email })).to.deep.equal(refuse("link_dead"));
    for (const ended of [open.refusedBy("s1"), open.cancelled(), open.expired()])
      expect(correct(ended, "s1", { email })).to.deep.equal(refuse("collecte_ended"));
    const people = { s1: { name: "Zoé", email: "z@client.example" } };
    const nobodyInCopy = noCollecte().told({
      ...creation({ copies: ["c1"] }),
      personal: { title: "Lettre", people },
    });
    expect(correct(nobodyInCopy.launched(), "c1", { email })).to.deep.equal(refuse("unknown_signatory"));
  });

  it("reaches the approver of a seal too, who is told again when they are waited for", () => {
    const told = aCollecte({ steps: ["s1", "seal of a1"] }).launched();
    expect(told.corrected("a1", { email }).turns.at(-1)?.effects).to.eql([]);
    const awaited = told.signedBy("s1").corrected("a1", { email });
    expect(awaited.turns.at(-1)?.effects).to.eql([{ kind: "mail", notice: "seal_awaited", to: "a1" }]);
    const done = awaited.told(awaited.approval(1, "mem_a1")).sealed();
    expect(correct(done, "a1", { email: "late@client.example" })).to.deep.equal(refuse("unknown_signatory"));
  });
});
