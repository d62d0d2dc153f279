import type { Instant } from "../../runtime/ports.ts";
import { causeOf } from "./causes.ts";
import { dateAndTime, deadline } from "./dates.ts";
import { type DressedLetter, dress, type Letter } from "./layout.ts";
import { type Language, oneLine, paragraphs, quoted } from "./text.ts";

/** What every notice is about. All texts are as people typed them. */
export interface Subject {
  language: Language;
  firmName: string;
  title: string;
  recipientName: string;
}

/** What a signatory is asked to do, and by when. */
export type Asked = Subject & { documents: number; message?: string; url: string; expiresAt?: Instant };

/** Asks a signatory to read and sign, by a link that is theirs alone. */
export function invitation(about: Asked): DressedLetter {
  const { documents } = about;
  const french = about.language === "fr";
  const firm = oneLine(about.firmName);
  return asking(
    about,
    french ? "À signer : " : "To sign: ",
    french
      ? `${firm} vous invite à signer électroniquement ${count(documents, "un document", "documents")} :`
      : `${firm} invites you to sign ${count(documents, "a document", "documents")} electronically:`,
  );
}

/** Asks again, by the same link. */
export function reminder(about: Asked): DressedLetter {
  const { documents } = about;
  const french = about.language === "fr";
  const firm = oneLine(about.firmName);
  return asking(
    about,
    french ? "Rappel, à signer : " : "Reminder, to sign: ",
    french
      ? `${firm} attend encore votre signature électronique sur ${count(documents, "un document", "documents")} :`
      : `${firm} is still waiting for you to sign ${count(documents, "a document", "documents")} electronically:`,
  );
}

function asking(about: Asked, subjectStart: string, opening: string): DressedLetter {
  const { language, message, url, expiresAt } = about;
  const french = language === "fr";
  return dress({
    ...frame(about, subjectStart),
    before: [opening, { strong: quoted(about.title, language) }, ...paragraphs(message ?? "")],
    button: { label: french ? "Lire et signer" : "Read and sign", url },
    after: [
      ...(expiresAt === undefined ? [] : [deadline(expiresAt, language)]),
      french
        ? "Après la lecture, un code vous sera envoyé par SMS pour signer."
        : "Once you have read everything, a code will be sent to you by SMS for signing.",
      french
        ? "Ce lien est personnel : ne le transmettez à personne."
        : "This link is yours alone: do not pass it on.",
    ],
  });
}

/** Says that everybody has signed, with a link to the signed documents: never an attachment. */
export function completed(about: Subject & { documents: number; url: string }): DressedLetter {
  const { language, documents, url } = about;
  const french = language === "fr";
  return dress({
    ...frame(about, french ? "Signé : " : "Signed: "),
    before: [
      french ? "Toutes les signatures ont été recueillies pour :" : "All signatures have been collected for:",
      { strong: quoted(about.title, language) },
    ],
    button: {
      label: french
        ? `Télécharger ${documents > 1 ? "les documents signés" : "le document signé"}`
        : `Download the signed document${documents > 1 ? "s" : ""}`,
      url,
    },
    after: [
      french
        ? "Ce lien est personnel : ne le transmettez à personne."
        : "This link is yours alone: do not pass it on.",
    ],
  });
}

/** Tells the preparer that a signatory will not sign. */
export function refused(about: Subject & { who: string; reason?: string; at?: Instant }): DressedLetter {
  const { language, reason, at } = about;
  const french = language === "fr";
  const who = oneLine(about.who);
  const when = at === undefined ? "" : ` ${dateAndTime(at, language)}`;
  return dress({
    ...frame(about, french ? "Refusé : " : "Refused: "),
    before: [
      french ? `${who} a refusé de signer${when} :` : `${who} refused to sign${when}:`,
      { strong: quoted(about.title, language) },
      ...(reason ? [french ? "Motif indiqué :" : "The reason given:", ...paragraphs(reason)] : []),
    ],
    after: [
      french
        ? "La collecte est terminée : plus personne ne peut la signer."
        : "The collecte has ended: nobody can sign it any more.",
    ],
  });
}

/** Tells the preparer that the deadline has passed. */
export function expired(about: Subject & { at?: Instant }): DressedLetter {
  const { language, at } = about;
  const french = language === "fr";
  const when = at === undefined ? "" : ` ${dateAndTime(at, language)}`;
  return dress({
    ...frame(about, french ? "Expiré : " : "Expired: "),
    before: [
      french
        ? `La date limite est passée${when} sans que tous aient signé :`
        : `The deadline passed${when} before everybody had signed:`,
      { strong: quoted(about.title, language) },
    ],
    after: [
      french
        ? "La collecte est terminée : plus personne ne peut la signer."
        : "The collecte has ended: nobody can sign it any more.",
    ],
  });
}

/** Tells the preparer that a signature or seal was accepted and could not be made. */
export function trouble(about: Subject & { code: string }): DressedLetter {
  const { language, code } = about;
  const french = language === "fr";
  return dress({
    ...frame(about, french ? "Signature en panne : " : "Signature failed: "),
    before: [
      french
        ? "Une signature ou un cachet a été accepté mais n'a pas pu être apposé :"
        : "A signature or seal was accepted but could not be made:",
      { strong: quoted(about.title, language) },
      causeOf(code, language),
    ],
    after: [
      french
        ? "Rien n'est perdu : une fois la cause levée, relancez l'opération, ou demandez-le à l'exploitant du service ; personne n'aura à signer de nouveau."
        : "Nothing is lost: once the cause is mended, try again, or ask whoever runs the service; nobody has to sign again.",
    ],
  });
}

export function frame(
  { language, firmName, title, recipientName }: Subject,
  subjectStart: string,
): Pick<Letter, "language" | "subject" | "greeting" | "signature"> {
  const name = oneLine(recipientName);
  return {
    language,
    subject: `${subjectStart}${oneLine(title)}`,
    greeting: language === "fr" ? `Bonjour ${name},` : `Hello ${name},`,
    signature: oneLine(firmName),
  };
}

function count(documents: number, one: string, several: string): string {
  return documents === 1 ? one : `${documents} ${several}`;
}
