import { expect } from "chai";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import { aCollecte, morning, rightMac } from "../../support/collecte-builder.ts";

const second = 1000;
const minute = 60 * second;

describe("a consent", () => {
  const open = aCollecte({ documents: 2 }).launched();

  it("goes on the record with what was read, and orders one code by SMS", () => {
    const told = open.consentedBy("s1");
    const [consent, otp] = told.events.slice(-2);
    expect(consent).to.deep.equal({
      type: "ConsentGiven",
      signatoryId: "s1",
      sessionId: "session of s1",
      documents: ["d1-r0", "d2-r0"],
      consentText: "j'ai bien lu",
      at: morning,
      personal: { trace: { ip: "192.0.2.1", userAgent: "a browser" } },
    });
    expect(otp).to.deep.equal({
      type: "OtpIssued",
      signatoryId: "s1",
      otpId: "otp-1",
      salt: "salt of otp-1",
      mac: rightMac("otp-1"),
      sessionId: "session of s1",
      documents: ["d1-r0", "d2-r0"],
      expiresAt: morning + 30 * minute,
      at: morning,
    });
    expect(told.turns.at(-1)?.effects).to.deep.equal([
      { kind: "sms", notice: "otp", to: "s1", otpId: "otp-1", sealedCode: "sealed otp-1" },
    ]);
  });

  it("leaves the sealed code out of the record and of the state", () => {
    const told = open.consentedBy("s1");
    expect(JSON.stringify([told.events, told.state])).not.to.contain("sealed otp-1");
  });

  it("may be for the documents as they were shown before another of the step signed", () => {
    const two = aCollecte({ steps: [["s1", "s2"]] }).launched();
    const { documents } = two.consent("s2");
    expect(two.signedBy("s1").when(two.consent("s2", { documents })).refused).to.equal(undefined);
    const three = aCollecte({ steps: ["s1", "s2"] }).launched();
    const early = three.consent("s1").documents;
    const later = three.signedBy("s1");
    expect(later.when(later.consent("s2", { documents: early }))).to.deep.equal(refuse("documents_changed"));
  });

  it("must be for the documents as they are now, all of them, in order", () => {
    for (const documents of [
      ["d1-r0"],
      ["d2-r0", "d1-r0"],
      ["d1-r0", "d2-r9"],
      ["d1-r0", "d2-r0", "d3-r0"],
    ]) {
      expect(open.when(open.consent("s1", { documents }))).to.deep.equal(refuse("documents_changed"));
    }
  });

  it("is refused before the launch, to strangers, out of turn, and by a dead link", () => {
    const draft = aCollecte();
    expect(draft.when(draft.consent("s1"))).to.deep.equal(refuse("not_launched"));
    expect(open.when(open.consent("s9"))).to.deep.equal(refuse("unknown_signatory"));
    expect(open.when(open.consent("s1", { linkGeneration: 0 }))).to.deep.equal(refuse("link_dead"));
    expect(open.when(open.consent("s1", { linkGeneration: 2 }))).to.deep.equal(refuse("link_dead"));
    const two = aCollecte({ steps: ["s1", "s2"] }).launched();
    expect(two.when(two.consent("s2"))).to.deep.equal(refuse("out_of_turn"));
  });

  it("is refused to who is signing or has signed", () => {
    const signing = open.consentedBy("s1").codeGivenBy("s1").after(minute);
    expect(signing.when(signing.consent("s1"))).to.deep.equal(refuse("signature_in_progress"));
    const signed = signing.applied();
    expect(signed.when(signed.consent("s1"))).to.deep.equal(refuse("already_signed"));
  });

  it("is taken until the last millisecond before the deadline", () => {
    const deadline = open.state.expiresAt ?? 0;
    const late = open.at(deadline - 1);
    expect(late.when(late.consent("s1")).refused).to.equal(undefined);
    const tooLate = open.at(deadline);
    expect(tooLate.when(tooLate.consent("s1"))).to.deep.equal(refuse("collecte_ended"));
  });

  describe("of a firm that leaves its clients time to reflect", () => {
    const terms = { reflectionMs: 3 * 24 * 60 * minute };
    const due = morning + terms.reflectionMs;
    const slow = aCollecte({ steps: ["s1", "s2"], terms }).launched();

    it("is taken when that time is over, not a millisecond earlier", () => {
      expect(slow.when(slow.consent("s1", { at: due - 1 }))).to.deep.equal(
        refuse("too_early", { retryAfterSeconds: 1 }),
      );
      expect(slow.when(slow.consent("s1", { at: morning })).facts).to.eql({ retryAfterSeconds: 3 * 86_400 });
      expect(slow.when(slow.consent("s1", { at: due })).refused).to.equal(undefined);
    });

    it("counts from each one's own invitation", () => {
      const second = slow.at(due).signedBy("s1");
      expect(second.when(second.consent("s2", { at: due + terms.reflectionMs - 1 })).refused).to.equal(
        "too_early",
      );
      expect(second.when(second.consent("s2", { at: due + terms.reflectionMs })).refused).to.equal(undefined);
    });

    it("counts anew for another mailbox and another person, not for another phone or place", () => {
      const later = slow.after(minute);
      const early = (told: typeof slow, id: string) => told.when(told.consent(id, { at: due })).refused;
      expect(early(later.corrected("s1", { email: "new@client.example" }), "s1")).to.equal("too_early");
      expect(early(later.replaced("s1"), "s3")).to.equal("too_early");
      expect(early(later.corrected("s1", { phone: "+33612345678" }), "s1")).to.equal(undefined);
      const moved = later.reordered("s2", "s1").reordered("s1", "s2");
      expect(early(moved, "s1")).to.equal(undefined);
      expect(early(later.reminded(), "s1")).to.equal(undefined);
    });
  });

  describe("again", () => {
    it("sends no second code within 60 seconds", () => {
      const asked = open.consentedBy("s1");
      const early = asked.after(minute - 1);
      expect(early.when(early.consent("s1"))).to.deep.equal(refuse("otp_too_soon", { retryAfterSeconds: 1 }));
      expect(asked.when(asked.consent("s1")).facts).to.deep.equal({ retryAfterSeconds: 60 });
      const inTime = asked.after(minute);
      expect(inTime.when(inTime.consent("s1")).refused).to.equal(undefined);
    });

    it("sends at most 3 codes in 30 minutes", () => {
      const three = open
        .consentedBy("s1")
        .after(minute)
        .consentedBy("s1")
        .after(minute)
        .consentedBy("s1")
        .after(minute);
      expect(three.when(three.consent("s1"))).to.deep.equal(
        refuse("otp_too_many", { retryAfterSeconds: 27 * 60 }),
      );
      const almost = three.at(morning + 30 * minute - 1);
      expect(almost.when(almost.consent("s1"))).to.deep.equal(
        refuse("otp_too_many", { retryAfterSeconds: 1 }),
      );
      const again = three.at(morning + 30 * minute).consentedBy("s1");
      expect(again.signatory("s1").otpIssuedAt).to.have.length(3);
      const fifth = again.after(minute - 1);
      expect(fifth.when(fifth.consent("s1")).refused).to.equal("otp_too_soon");
      expect(fifth.after(1).when(fifth.after(1).consent("s1")).refused).to.equal(undefined);
    });

    it("counts each signatory's codes apart", () => {
      const both = aCollecte({ steps: [["s1", "s2"]] })
        .launched()
        .consentedBy("s1");
      expect(both.when(both.consent("s2")).refused).to.equal(undefined);
    });

    it("kills the code before", () => {
      const two = open.consentedBy("s1").after(minute).consentedBy("s1");
      const old = two.signing("s1", { otpId: "otp-1", mac: rightMac("otp-1") });
      expect(two.when(old)).to.deep.equal(refuse("consent_needed"));
      expect(two.codeGivenBy("s1").signatory("s1").status).to.equal("signing");
    });
  });
});
