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
const person = { name: "Paul Neuf", email: "paul@client.example" };
const replace = (told: ToldCollecte, signatoryId: string) =>
  told.when(told.ordering({ type: "ReplaceSignatory", signatoryId, personal: { person } }));

describe("a signatory who is replaced", () => {
  const open = aCollecte({ steps: [["s1", "s2"], "s3"] }).launched();
  const invitedOnce = open.notice({ to: "s1" });

  it("gives their place to a new one, who is invited when it is their turn", () => {
    const told = invitedOnce.after(minute).replaced("s1");
    const [replaced, invited] = told.turns.at(-1)?.decision.happened ?? [];
    expect(replaced).to.deep.equal({
      type: "SignatoryReplaced",
      signatoryId: "s1",
      replacementId: "s4",
      by: { keyId: "key_1" },
      at: morning + minute,
      personal: { person: { ...person, phone: "+33612345678" } },
    });
    expect(invited).to.deep.equal({
      type: "SignatoryInvited",
      signatoryId: "s4",
      linkGeneration: 1,
      at: morning + minute,
    });
    expect(told.state.steps[0]).to.eql({ signatories: ["s4", "s2"] });
    expect(Object.keys(told.state.signatories)).to.have.members(["s4", "s2", "s3"]);
    const later = open.replaced("s3");
    expect(later.turns.at(-1)?.decision.happened).to.have.length(1);
    expect(later.signatory("s4")).to.include({ status: "waiting", step: 1, linkGeneration: 0 });
  });

  it("is told when they had been asked, and only then", () => {
    const released = { kind: "mail", notice: "released", to: "s1" };
    const invitation = {
      kind: "mail",
      notice: "invitation",
      to: "s4",
      link: { purpose: "sign", generation: 1 },
    };
    expect(invitedOnce.replaced("s1").turns.at(-1)?.effects).to.eql([released, invitation]);
    expect(open.replaced("s1").turns.at(-1)?.effects).to.eql([invitation]);
    const bounced = invitedOnce.notice({ to: "s1", status: "failed" });
    expect(bounced.replaced("s1").turns.at(-1)?.effects).to.eql([invitation]);
  });

  it("can do nothing more, by any link, code or session of before", () => {
    const asked = open.consentedBy("s1");
    const acts = [asked.consent("s1"), asked.signing("s1"), asked.refusal("s1")];
    const told = asked.after(minute).replaced("s1");
    for (const act of acts) {
      expect(told.when({ ...act, at: told.now }), act.type).to.deep.equal(refuse("link_dead"));
    }
    expect(told.when({ ...asked.signing("s1"), signatoryId: "s4", at: told.now })).to.deep.equal(
      refuse("consent_needed"),
    );
    expect(told.signedBy("s4", "s2", "s3").state.status).to.equal("completed");
  });

  it("leaves nothing of theirs to who comes: no lock, no counts, no membership", () => {
    const member = aCollecte({ members: { s1: "mem_1" } }).launched();
    const told = member.consentedBy("s1").wrongCodeFrom("s1").replaced("s1");
    expect(told.signatory("s2")).to.deep.equal({
      id: "s2",
      step: 0,
      status: "invited",
      linkGeneration: 1,
      otpIssuedAt: [],
      otpFailedAt: [],
      locked: false,
      invitedAt: morning,
      reflectsSince: morning,
    });
    expect(member.replaced("s1", "mem_2").signatory("s2").memberId).to.equal("mem_2");
  });

  it("keeps the place of their stamp for who comes", () => {
    const box = { left: 1, bottom: 2, width: 3, height: 4 };
    const stamps = [
      { by: { signatoryId: "s1" }, document: "d1", page: 1, box },
      { by: { signatoryId: "s2" }, document: "d1", page: 1, box },
      { by: { seal: 1 }, document: "d1", field: "Cachet" },
    ];
    const stamped = noCollecte()
      .told({ ...creation({ steps: [["s1", "s2"], "seal"] }), stamps })
      .launched();
    expect(stamped.state.stamps).to.eql(stamps);
    const [first, ...others] = stamps;
    expect(stamped.replaced("s1").state.stamps).to.eql([{ ...first, by: { signatoryId: "s3" } }, ...others]);
    expect(stamped.reordered("seal 1", ["s1", "s2"]).state.stamps).to.eql(stamps);
  });

  it("may be replaced again and again, and nobody ever gets an id of before", () => {
    const told = open.replaced("s1").replaced("s4").replaced("s5");
    expect(told.state.steps[0]).to.eql({ signatories: ["s6", "s2"] });
    expect(told.state.replaced).to.eql(["s1", "s4", "s5"]);
    expect(told.state.personal.people).to.have.property("s1");
    expect(replace(told, "s1")).to.deep.equal(refuse("link_dead"));
  });

  it("must not have signed, nor be signing", () => {
    const signing = open.consentedBy("s1").codeGivenBy("s1");
    expect(replace(signing, "s1")).to.deep.equal(refuse("signature_in_progress"));
    expect(replace(signing, "s2").refused).to.equal(undefined);
    expect(replace(signing.failed(), "s1")).to.deep.equal(refuse("signature_in_progress"));
    expect(replace(signing.applied(), "s1")).to.deep.equal(refuse("already_signed"));
  });

  it("is replaced to the last millisecond before the deadline, in a collecte that runs", () => {
    expect(replace(open.at(deadline - 1), "s1").refused).to.equal(undefined);
    expect(replace(open.at(deadline), "s1")).to.deep.equal(refuse("collecte_ended"));
    expect(replace(aCollecte(), "s1")).to.deep.equal(refuse("not_launched"));
    expect(replace(noCollecte(), "s1")).to.deep.equal(refuse("not_found"));
    expect(replace(open, "s9")).to.deep.equal(refuse("unknown_signatory"));
  });
});
