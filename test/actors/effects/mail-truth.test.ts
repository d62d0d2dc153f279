import { expect } from "chai";
import type { Command, CreateCollecte } from "../../../src/actors/collecte/commands.ts";
import type { MailEffect } from "../../../src/actors/collecte/effects.ts";
import { mailEffect } from "../../../src/actors/effects/mail.ts";
import { Terminal } from "../../../src/actors/runtime/errors.ts";
import type { EffectInHand, MailMessage, Member } from "../../../src/actors/runtime/ports.ts";
import { thrownBy } from "../../support/thrown.ts";
import {
  clock,
  completion,
  creation,
  directory,
  launch,
  launchedAt,
  type Played,
  played,
  secrets,
  settings,
} from "./played.ts";

const by = { keyId: "key_1" };
const at = launchedAt;
const cancel: Command = { type: "CancelCollecte", by, at, personal: { reason: "Mauvaise version" } };
const remind: Command = { type: "RemindSignatories", by, at };
const reorder: Command = {
  type: "ChangeOrder",
  steps: [{ signatories: ["expert"] }, { signatories: ["alice"] }, { seal: true, key: 2 }],
  by,
  at,
};
const replace: Command = {
  type: "ReplaceSignatory",
  signatoryId: "alice",
  by,
  at,
  personal: { person: { name: "Bob Petit", email: "bob@example.com", phone: "+33612340009" } },
};
const correct = (personId: string, email: string): Command => ({
  type: "CorrectPerson",
  personId,
  by,
  at,
  personal: { email },
});
const outcome = (effectId: string, status: "sent" | "delivered" | "failed", to = "alice"): Command => ({
  type: "RecordNotification",
  effectId,
  channel: "mail",
  notice: "invitation",
  to,
  status,
  reference: status === "failed" ? "mail_refused" : "<1@example.com>",
  at,
});
const invited = "col_1.2.0";

const karim: Member = {
  id: "mem_1",
  firmId: "firm_1",
  role: "collaborator",
  firstName: "Karim",
  lastName: "Benali",
  email: "karim@example.com",
  phone: "+33612340008",
  version: 1,
};

