import { expect } from "chai";
import { createReceiptDesk } from "../../../../src/actors/effects/sms/receipts.ts";
import type { EffectInHand, Message, SmsReceipt } from "../../../../src/actors/runtime/ports.ts";
import { MemoryBook } from "./memory-book.ts";

const about = { firmId: "firm_1", actorId: "par_1", actorKind: "parapheur", notice: "otp", to: "mem_1" };

describe("a delivery receipt", () => {
  let book: MemoryBook;
  let mailed: Message[];
  let looks: number;
  let inHandFor: number;
  beforeEach(async () => {
    book = new MemoryBook();
    mailed = [];
    looks = 0;
    inHandFor = 0;
    book.add({ effectId: "e.1.0", firmId: "firm_1", about });
    await book.ask("e.1.0", "a");
    await book.accepted("e.1.0", "a", "r1");
  });
  const take = (more: Partial<SmsReceipt> = {}) =>
    createReceiptDesk({
      book,
      mailbox: {
        async accept(message) {
          mailed.push(message);
          return { status: "accepted" };
        },
      },
      reads: { effect: async () => (inHandFor-- > 0 ? ({} as EffectInHand) : undefined) },
      pause: async () => (looks += 1),
    })({ gateway: "a", reference: "r1", status: "delivered", code: "sms_undelivered", at: 7, ...more });

  it("tells the actor that ordered the SMS, of whatever kind it is, under one id", async () => {
    await take();
    await take();
    const [first, second] = mailed;
    expect(second).to.deep.equal(first);
    expect(first).to.deep.include({ actorId: "par_1", kind: "parapheur", firmId: "firm_1" });
    expect(first?.command).to.deep.equal({
      type: "RecordNotification",
      effectId: "e.1.0",
      channel: "sms",
      notice: "otp",
      to: "mem_1",
      status: "delivered",
      reference: "r1",
      at: 7,
    });
  });

  it("gives the reason of a failure, once the sending is on the record", async () => {
    inHandFor = 3;
    await take({ status: "failed" });
    expect(looks).to.equal(3);
    expect(mailed[0]?.command).to.include({ status: "failed", reference: "sms_undelivered" });
    inHandFor = Number.POSITIVE_INFINITY;
    await take({ status: "failed" });
    expect(mailed, "and no longer than a sending takes").to.have.length(2);
  });

  it("of what nobody knows, or nobody is to hear of, is harmless", async () => {
    await take({ reference: "r9" });
    await take({ gateway: "b" });
    book.add({ effectId: "e.2.0", firmId: "" });
    await book.accepted("e.2.0", "a", "r2");
    await take({ reference: "r2" });
    expect(mailed).to.deep.equal([]);
  });
});
