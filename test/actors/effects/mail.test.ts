import { expect } from "chai";
import { failureCommand } from "../../../src/actors/effects/effects.ts";
import { mailEffect, messageIdOf } from "../../../src/actors/effects/mail.ts";
import { Retryable, Terminal } from "../../../src/actors/runtime/errors.ts";
import type { EffectInHand, MailMessage } from "../../../src/actors/runtime/ports.ts";
import {
  clock,
  completion,
  consent,
  creation,
  directory,
  launch,
  launchedAt,
  played,
  secrets,
  settings,
  signing,
} from "./played.ts";

describe("the mail effect", () => {
  let sent: MailMessage[];
  const send = (effect: EffectInHand) =>
    mailEffect({
      mailer: {
        async send(mail) {
          sent.push(mail);
          return { reference: mail.messageId };
        },
      },
      directory,
      secrets,
      clock,
      settings,
    })(effect);

  beforeEach(() => {
    sent = [];
  });

  it("invites a signatory with the link whose token the journal registered", async () => {
    const command = await send(played(creation(), launch).lastEffect("mail", "invitation"));
    const token = secrets.linkToken({
      collecteId: "col_1",
      personId: "alice",
      purpose: "sign",
      generation: 1,
    });
    expect(sent).to.have.length(1);
    expect(sent[0]?.to).to.deep.equal({ name: "Alice Bœuf", address: "alice@example.com" });
    expect(sent[0]?.text).to.contain(`https://sign.example.com/sign#${token}\n`);
    expect(sent[0]?.html).to.contain(`href="https://sign.example.com/sign#${token}"`);
    expect(sent[0]?.text).to.contain("le 8 décembre 2026 à 14:05 (heure de Paris)");
    expect(command).to.deep.equal({
      type: "RecordNotification",
      effectId: "col_1.2.0",
      channel: "mail",
      notice: "invitation",
      to: "alice",
      status: "sent",
      reference: "<col_1.2.0@mail.example.com>",
      at: clock.now(),
    });
  });

  it("carries the same Message-ID and link on a second try", async () => {
    const effect = played(creation(), launch).lastEffect("mail");
    await send(effect);
    await send(effect);
    expect(sent[1]).to.deep.equal(sent[0]);
  });

  it("does not invite a signatory who has signed", async () => {
    const otp = secrets.newOtp();
    const story = played(creation(), launch, consent(otp), signing(otp));
    expect(await send(story.lastEffect("mail", "invitation"))).to.equal(undefined);
    expect(sent).to.have.length(0);
  });

  it("does not invite to a collecte that has ended", async () => {
    const story = played(creation(), launch, {
      type: "RefuseToSign",
      signatoryId: "alice",
      linkGeneration: 1,
      at: launchedAt,
      personal: { trace: {} },
    });
    expect(await send(story.lastEffect("mail", "invitation"))).to.equal(undefined);
    expect(sent).to.have.length(0);
  });

  it("does not send a link that a newer one has killed", async () => {
    const { row, state } = played(creation(), launch).lastEffect("mail");
    const old = { ...row, payload: { ...row.payload, link: { purpose: "sign" as const, generation: 0 } } };
    expect(await send({ row: old, state })).to.equal(undefined);
    expect(sent).to.have.length(0);
  });

  it("sends nothing once the notification is on the record", async () => {
    const { row } = played(creation(), launch).lastEffect("mail");
    const record = await send(played(creation(), launch).lastEffect("mail"));
    if (!record) throw new Error("nothing was sent");
    const { state } = played(creation(), launch, record);
    expect(await send({ row, state })).to.equal(undefined);
    expect(sent).to.have.length(1);
  });

  it("tells signatories and those in copy of the completion, by links to download", async () => {
    const story = played(...completion());
    const notices = story.effects.filter(({ row }) => row.payload["notice"] === "completed");
    for (const { row } of notices) await send({ row, state: story.state });
    expect(sent.map(({ to }) => to.address)).to.deep.equal([
      "alice@example.com",
      "expert@example.com",
      "copy@example.com",
    ]);
    const token = secrets.linkToken({
      collecteId: "col_1",
      personId: "copy",
      purpose: "download",
      generation: 1,
    });
    expect(sent[2]?.text).to.contain(`https://sign.example.com/download#${token}\n`);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).to.equal(3);
  });

  it("tells the firm of a refusal and its reason", async () => {
    const story = played(creation(), launch, {
      type: "RefuseToSign",
      signatoryId: "alice",
      linkGeneration: 1,
      at: launchedAt,
      personal: { reason: "Les honoraires ne sont pas ceux convenus.", trace: {} },
    });
    await send(story.lastEffect("mail", "refused"));
    expect(sent[0]?.to.address).to.equal("cabinet@example.com");
    expect(sent[0]?.text).to.contain("Les honoraires ne sont pas ceux convenus.");
  });

  it("tells the firm of an expiry", async () => {
    const at = launchedAt + 15 * 86_400_000;
    const story = played(creation(), launch, { type: "ExpireCollecte", at });
    const command = await send(story.lastEffect("mail", "expired"));
    expect(sent[0]?.to.address).to.equal("cabinet@example.com");
    expect(sent[0]?.subject).to.equal("Expiré : Lettre de mission 2027");
    expect(command).to.include({ notice: "expired", to: "preparer", status: "sent" });
  });

  it("lets the mailer's failures through as they are", async () => {
    for (const failure of [new Retryable("smtp_away"), new Terminal("mail_refused")]) {
      const mailer = { send: () => Promise.reject(failure) };
      const effect = mailEffect({ mailer, directory, secrets, clock, settings });
      const caught = await effect(played(creation(), launch).lastEffect("mail")).catch(
        (error: unknown) => error,
      );
      expect(caught).to.equal(failure);
    }
  });

  it("makes a failure that the record accepts", () => {
    const effect = played(creation(), launch).lastEffect("mail");
    const failed = failureCommand(effect, "mail_refused", 5);
    expect(failed).to.include({ status: "failed", reference: "mail_refused", to: "alice", at: 5 });
    const { state } = played(creation(), launch, failed);
    expect(state.notifications["col_1.2.0"]?.status).to.equal("failed");
  });

  it("keeps Message-IDs free of what a header could not hold", () => {
    expect(messageIdOf("col_1.2.0>\r\nBcc: x@y.z", "a b>.example")).to.equal(
      "<col_1.2.0---Bcc--x-y.z@a-b-.example>",
    );
  });
});
