import { expect } from "chai";
import { createEffects } from "../../../src/actors/effects/effects.ts";
import { createSmtpMailer } from "../../../src/actors/effects/smtp-mailer.ts";
import type { Blobs, Keyring, SmsGateway } from "../../../src/actors/runtime/ports.ts";
import { startMailSink } from "../../../src/cli/sinks/mail-sink.ts";
import { clock, consent, creation, directory, launch, played, secrets, settings, signing } from "./played.ts";

describe("the effects of a collecte", () => {
  it("each have a handler, and the mails really arrive", async () => {
    const sink = await startMailSink();
    const mailer = createSmtpMailer({ smtpUrl: sink.url, from: "Collecte <signature@example.com>" });
    const handlers = createEffects({
      mailer,
      sms: {} as SmsGateway,
      signAtLevel: () => Promise.reject(new Error("not asked here")),
      evidence: { make: () => Promise.reject(new Error("not asked here")) },
      blobs: {} as Blobs,
      keyring: {} as Keyring,
      directory,
      secrets,
      clock,
      settings,
    });
    const otp = secrets.newOtp();
    const story = played(creation(), launch, consent(otp), signing(otp));
    for (const { row } of story.effects) expect(handlers).to.have.property(row.kind);
    expect(handlers).to.have.property("seal");

    const command = await handlers["mail"]?.(played(creation(), launch).lastEffect("mail"));
    const mail = await sink.next("alice@example.com");
    expect(mail.messageId).to.equal("<col_1.2.0@mail.example.com>");
    expect(command).to.include({ reference: mail.messageId });
    expect(mail.subject).to.equal("À signer : Lettre de mission 2027");
    expect(mail.links[0]).to.match(/^https:\/\/sign\.example\.com\/sign#[\w-]{43}$/);
    mailer.close();
    await sink.close();
  });
});
