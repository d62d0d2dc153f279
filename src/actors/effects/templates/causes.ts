import { type Language, oneLine } from "./text.ts";

type Words = Record<Language, string>;

/** What preparers can do something about, by the code's beginning; the code itself says the rest to who runs the engine. */
const causes: readonly [RegExp, Words][] = [
  [
    /^mail_refused$/,
    { fr: "le serveur de messagerie refuse cette adresse", en: "the mail server refuses this address" },
  ],
  [/^mail_bounced_5_1_/, { fr: "cette adresse n'existe pas", en: "there is no such address" }],
  [
    /^mail_bounced_5_2_/,
    { fr: "la boîte de réception est pleine ou fermée", en: "the mailbox is full or closed" },
  ],
  [/^mail_bounced_/, { fr: "le message a été renvoyé", en: "the message came back" }],
  [/^sms_refused$/, { fr: "le numéro est refusé", en: "the number is refused" }],
  [
    /^sms_(undelivered|rejected|expired)$/,
    {
      fr: "l'opérateur n'a pas pu remettre le SMS : numéro erroné, ou téléphone éteint",
      en: "the network could not deliver the SMS: the number is wrong, or the phone was off",
    },
  ],
  [/^sms_doubtful$/, { fr: "le SMS n'est peut-être pas parti", en: "the SMS may not have left" }],
  [/^sms_(number|firm)_cap$/, { fr: "trop de SMS envoyés aujourd'hui", en: "too many SMS were sent today" }],
  [
    /^phone_country_not_allowed$/,
    {
      fr: "le cabinet n'envoie pas de code vers ce pays",
      en: "the firm sends no codes to this country",
    },
  ],
  [/^member_missing$/, { fr: "ce membre a quitté le cabinet", en: "this member has left the firm" }],
  [
    /^no_certificate$/,
    {
      fr: "le certificat du signataire ou du cabinet est absent, révoqué ou expiré",
      en: "the certificate of the signatory or of the firm is missing, revoked or has run out",
    },
  ],
  [
    /^delivery_(not_set|taken)$/,
    {
      fr: "aucun emplacement n'est réglé, ou un autre fichier s'y trouve",
      en: "no place is set, or another file stands in it",
    },
  ],
  [
    /^delivery_/,
    {
      fr: "l'espace de stockage du cabinet est injoignable ou refuse",
      en: "the firm's storage is out of reach or refuses",
    },
  ],
  [
    /^(disk_full|file_inaccessible)$/,
    {
      fr: "le disque du service est plein ou inaccessible",
      en: "the service's disk is full or out of reach",
    },
  ],
];

/** "Cause : cette adresse n'existe pas (mail_bounced_5_1_1)." */
export function causeOf(code: string, language: Language): string {
  const known = causes.find(([pattern]) => pattern.test(code))?.[1];
  const told = known === undefined ? oneLine(code) : `${known[language]} (${oneLine(code)})`;
  return language === "fr" ? `Cause : ${told}.` : `Cause: ${told}.`;
}
