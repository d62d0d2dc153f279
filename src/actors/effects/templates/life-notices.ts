import type { Instant } from "../../runtime/ports.ts";
import { causeOf } from "./causes.ts";
import { dateAndTime } from "./dates.ts";
import { type DressedLetter, dress } from "./layout.ts";
import { frame, type Subject } from "./notices.ts";
import { oneLine, quoted } from "./text.ts";

/** Tells a member that a seal waits for them. */
export function sealAwaited(about: Subject & { expiresAt?: Instant }): DressedLetter {
  const { language, expiresAt } = about;
  const french = language === "fr";
  return dress({
    ...frame(about, french ? "À sceller : " : "To seal: "),
    before: [
      french
        ? "Le cachet du cabinet attend votre accord, dans votre parapheur, sur :"
        : "The firm's seal waits for your approval, in your parapheur, on:",
      { strong: quoted(about.title, language) },
    ],
    after: expiresAt === undefined ? [] : [approval(expiresAt, language)],
  });
}

function approval(expiresAt: Instant, language: Subject["language"]): string {
  return language === "fr"
    ? `Vous pouvez le donner jusqu'à la date limite, ${dateAndTime(expiresAt, "fr")} (heure de Paris).`
    : `You may give it until the deadline, ${dateAndTime(expiresAt, "en")} (Paris time).`;
}

const closings: Record<string, { fr: string; en: string }> = {
  refused: {
    fr: "Une autre personne a refusé de signer ; la demande de signature est terminée :",
    en: "Somebody else has refused to sign, and the request has ended:",
  },
  expired: {
    fr: "La date limite est passée sans que tous aient signé ; la demande de signature est terminée :",
    en: "The deadline has passed before everybody had signed, and the request has ended:",
  },
  cancelled: {
    fr: "Le cabinet a annulé sa demande de signature :",
    en: "The firm has cancelled its request to sign:",
  },
};

/** Tells those who were asked to sign that it is over, and nothing of anybody's reasons. */
export function closed(about: Subject & { how: string }): DressedLetter {
  const { language, how } = about;
  const french = language === "fr";
  const told = closings[how];
  return dress({
    ...frame(about, french ? "Demande de signature terminée : " : "Request to sign ended: "),
    before: [...(told ? [told[language]] : []), { strong: quoted(about.title, language) }],
    after: [
      french
        ? "Vous n'avez plus rien à faire : le lien que vous aviez reçu ne fonctionne plus."
        : "There is nothing left for you to do: the link that you had no longer works.",
    ],
  });
}

/** Tells who was replaced that they are no longer asked. */
export function released(about: Subject): DressedLetter {
  const { language } = about;
  const french = language === "fr";
  return dress({
    ...frame(about, french ? "Vous n'avez plus à signer : " : "No longer to sign: "),
    before: [
      french ? "Votre signature n'est plus demandée pour :" : "Your signature is no longer asked for:",
      { strong: quoted(about.title, language) },
    ],
    after: [
      french ? "Le lien que vous aviez reçu ne fonctionne plus." : "The link that you had no longer works.",
    ],
  });
}

/** Tells the preparer that a signatory can't go on before they act. */
export function locked(about: Subject & { who: string }): DressedLetter {
  const { language } = about;
  const french = language === "fr";
  const who = oneLine(about.who);
  return dress({
    ...frame(about, french ? "Signataire bloqué : " : "Signatory locked: "),
    before: [
      french
        ? `${who} a donné 10 codes faux en 24 heures et ne peut plus signer :`
        : `${who} gave 10 wrong codes in 24 hours and can't sign any more:`,
      { strong: quoted(about.title, language) },
    ],
    after: [
      french
        ? "Joignez cette personne par un autre moyen, puis débloquez-la ou remplacez-la."
        : "Reach them by another way, then unlock or replace them.",
    ],
  });
}

/** Tells the preparer that a mail or an SMS did not arrive. */
export function unreachable(
  about: Subject & { who: string; channel: "mail" | "sms"; code: string },
): DressedLetter {
  const { language, channel, code } = about;
  const french = language === "fr";
  const who = oneLine(about.who);
  const what = channel === "mail" ? { fr: "L'e-mail", en: "The e-mail" } : { fr: "Le SMS", en: "The SMS" };
  return dress({
    ...frame(about, french ? "Non remis : " : "Not delivered: "),
    before: [
      french ? `${what.fr} à ${who} n'est pas arrivé :` : `${what.en} to ${who} did not arrive:`,
      { strong: quoted(about.title, language) },
      causeOf(code, language),
    ],
    after: [whatToDo[channel][language]],
  });
}

const whatToDo = {
  mail: {
    fr: "Corrigez son adresse : le message repart aussitôt, avec un nouveau lien.",
    en: "Correct their address: the message leaves again at once, with a new link.",
  },
  sms: {
    fr: "Corrigez son numéro, ou remplacez cette personne si un code lui est déjà parvenu.",
    en: "Correct their number, or replace them if a code has reached them before.",
  },
};

/** Tells the preparer that documents which have not left will be gone. */
export function purgeSoon(about: Subject & { purgeAt: Instant }): DressedLetter {
  const { language } = about;
  const french = language === "fr";
  const when = dateAndTime(about.purgeAt, language);
  return dress({
    ...frame(about, french ? "Bientôt supprimé : " : "Soon removed: "),
    before: [
      french
        ? `Les documents signés n'ont pas encore été récupérés ; ils seront supprimés ${when} :`
        : `The signed documents have not been fetched yet; they will be removed ${when}:`,
      { strong: quoted(about.title, language) },
    ],
    after: [
      french
        ? "Téléchargez-les avant cette date ; le dossier de preuve est conservé plus longtemps."
        : "Download them before; the evidence file is kept for longer.",
    ],
  });
}

/** Tells the preparer that the documents could not be put where the firm keeps them. */
export function upkeepFailed(about: Subject & { code: string }): DressedLetter {
  const { language, code } = about;
  const french = language === "fr";
  return dress({
    ...frame(about, french ? "Dépôt en échec : " : "Delivery failed: "),
    before: [
      french
        ? "Les documents signés n'ont pas pu être déposés là où le cabinet les range :"
        : "The signed documents could not be put where the firm keeps them:",
      { strong: quoted(about.title, language) },
      causeOf(code, language),
    ],
    after: [
      french
        ? "Téléchargez-les, ou corrigez la destination, avant leur suppression."
        : "Download them, or mend the destination, before they are removed.",
    ],
  });
}
