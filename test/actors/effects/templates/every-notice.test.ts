import { expect } from "chai";
import type { DressedLetter } from "../../../../src/actors/effects/templates/layout.ts";
import * as life from "../../../../src/actors/effects/templates/life-notices.ts";
import * as usual from "../../../../src/actors/effects/templates/notices.ts";

type Language = "fr" | "en";

/** What people type, at its worst. */
const nasty = `<b>Bilan & "co"</b>\r\nBcc: x@y.z \u202egpj`;
const at = Date.parse("2026-12-08T13:05:00Z");
const url = "https://sign.example.com/sign#TOKEN";

const about = (language: Language, text = "Lettre de mission 2027") => ({
  language,
  firmName: text === nasty ? nasty : "Cabinet Bérénice",
  title: text,
  recipientName: text === nasty ? nasty : "Alice Bœuf",
});

/** Each notice, about a collecte of that title; those with a link are for whom it is. */
const notices: Record<string, (language: Language, text?: string) => DressedLetter> = {
  invitation: (l, t) =>
    usual.invitation({
      ...about(l, t),
      documents: 2,
      url,
      expiresAt: at,
      ...(t && { message: onOneLine(t) }),
    }),
  reminder: (l, t) =>
    usual.reminder({ ...about(l, t), documents: 1, url, expiresAt: at, ...(t && { message: onOneLine(t) }) }),
  completed: (l, t) => usual.completed({ ...about(l, t), documents: 1, url }),
  refused: (l, t) =>
    usual.refused({ ...about(l, t), who: t ?? "Bob Petit", reason: onOneLine(t ?? "Trop cher"), at }),
  expired: (l, t) => usual.expired({ ...about(l, t), at }),
  trouble: (l, t) => usual.trouble({ ...about(l, t), code: t ?? "no_certificate" }),
  seal_awaited: (l, t) => life.sealAwaited({ ...about(l, t), expiresAt: at }),
  "closed by a refusal": (l, t) => life.closed({ ...about(l, t), how: "refused" }),
  "closed by the deadline": (l, t) => life.closed({ ...about(l, t), how: "expired" }),
  "closed by the firm": (l, t) => life.closed({ ...about(l, t), how: "cancelled" }),
  released: (l, t) => life.released(about(l, t)),
  locked: (l, t) => life.locked({ ...about(l, t), who: t ?? "Bob Petit" }),
  "unreachable by mail": (l, t) =>
    life.unreachable({ ...about(l, t), who: t ?? "Bob Petit", channel: "mail", code: t ?? "mail_refused" }),
  "unreachable by SMS": (l, t) =>
    life.unreachable({ ...about(l, t), who: t ?? "Bob Petit", channel: "sms", code: t ?? "sms_refused" }),
  purge_soon: (l, t) => life.purgeSoon({ ...about(l, t), purgeAt: at }),
  upkeep_failed: (l, t) => life.upkeepFailed({ ...about(l, t), code: t ?? "delivery_refused" }),
};
/** Of a message or a reason, each line is a paragraph: that is wanted. */
const onOneLine = (text: string) => text.replaceAll("\r\n", " ");
const linked = ["invitation", "reminder", "completed"];

