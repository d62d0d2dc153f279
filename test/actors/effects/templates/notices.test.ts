import { expect } from "chai";
import { consentSentences } from "../../../../src/actors/collecte/consent.ts";
import { dateAndTime, deadline } from "../../../../src/actors/effects/templates/dates.ts";
import { completed, expired, invitation, refused } from "../../../../src/actors/effects/templates/notices.ts";

const about = {
  language: "fr" as const,
  firmName: "Cabinet Bérénice",
  title: "Lettre de mission 2027",
  recipientName: "Alice Bœuf",
};
const url = "https://sign.example.com/sign#TOKEN";

describe("an invitation", () => {
  it("says in French who asks, what for and until when", () => {
    const mail = invitation({
      ...about,
      documents: 2,
      message: "Merci d'avance.\n\nÀ bientôt",
      url,
      expiresAt: Date.parse("2026-12-08T13:05:00Z"),
    });
    expect(mail.subject).to.equal("À signer : Lettre de mission 2027");
    expect(mail.text).to.contain("Bonjour Alice Bœuf,");
    expect(mail.text).to.contain("Cabinet Bérénice vous invite à signer électroniquement 2 documents :");
    expect(mail.text).to.contain("\n«\u00a0Lettre de mission 2027\u00a0»\n");
    expect(mail.text).to.contain("\nMerci d'avance.\n\nÀ bientôt\n");
    expect(mail.text).to.contain(`\n${url}\n`);
    expect(mail.text).to.contain(
      "Vous pouvez signer jusqu'à la date limite, le 8 décembre 2026 à 14:05 (heure de Paris).",
    );
  });

  it("says the same in English", () => {
    const mail = invitation({
      ...about,
      language: "en",
      documents: 1,
      url,
      expiresAt: Date.parse("2026-12-08T13:05:00Z"),
    });
    expect(mail.subject).to.equal("To sign: Lettre de mission 2027");
    expect(mail.text).to.contain("Cabinet Bérénice invites you to sign a document electronically:");
    expect(mail.text).to.contain("\n“Lettre de mission 2027”\n");
    expect(mail.text).to.contain("on 8 December 2026 at 14:05 (Paris time)");
    expect(mail.html).to.contain('<html lang="en" dir="ltr">');
  });

  it("shows what people typed as text, never as HTML", () => {
    const mail = invitation({
      ...about,
      firmName: "Dupont & <Fils>",
      title: '<script>alert("1")</script>',
      recipientName: "<b>Alice</b>",
      message: '<img src=x onerror="alert(1)">',
      documents: 1,
      url: 'https://sign.example.com/sign#"><i>',
    });
    expect(mail.html).not.to.match(/<(script|b|img|i)\b/);
    expect(mail.html).to.contain("Dupont &amp; &lt;Fils&gt;");
    expect(mail.html).to.contain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
    expect(mail.html).to.contain('href="https://sign.example.com/sign#&quot;&gt;&lt;i&gt;"');
    expect(mail.text).to.contain('<script>alert("1")</script>');
  });

  it("lets no title or name begin a header or a line of its own", () => {
    const mail = invitation({
      ...about,
      title: "Lettre\r\nBcc: tous@example.com\u2028\u202Egnp.exe",
      recipientName: "Alice\nhttps://evil.example",
      documents: 1,
      url,
    });
    expect(mail.subject).to.equal("À signer : Lettre Bcc: tous@example.com gnp.exe");
    expect(mail.text).not.to.match(/^(Bcc|https:\/\/evil)/m);
  });

  it("loads nothing from elsewhere", () => {
    const mail = invitation({ ...about, documents: 1, url });
    expect(mail.html).not.to.match(/src=|<link|@import|url\(/);
    expect(mail.html.match(/https?:\/\/[^"<]+/g)).to.deep.equal([url]);
  });
});

describe("the other notices", () => {
  const at = Date.parse("2026-12-08T13:05:00Z");

  it("offer the signed documents for download", () => {
    expect(completed({ ...about, documents: 1, url }).text).to.contain(
      `Télécharger le document signé :\n${url}\n`,
    );
    expect(completed({ ...about, documents: 3, url }).text).to.contain("Télécharger les documents signés :");
    expect(completed({ ...about, language: "en", documents: 3, url }).text).to.contain(
      `Download the signed documents:\n${url}\n`,
    );
  });

  it("tell of a refusal with its reason, or without", () => {
    const mail = refused({ ...about, who: "Zoé Bœuf", reason: "Trop cher <3", at });
    expect(mail.text).to.contain("a refusé de signer le 8 décembre 2026 à 14:05 :");
    expect(mail.text).to.contain("Motif indiqué :\n\nTrop cher <3\n");
    expect(mail.html).to.contain("Trop cher &lt;3");
    expect(refused({ ...about, who: "Zoé Bœuf" }).text).not.to.contain("Motif");
    expect(refused({ ...about, who: "Zoé Bœuf", language: "en", reason: "No" }).text).to.contain(
      "The reason given:\n\nNo\n",
    );
  });

  it("tell of an expiry", () => {
    expect(expired({ ...about, at }).text).to.contain("La date limite est passée le 8 décembre 2026 à 14:05");
    expect(expired({ ...about, language: "en", at }).text).to.contain("on 8 December 2026 at 14:05");
  });
});

describe("dates in mails", () => {
  it("are those of Paris, in winter and in summer", () => {
    expect(dateAndTime(Date.parse("2026-12-08T13:05:00Z"), "fr")).to.equal("le 8 décembre 2026 à 14:05");
    expect(dateAndTime(Date.parse("2026-07-08T13:05:00Z"), "fr")).to.equal("le 8 juillet 2026 à 15:05");
    expect(dateAndTime(Date.parse("2026-12-31T23:30:00Z"), "en")).to.equal("on 1 January 2027 at 00:30");
  });

  it("pass through the night when clocks change", () => {
    expect(dateAndTime(Date.parse("2026-03-29T00:59:00Z"), "fr")).to.equal("le 29 mars 2026 à 01:59");
    expect(dateAndTime(Date.parse("2026-03-29T01:00:00Z"), "fr")).to.equal("le 29 mars 2026 à 03:00");
    expect(dateAndTime(Date.parse("2026-10-25T01:00:00Z"), "fr")).to.equal("le 25 octobre 2026 à 02:00");
  });

  it("say le 1er as French does", () => {
    expect(dateAndTime(Date.parse("2027-02-01T08:00:00Z"), "fr")).to.equal("le 1er février 2027 à 09:00");
  });

  it("make a sentence of a deadline", () => {
    expect(deadline(Date.parse("2026-12-08T13:05:00Z"), "en")).to.equal(
      "You may sign until the deadline, on 8 December 2026 at 14:05 (Paris time).",
    );
  });
});

describe("the consent sentence", () => {
  it("is the product's, to the letter", () => {
    expect(consentSentences.fr).to.equal(
      "j'ai bien lu les informations du document et je souhaite maintenant signer",
    );
  });
});
