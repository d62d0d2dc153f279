import { expect } from "chai";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import { aCollecte, morning, noCollecte } from "../../support/collecte-builder.ts";

describe("the record of a notice", () => {
  const told = aCollecte().launched();

  it("says who was told what, by which way, and when", () => {
    const sent = told.told(told.notified({ at: morning + 7 }));
    expect(sent.events.at(-1)).to.deep.equal({
      type: "NotificationSent",
      effectId: "col.2.0",
      channel: "mail",
      notice: "invitation",
      to: "s1",
      reference: "<col.2.0@collecte.example>",
      at: morning + 7,
    });
    expect(sent.state.notifications).to.deep.equal({
      "col.2.0": { channel: "mail", notice: "invitation", to: "s1", status: "sent", at: morning + 7 },
    });
    expect(sent.turns.at(-1)?.effects).to.eql([]);
  });

  it("says too that it failed, and why", () => {
    const command = told.notified({
      channel: "sms",
      notice: "otp",
      status: "failed",
      reference: "sms_refused",
    });
    const failed = told.told(command);
    expect(failed.events.at(-1)).to.include({ type: "NotificationFailed", reference: "sms_refused" });
    expect(failed.state.notifications["col.2.0"]).to.include({ channel: "sms", status: "failed" });
  });

  it("is written once for each effect", () => {
    const sent = told.told(told.notified());
    expect(sent.when(sent.notified({ at: morning + 9 }))).to.deep.equal({ happened: [] });
    expect(sent.when(sent.notified({ effectId: "col.2.1" })).happened).to.have.length(1);
  });

  it("is mended when a notice that had failed arrives after all", () => {
    const failed = told.told(told.notified({ status: "failed" }));
    expect(failed.when(failed.notified({ status: "failed" }))).to.deep.equal({ happened: [] });
    expect(failed.told(failed.notified()).state.notifications["col.2.0"]?.status).to.equal("sent");
  });

  it("is refused where no collecte is", () => {
    expect(noCollecte().when(told.notified())).to.deep.equal(refuse("not_found"));
  });
});