describe("a mail that was ordered", () => {
  let sent: MailMessage[];
  const send = (effect: EffectInHand, people = directory) =>
    mailEffect({
      mailer: {
        async send(mail) {
          sent.push(mail);
          return { reference: mail.messageId };
        },
      },
      directory: people,
      secrets,
      clock,
      settings,
    })(effect);
  const first = (story: Played, notice: string): EffectInHand => {
    const found = story.effects.find(({ row }) => row.payload["notice"] === notice);
    if (!found) throw new Error(`no ${notice} was ordered`);
    return { ...found, state: story.state };
  };

  beforeEach(() => {
    sent = [];
  });

  const stale: [string, string, Command[]][] = [
    ["an invitation, after an order change", "invitation", [reorder]],
    ["an invitation, after a correction", "invitation", [correct("alice", "a@example.com")]],
    ["an invitation, after a replacement", "invitation", [replace]],
    ["an invitation, after a cancellation", "invitation", [cancel]],
    [
      "an invitation that has arrived",
      "invitation",
      [outcome(invited, "sent"), outcome(invited, "delivered")],
    ],
    ["a reminder, after an order change", "reminder", [remind, reorder]],
    ["a reminder, after a cancellation", "reminder", [remind, cancel]],
    [
      "that somebody can't be reached, after a correction",
      "unreachable",
      [outcome(invited, "failed"), correct("alice", "a@example.com")],
    ],
    [
      "that somebody can't be reached, who was replaced",
      "unreachable",
      [outcome(invited, "failed"), replace],
    ],
    ["a release, after the end", "released", [outcome(invited, "sent"), replace, cancel]],
  ];
  for (const [what, notice, commands] of stale) {
    it(`is not sent when it is no longer true: ${what}`, async () => {
      const story = played(creation(), launch, ...commands);
      expect(await send(first(story, notice))).to.equal(undefined);
      expect(sent).to.deep.equal([]);
    });
  }

  it("is not sent when it is no longer true: the documents, to an address that was corrected", async () => {
    const story = played(...completion(), correct("copy", "nouvelle@example.com"));
    const toCopy = story.effects.filter(({ row }) => row.payload.to === "copy");
    for (const { row } of toCopy) await send({ row, state: story.state });
    expect(sent.map(({ to }) => to.address)).to.deep.equal(["nouvelle@example.com"]);
  });

  for (const [who, changes, notice] of [
    ["sign", { members: { alice: "mem_left" } }, "invitation"],
    [
      "approve a seal",
      { steps: [{ seal: true, approver: { id: "alice", memberId: "mem_left" } }] },
      "seal_awaited",
    ],
  ] as const)
    it(`fails, so that the preparer is told, when it would ask who has left to ${who}`, async () => {
      const effect = first(played(creation(changes as unknown as Partial<CreateCollecte>), launch), notice);
      const stands = { ...directory, member: async () => karim };
      const left = { ...directory, member: async () => ({ ...karim, leftAt: at }) };
      const failure = await thrownBy(send(effect, left));
      expect(failure).to.be.instanceOf(Terminal).with.property("code", "member_missing");
      expect(sent).to.deep.equal([]);
      expect(await send(effect, stands)).to.include({ status: "sent" });
    });

  it("is sent when it failed for good and is tried again by hand", async () => {
    const story = played(creation(), launch, outcome(invited, "failed"));
    expect(await send(first(story, "invitation"))).to.include({ status: "sent" });
  });

  it("carries the same link in a reminder as in the invitation", async () => {
    const story = played(creation(), launch, remind);
    await send(first(story, "invitation"));
    await send(first(story, "reminder"));
    const links = sent.map(({ text }) => /https:\S+/.exec(text)?.[0]);
    expect(links[0])
      .to.match(/#.{40,}$/)
      .and.equal(links[1]);
    expect(sent[1]?.subject).to.equal("Rappel, à signer : Lettre de mission 2027");
    expect(sent[1]?.text).to.include("jusqu'à la date limite, le 23 décembre 2026 à 14:05");
  });

  it("carries no link but its owner's, in all that a story of everything orders", async () => {
    const stories = [
      played(creation(), launch, outcome(invited, "failed"), remind, replace, cancel),
      played(creation(), launch, outcome(invited, "sent"), replace),
      played(...completion(), correct("copy", "nouvelle@example.com")),
      played(creation(), launch, { type: "ExpireCollecte", at: at + 15 * 86_400_000 }),
    ];
    const seen = new Set<string>();
    for (const { effects } of stories) {
      for (const effect of effects.filter(({ row }) => row.kind === "mail")) {
        sent = [];
        await send(effect);
        const order = effect.row.payload as unknown as MailEffect;
        const [mail] = sent;
        if (!mail) continue;
        seen.add(order.notice);
        const found = [...`${mail.text}${mail.html}`.matchAll(/#([\w-]{40,})/g)].map(([, token]) => token);
        const own =
          "link" in order
            ? secrets.linkToken({ collecteId: "col_1", personId: order.to, ...order.link })
            : undefined;
        expect([order.notice, new Set(found)]).to.deep.equal([order.notice, new Set(own ? [own] : [])]);
      }
    }
    expect([...seen]).to.include.members([
      "invitation",
      "reminder",
      "unreachable",
      "released",
      "closed",
      "completed",
      "expired",
    ]);
  });

  it("tells those who were asked that it is over, and nobody's reasons", async () => {
    const story = played(creation(), launch, cancel);
    await send(first(story, "closed"));
    expect(sent[0]?.to.address).to.equal("alice@example.com");
    expect(sent[0]?.text).to.include("Le cabinet a annulé sa demande de signature :");
    expect(sent[0]?.text).not.to.include("Mauvaise version");
  });

  describe("for the preparer", () => {
    const story = played(creation({ by: { memberId: "mem_1" } }), launch, outcome(invited, "failed"));
    const toldBy = async (found: Member | undefined) => {
      await send(first(story, "unreachable"), { ...directory, member: async () => found });
      return sent[0];
    };

    it("goes to the member who made the collecte", async () => {
      const mail = await toldBy(karim);
      expect(mail?.to).to.deep.equal({ name: "Karim Benali", address: "karim@example.com" });
      expect(mail?.text).to.include("L'e-mail à Alice Bœuf n'est pas arrivé :");
      expect(mail?.text).to.include("Cause : le serveur de messagerie refuse cette adresse (mail_refused).");
    });

    it("goes to the firm when that member has left, or never was one", async () => {
      expect((await toldBy({ ...karim, leftAt: at }))?.to.address).to.equal("cabinet@example.com");
      sent = [];
      expect((await toldBy(undefined))?.to.address).to.equal("cabinet@example.com");
    });
  });
});
