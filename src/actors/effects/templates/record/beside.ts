import type { Event } from "../../../collecte/events.ts";
import {
  type About,
  detail,
  documentName,
  labelled,
  type Of,
  orderedBy,
  person,
  type Said,
  stamped,
  stepLines,
  type Tellers,
  traces,
} from "./about.ts";
import type { course } from "./course.ts";

/** What each event beside the course says: notices, what the preparer changed, accesses, and what follows the end. */
export const beside: Tellers<Exclude<Event["type"], keyof typeof course>> = {
  NotificationSent: (event, about) => notice(event, about, { fr: "envoyé", en: "sent" }),
  NotificationDelivered: (event, about) => notice(event, about, { fr: "remis", en: "delivered" }),
  NotificationFailed: (event, about) => notice(event, about, { fr: "en échec", en: "failed" }),
  OrderChanged: ({ steps, by: who }, about) => {
    const by = orderedBy(who, about);
    const from = about.after.steps.length - steps.length;
    return {
      fr: `Ordre des étapes restantes modifié${by.fr}`,
      en: `Order of the steps left changed${by.en}`,
      details: stepLines(steps, about, from),
    };
  },
  SignatoryReplaced: ({ signatoryId, replacementId, by: who, personal }, about) => {
    const by = orderedBy(who, about);
    const { name, email, phone } = personal.person;
    const other = name === "" ? replacementId : `${name} (${replacementId})`;
    return {
      fr: `${person(about, signatoryId)} remplacé(e)${by.fr} par ${other} ; ses liens et codes sont annulés`,
      en: `${person(about, signatoryId)} replaced${by.en} with ${other}; their links and codes are dead`,
      details: [...detail(about, "email", email), ...detail(about, "phone", phone)],
    };
  },
  PersonCorrected: ({ personId, by: who, personal }, about) => {
    const by = orderedBy(who, about);
    return {
      fr: `Coordonnées corrigées${by.fr} : ${person(about, personId)} ; ses anciens liens sont annulés`,
      en: `Address of ${person(about, personId)} corrected${by.en}; their old links are dead`,
      details: [...detail(about, "email", personal.email), ...detail(about, "phone", personal.phone)],
    };
  },
  SignatoriesReminded: ({ reminded, scheduled, expiresAt, by: who }, about) => {
    const by = orderedBy(who, about);
    const names = reminded.map((id) => person(about, id)).join(", ");
    return {
      fr: `Relance${scheduled ? " automatique" : by.fr} : ${names} ; nouvelle date limite ${stamped(expiresAt)}`,
      en: `Reminder${scheduled ? " by schedule" : by.en}: ${names}; new deadline ${stamped(expiresAt)}`,
    };
  },
  SignatoryUnlocked: ({ signatoryId, by: who }, about) => {
    const by = orderedBy(who, about);
    return {
      fr: `${person(about, signatoryId)} peut de nouveau recevoir un code : débloqué(e)${by.fr}`,
      en: `${person(about, signatoryId)} may get codes again: unlocked${by.en}`,
    };
  },
  SigningRetried: ({ by: who }, about) => {
    const by = orderedBy(who, about);
    return {
      fr: `Nouvel essai de la signature en échec, demandé${by.fr}`,
      en: `The failed signature is tried again, as asked${by.en}`,
    };
  },
  CollecteCancelled: ({ by: who, personal }, about) => {
    const by = orderedBy(who, about);
    return {
      fr: `Collecte annulée${by.fr}`,
      en: `Collecte cancelled${by.en}`,
      details: detail(about, "reason", personal.reason),
    };
  },
  SealAwaited: ({ memberId }, about) => {
    const name = about.members[memberId] ?? memberId;
    return {
      fr: `Le cachet du cabinet attend un accord : ${name}`,
      en: `The firm's seal waits for ${name}'s approval`,
    };
  },
  DocumentsAccessed: ({ personId, act, documents, sessionId, personal }, about) => ({
    fr: `Documents ${act === "read" ? "lus" : "téléchargés"} par ${person(about, personId)}`,
    en: `Documents ${act === "read" ? "read" : "downloaded"} by ${person(about, personId)}`,
    details: [
      ...documents.map((id) => documentName(about, id)),
      ...detail(about, "session", sessionId),
      ...traces(about, personal.trace),
    ],
  }),
  EvidenceFiled: ({ sha256, bytes, level }, about) => ({
    fr: `Dossier de preuve établi, cacheté et horodaté, niveau ${level}`,
    en: `Evidence file made, sealed and timestamped, level ${level}`,
    details: [
      labelled(
        about,
        { fr: "Fichier chiffré conservé", en: "Encrypted file kept" },
        `${bytes} ${about.language === "fr" ? "octets" : "bytes"}, SHA-256 ${sha256}`,
      ),
    ],
  }),
  DocumentsDelivered: ({ how }) =>
    how === "pushed"
      ? { fr: "Documents transmis au cabinet", en: "Documents pushed to the firm" }
      : { fr: "Documents récupérés par le cabinet", en: "Documents fetched by the firm" },
  PurgeAnnounced: ({ purgeAt }) => ({
    fr: `Cabinet averti que les documents seront purgés le ${stamped(purgeAt)}`,
    en: `The firm was warned that the documents will be purged on ${stamped(purgeAt)}`,
  }),
  PurgeBegun: () => ({ fr: "Purge des documents commencée", en: "Purge of the documents begun" }),
  CollectePurged: ({ removed, kept }) => ({
    fr: `Documents purgés : ${removed} fichiers supprimés, ${kept} gardés pour d'autres collectes`,
    en: `Documents purged: ${removed} files removed, ${kept} kept for other collectes`,
  }),
  PeopleForgotten: () => ({
    fr: "Fin de la durée de conservation : la clé de la collecte est détruite",
    en: "The evidence period is over: the collecte's key is destroyed",
  }),
  UpkeepFailed: ({ what, code }, about) => ({
    ...failed[what],
    details: detail(about, "cause", code),
  }),
};

