import { expect } from "chai";
import {
  type BounceDeskOptions,
  createBounceDesk,
} from "../../../../src/actors/effects/bounces/bounce-desk.ts";
import type { CollecteView, EffectInHand, Message } from "../../../../src/actors/runtime/ports.ts";
import { notification } from "../../../integration/postman.ts";
import { thrownBy } from "../../../support/thrown.ts";
import { clock, creation, launch, launchedAt, played } from "../played.ts";

describe("what a mail that came back does", () => {
  const effectId = "col_1.2.0";
  const { state } = played(creation(), launch, {
    type: "RecordNotification",
    effectId,
    channel: "mail",
    notice: "invitation",
    to: "alice",
    status: "sent",
    reference: "<x>",
    at: launchedAt,
  });
  let mailed: Message[];
  const desk = (more: Partial<BounceDeskOptions["reads"]> = {}, kind = "collecte") =>
    createBounceDesk({
      owners: { ownerOf: async (id) => (id === "col_1" ? { firmId: "firm_1", kind } : undefined) },
      reads: {
        effect: async () => undefined,
        collecte: async () => ({ id: "col_1", version: 3, state }) as CollecteView,
        ...more,
      },
      mailbox: {
        async accept(message) {
          mailed.push(message);
          return { status: "accepted" };
        },
      },
      clock,
    });
  const final = Buffer.from(notification("failed", "5.1.1"));
  beforeEach(() => {
    mailed = [];
  });

  it("is a failure on the record, under one id however often it comes", async () => {
    expect(await desk()(effectId, final)).to.equal("failed");
    expect(mailed).to.deep.equal([
      {
        id: "bounce:col_1.2.0",
        actorId: "col_1",
        kind: "collecte",
        firmId: "firm_1",
        command: {
          type: "RecordNotification",
          effectId,
          channel: "mail",
          notice: "invitation",
          to: "alice",
          status: "failed",
          reference: "mail_bounced_5_1_1",
          at: clock.now(),
        },
      },
    ]);
  });

  it("is nothing while it may still arrive, or for a collecte or mail that nobody knows", async () => {
    expect(await desk()(effectId, Buffer.from(notification("delayed", "5.1.1")))).to.equal("passing");
    expect(await desk()(effectId, Buffer.from(notification("failed", "4.4.7")))).to.equal("passing");
    expect(await desk()(effectId, Buffer.from("Subject: away\r\n\r\n"))).to.equal("unreadable");
    expect(await desk()("col_9.2.0", final)).to.equal("unreadable");
    expect(await desk()("col_1.9.0", final)).to.equal("unreadable");
    expect(await desk({ collecte: async () => undefined })(effectId, final), "purged").to.equal("unreadable");
    expect(await desk({}, "batch")(effectId, final)).to.equal("unreadable");
    expect(mailed).to.deep.equal([]);
  });

  it("waits until the sending is on the record", async () => {
    const inHand = desk({ effect: async () => ({}) as EffectInHand });
    expect(await thrownBy(inHand(effectId, final))).to.have.property("code", "too_early");
    expect(mailed).to.deep.equal([]);
  });
});