const said: Record<string, Record<Language, string>> = {
  invitation: {
    fr: "Cabinet Bérénice vous invite à signer électroniquement 2 documents :",
    en: "Cabinet Bérénice invites you to sign 2 documents electronically:",
  },
  reminder: {
    fr: "Cabinet Bérénice attend encore votre signature électronique sur un document :",
    en: "Cabinet Bérénice is still waiting for you to sign a document electronically:",
  },
  completed: {
    fr: "Toutes les signatures ont été recueillies pour :",
    en: "All signatures have been collected for:",
  },
  refused: {
    fr: "Bob Petit a refusé de signer le 8 décembre 2026 à 14:05 :",
    en: "Bob Petit refused to sign on 8 December 2026 at 14:05:",
  },
  expired: {
    fr: "La date limite est passée le 8 décembre 2026 à 14:05 sans que tous aient signé :",
    en: "The deadline passed on 8 December 2026 at 14:05 before everybody had signed:",
  },
  trouble: {
    fr: "Cause : le certificat du signataire ou du cabinet est absent, révoqué ou expiré (no_certificate).",
    en: "Cause: the certificate of the signatory or of the firm is missing, revoked or has run out (no_certificate).",
  },
  seal_awaited: {
    fr: "Le cachet du cabinet attend votre accord, dans votre parapheur, sur :",
    en: "The firm's seal waits for your approval, in your parapheur, on:",
  },
  "closed by a refusal": {
    fr: "Une autre personne a refusé de signer ; la demande de signature est terminée :",
    en: "Somebody else has refused to sign, and the request has ended:",
  },
  "closed by the deadline": {
    fr: "La date limite est passée sans que tous aient signé ; la demande de signature est terminée :",
    en: "The deadline has passed before everybody had signed, and the request has ended:",
  },
  "closed by the firm": {
    fr: "Le cabinet a annulé sa demande de signature :",
    en: "The firm has cancelled its request to sign:",
  },
  released: {
    fr: "Votre signature n'est plus demandée pour :",
    en: "Your signature is no longer asked for:",
  },
  locked: {
    fr: "Bob Petit a donné 10 codes faux en 24 heures et ne peut plus signer :",
    en: "Bob Petit gave 10 wrong codes in 24 hours and can't sign any more:",
  },
  "unreachable by mail": {
    fr: "L'e-mail à Bob Petit n'est pas arrivé :",
    en: "The e-mail to Bob Petit did not arrive:",
  },
  "unreachable by SMS": {
    fr: "Le SMS à Bob Petit n'est pas arrivé :",
    en: "The SMS to Bob Petit did not arrive:",
  },
  purge_soon: {
    fr: "ils seront supprimés le 8 décembre 2026 à 14:05 :",
    en: "they will be removed on 8 December 2026 at 14:05:",
  },
  upkeep_failed: {
    fr: "Les documents signés n'ont pas pu être déposés là où le cabinet les range :",
    en: "The signed documents could not be put where the firm keeps them:",
  },
};

for (const [name, letter] of Object.entries(notices)) {
  describe(`the notice ${name}`, () => {
    for (const language of ["fr", "en"] as const) {
      it(`says what it is about, twice the same, in ${language}`, () => {
        const { subject, text, html } = letter(language);
        const greeting = language === "fr" ? "Bonjour Alice Bœuf," : "Hello Alice Bœuf,";
        expect(subject).to.match(/Lettre de mission 2027$/);
        expect(text).to.match(new RegExp(`^${greeting}\n\n`));
        expect(text).to.include(said[name]?.[language]).and.include("Lettre de mission 2027");
        expect(text).to.match(/\n\n-- \nCabinet Bérénice\n$/);
        expect(html).to.include(`<html lang="${language}" dir="ltr">`).and.include('name="viewport"');
        for (const block of text.split("\n\n").filter((one) => !one.includes("\n"))) {
          expect(plain(html)).to.include(block.replaceAll("\u00a0", " "));
        }
      });

      it(`lets nothing that was typed be HTML, a header or another line in ${language}`, () => {
        const { subject, text, html } = letter(language, nasty);
        expect(subject).not.to.match(/[\r\n\u202e]/);
        expect(html).not.to.match(/<b>|"co"|\u202e/);
        expect(html).to.include("&lt;b&gt;Bilan &amp; &quot;co&quot;&lt;/b&gt;");
        expect(text).not.to.match(/^Bcc:|\u202e/m);
      });

      it(`${linked.includes(name) ? "has one link" : "has no link"} in ${language}, and loads nothing`, () => {
        const { text, html } = letter(language);
        const links = [...text.matchAll(/https?:\/\/\S+/g)].map(([link]) => link);
        expect(links).to.deep.equal(linked.includes(name) ? [url] : []);
        expect([...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link)).to.deep.equal(links);
        expect(html).not.to.match(/<script|<img|<link|url\(/);
      });
    }
  });
}

function plain(html: string): string {
  return html
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("\u00a0", " ");
}
