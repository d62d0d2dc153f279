import { expect } from "chai";
import { causeOf } from "../../../../src/actors/effects/templates/causes.ts";
import { dress, type Letter } from "../../../../src/actors/effects/templates/layout.ts";

const letter: Letter = {
  language: "fr",
  subject: "À signer : Bilan",
  greeting: "Bonjour Alice,",
  before: ["Le cabinet vous invite à signer :", { strong: "« Bilan »" }, "Prêt ? Oui !"],
  button: { label: "Lire", url: "https://sign.example.com/sign#T" },
  after: [],
  signature: "Cabinet",
};

describe("a mail in HTML", () => {
  it("is announced by its first sentence, not by its greeting, where mails are listed", () => {
    const [first = ""] = /(?<=<div style="display:none[^>]*>)[^<]*/.exec(dress(letter).html) ?? [];
    expect(first).to.equal("Le cabinet vous invite à signer\u00a0: «\u00a0Bilan\u00a0»");
  });

  it("parts no French sign from its word, and leaves English as it is", () => {
    const { html, text } = dress(letter);
    expect(html)
      .to.include("Prêt\u00a0? Oui\u00a0!")
      .and.not.match(/<p[^>]*>[^<]* [:;!?»]/);
    expect(text).to.include("Prêt ? Oui !");
    expect(dress({ ...letter, language: "en" }).html).to.include("Prêt ? Oui !");
  });

  it("has colours for the dark, and breaks words that are wider than a phone", () => {
    const { html } = dress(letter);
    expect(html).to.include('name="color-scheme" content="light dark"');
    for (const of of ["page", "card", "quiet", "button"]) {
      expect(html)
        .to.include(`class="${of}"`)
        .and.match(new RegExp(`dark\\)\\{.*\\.${of}\\{`));
    }
    expect(html).to.match(/class="card"[^>]*overflow-wrap:anywhere/);
  });
});

describe("the cause of a failure", () => {
  it("is said in words, with its code; a code that is not known here, alone", () => {
    expect(causeOf("mail_bounced_5_1_1", "fr")).to.equal(
      "Cause : cette adresse n'existe pas (mail_bounced_5_1_1).",
    );
    expect(causeOf("mail_bounced_5_2_2", "en")).to.equal(
      "Cause: the mailbox is full or closed (mail_bounced_5_2_2).",
    );
    expect(causeOf("delivery_refused", "fr")).to.include("injoignable ou refuse (delivery_refused)");
    expect(causeOf("engine_died", "fr")).to.equal("Cause : engine_died.");
  });
});