const failed: Readonly<Record<Of<"UpkeepFailed">["what"], { fr: string; en: string }>> = {
  evidence: {
    fr: "Échec de l'établissement du dossier de preuve",
    en: "The evidence file could not be made",
  },
  deliver: { fr: "Échec de la transmission des documents", en: "The documents could not be pushed" },
  purge: { fr: "Échec de la purge des documents", en: "The documents could not be purged" },
  forget: { fr: "Échec de la destruction de la clé", en: "The key could not be destroyed" },
};

type Notified = Of<"NotificationSent" | "NotificationDelivered" | "NotificationFailed">;

function notice(event: Notified, about: About, became: { fr: string; en: string }): Said {
  const { channel, notice: about_, to, reference } = event;
  const what = channel === "sms" ? "SMS" : "E-mail";
  const named = notices[about_];
  const who =
    to === "preparer"
      ? { fr: "au cabinet", en: "the firm" }
      : { fr: `à ${person(about, to)}`, en: person(about, to) };
  return {
    fr: `${what} ${became.fr} : ${named?.fr ?? about_}, ${who.fr}`,
    en: `${what} ${became.en}: ${named?.en ?? about_}, to ${who.en}`,
    details: [...detail(about, event.type === "NotificationFailed" ? "cause" : "reference", reference)],
  };
}

/** What each notice is about; one that is not here is told by its name. */
const notices: Readonly<Record<string, { fr: string; en: string }>> = {
  invitation: { fr: "invitation à signer", en: "invitation to sign" },
  reminder: { fr: "relance", en: "reminder" },
  completed: { fr: "documents signés disponibles", en: "signed documents ready" },
  otp: { fr: "code à usage unique", en: "one-time code" },
  refused: { fr: "refus d'un signataire", en: "a signatory's refusal" },
  expired: { fr: "date limite dépassée", en: "deadline passed" },
  trouble: { fr: "signature en échec", en: "failed signature" },
  closed: { fr: "collecte terminée", en: "collecte ended" },
  released: { fr: "signature qui n'est plus demandée", en: "signature no longer asked for" },
  seal_awaited: { fr: "cachet attendu", en: "seal awaited" },
  locked: { fr: "signataire bloqué", en: "signatory locked" },
  unreachable: { fr: "personne injoignable", en: "somebody can't be reached" },
  purge_soon: { fr: "purge prochaine", en: "purge soon" },
  upkeep_failed: { fr: "transmission en échec", en: "push failed" },
};
