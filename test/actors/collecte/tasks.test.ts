import { expect } from "chai";
import { wasSent } from "../../../src/actors/collecte/told.ts";
import { aCollecte, morning, type ToldCollecte } from "../../support/collecte-builder.ts";

const minute = 60_000;
const email = "new@client.example";
const phone = "+33612345678";
const bounced = { effectId: "m1", status: "failed", reference: "mail_bounced" } as const;
const sms = { effectId: "t1", channel: "sms", notice: "otp" } as const;
const tasks = (told: ToldCollecte) => Object.keys(told.state.tasks ?? {});
const mails = (told: ToldCollecte) => told.turns.at(-1)?.effects;

describe("a notice that did not arrive", () => {
  const open = aCollecte({ steps: [["s1", "s2"], "s3"], copies: ["c1"] }).launched();

  it("is a task on the collecte, of which the preparer is told", () => {
    const told = open.notice(bounced);
    expect(told.state.tasks).to.deep.equal({
      m1: { personId: "s1", channel: "mail", notice: "invitation", code: "mail_bounced", at: morning },
    });
    expect(mails(told)).to.eql([{ kind: "mail", notice: "unreachable", to: "preparer", about: "m1" }]);
  });

  it("is told once for each person and channel, however many fail", () => {
    const again = open.notice(bounced).notice({ ...bounced, effectId: "m2", notice: "reminder" });
    expect(mails(again)).to.eql([]);
    expect(tasks(again)).to.eql(["m1", "m2"]);
    expect(mails(again.notice({ ...sms, status: "failed" }))).to.have.length(1);
    expect(mails(again.notice({ ...bounced, effectId: "m3", to: "s2" }))).to.have.length(1);
  });

  it("is mended by one correction of that address", () => {
    const both = open
      .notice(bounced)
      .notice({ ...bounced, effectId: "m2" })
      .notice({ ...sms, status: "failed" })
      .notice({ ...bounced, effectId: "m3", to: "s2" });
    expect(tasks(both.corrected("s1", { email }))).to.eql(["t1", "m3"]);
    expect(tasks(both.corrected("s1", { phone }))).to.eql(["m1", "m2", "m3"]);
    expect(tasks(both.corrected("s1", { email, phone }))).to.eql(["m3"]);
    expect(both.corrected("s1", { email, phone }).corrected("s2", { email }).state).not.to.have.property(
      "tasks",
    );
  });

  it("is no task again when the old address answers late", () => {
    const sent = open.notice({ effectId: "m1" }).notice({ effectId: "m2", notice: "reminder" });
    const told = sent.after(minute).notice(bounced).corrected("s1", { email }).after(minute);
    const late = told.notice({ ...bounced, effectId: "m2" });
    expect(late.state).not.to.have.property("tasks");
    expect(late.state.notifications["m2"]).to.include({ status: "failed" });
    expect(mails(late)).to.eql([]);
    const anew = late
      .notice({ effectId: "m4" })
      .after(minute)
      .notice({ ...bounced, effectId: "m4" });
    expect(tasks(anew)).to.eql(["m4"]);
  });

  it("is mended when a later mail gets through, an SMS when it is on the phone", () => {
    const told = open.notice(bounced).notice({ ...sms, status: "failed" });
    expect(tasks(told.notice({ effectId: "m2", notice: "reminder" }))).to.eql(["t1"]);
    const taken = told.notice({ ...sms, effectId: "t2", status: "sent" });
    expect(tasks(taken)).to.eql(["m1", "t1"]);
    expect(tasks(taken.notice({ ...sms, effectId: "t2", status: "delivered" }))).to.eql(["m1"]);
    expect(tasks(told.notice({ ...sms, status: "sent" }))).to.eql(["m1"]);
  });

  it("is nobody's task for who needs nothing any more", () => {
    const replaced = open.replaced("s1").notice(bounced);
    expect(replaced.state).not.to.have.property("tasks");
    expect(open.notice(bounced).replaced("s1").state).not.to.have.property("tasks");
    expect(open.signedBy("s1").notice(bounced).state).not.to.have.property("tasks");
    expect(open.notice(bounced).signedBy("s1").state).not.to.have.property("tasks");
    const cancelled = open.cancelled().notice({ ...bounced, notice: "closed" });
    expect(cancelled.state).not.to.have.property("tasks");
    expect(mails(cancelled)).to.eql([]);
    const preparer = open.notice({ ...bounced, to: "preparer", notice: "locked" });
    expect(preparer.state).not.to.have.property("tasks");
    expect(mails(preparer)).to.eql([]);
  });

  it("is a task also after the completion, for signatories and copies", () => {
    const done = open.signedBy("s1", "s2", "s3").notice({ ...bounced, notice: "completed", to: "c1" });
    expect(tasks(done)).to.eql(["m1"]);
    expect(tasks(done.notice({ ...bounced, effectId: "m2", notice: "completed" }))).to.eql(["m1", "m2"]);
    expect(done.corrected("c1", { email }).state).not.to.have.property("tasks");
  });
});

describe("the record of a notice that arrived", () => {
  const open = aCollecte().launched();

  it("goes from sent to delivered, or to failed, and never back from delivered", () => {
    const sent = open.notice(sms);
    expect(sent.state.notifications["t1"]?.status).to.equal("sent");
    const delivered = sent.notice({ ...sms, status: "delivered", at: morning + 1 });
    expect(delivered.events.at(-1)).to.deep.include({ type: "NotificationDelivered", at: morning + 1 });
    for (const status of ["sent", "delivered", "failed"] as const)
      expect(delivered.when(delivered.notified({ ...sms, status }))).to.deep.equal({ happened: [] });
    const failed = sent.notice({ ...sms, status: "failed" });
    expect(failed.notice({ ...sms, status: "delivered" }).state.notifications["t1"]?.status).to.equal(
      "delivered",
    );
  });

  it("says whether anything has left, which is never sent again", () => {
    const left = (...statuses: ("sent" | "delivered" | "failed")[]) =>
      wasSent(
        statuses.reduce<ToldCollecte>((told, status) => told.notice({ ...sms, status }), open).state,
        "t1",
      );
    expect([left(), left("sent"), left("delivered"), left("sent", "failed")]).to.eql([
      false,
      true,
      true,
      false,
    ]);
  });

  it("takes a receipt that comes before the gateway's answer", () => {
    const early = open.notice({ ...sms, status: "delivered" });
    expect(early.when(early.notified({ ...sms, status: "sent" }))).to.deep.equal({ happened: [] });
  });
});
