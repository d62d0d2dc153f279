import { expect } from "chai";
import { failureCommand } from "../../../src/actors/effects/effects.ts";
import { smsEffect } from "../../../src/actors/effects/sms.ts";
import { Terminal } from "../../../src/actors/runtime/errors.ts";
import type { EffectInHand, Sms } from "../../../src/actors/runtime/ports.ts";
import { createSecrets } from "../../../src/actors/runtime/secrets.ts";
import {
  clock,
  consent,
  creation,
  directory,
  launch,
  launchedAt,
  played,
  secrets,
  signing,
} from "./played.ts";

describe("the SMS effect", () => {
  let sent: Sms[];
  const send = (effect: EffectInHand, now = clock.now(), opener = secrets) =>
    smsEffect({
      sms: {
        async send(sms) {
          sent.push(sms);
          return { reference: "gw_1" };
        },
      },
      directory,
      secrets: opener,
      clock: { now: () => now },
    })(effect);

  beforeEach(() => {
    sent = [];
  });

  it("sends the code to the signatory's phone, under the effect's id", async () => {
    const otp = secrets.newOtp();
    const command = await send(played(creation(), launch, consent(otp)).lastEffect("sms"));
    expect(sent).to.have.length(1);
    expect(sent[0]).to.include({ to: "+33612340001", idempotencyKey: "col_1.3.0" });
    expect(sent[0]?.text).to.contain(secrets.openCode(otp.sealedCode));
    expect(sent[0]?.text).to.contain(`(réf. ${otp.id.slice(0, 4)})`);
    expect(command).to.deep.equal({
      type: "RecordNotification",
      effectId: "col_1.3.0",
      channel: "sms",
      notice: "otp",
      to: "alice",
      status: "sent",
      reference: "gw_1",
      at: clock.now(),
    });
  });

  it("does not send a code that was used", async () => {
    const otp = secrets.newOtp();
    const story = played(creation(), launch, consent(otp), signing(otp));
    expect(await send(story.lastEffect("sms"))).to.equal(undefined);
    expect(sent).to.have.length(0);
  });

  it("does not send a code that a newer one has killed", async () => {
    const old = played(creation(), launch, consent()).lastEffect("sms");
    const story = played(
      creation(),
      launch,
      consent(),
      consent(secrets.newOtp(), "alice", undefined, launchedAt + 60_000),
    );
    expect(await send({ row: old.row, state: story.state })).to.equal(undefined);
    expect(sent).to.have.length(0);
  });

  it("sends nothing to a collecte that has ended, nor what is on the record", async () => {
    const story = [creation(), launch, consent()];
    const ended = played(...story, {
      type: "RefuseToSign",
      signatoryId: "alice",
      linkGeneration: 1,
      at: launchedAt,
      personal: { trace: {} },
    });
    expect(await send(ended.lastEffect("sms"))).to.equal(undefined);
    expect(sent).to.have.length(0);

    const record = await send(played(...story).lastEffect("sms"));
    if (!record) throw new Error("nothing was sent");
    expect(await send(played(...story, record).lastEffect("sms"))).to.equal(undefined);
    expect(sent).to.have.length(1);
  });

  it("sends a code in its last millisecond, and not at its end", async () => {
    const effect = played(creation(), launch, consent()).lastEffect("sms");
    expect(await send(effect, launchedAt + 30 * 60_000)).to.equal(undefined);
    expect(sent).to.have.length(0);
    await send(effect, launchedAt + 30 * 60_000 - 1);
    expect(sent).to.have.length(1);
  });

  it("gives up a code that was sealed under another secret", async () => {
    const effect = played(creation(), launch, consent()).lastEffect("sms");
    const failure = await send(effect, clock.now(), createSecrets(Buffer.alloc(32, 8))).catch(
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(Terminal).with.property("code", "otp_unreadable");
  });

  it("makes a failure that the record accepts", () => {
    const effect = played(creation(), launch, consent()).lastEffect("sms");
    expect(failureCommand(effect, "sms_refused", 5)).to.deep.equal({
      type: "RecordNotification",
      effectId: "col_1.3.0",
      channel: "sms",
      notice: "otp",
      to: "alice",
      status: "failed",
      reference: "sms_refused",
      at: 5,
    });
  });
});
