import type { SignedDocument } from "../../../collecte/commands.ts";
import type { Step } from "../../../collecte/state.ts";
import {
  type About,
  bound,
  detail,
  documentName,
  labelled,
  orderedBy,
  person,
  shown,
  signatureOf,
  stamped,
  stepLines,
  type Tellers,
  traces,
} from "./about.ts";

/** What each event of a collecte's course says. */
export const course: Tellers<
  | "CollecteCreated"
  | "DraftRevised"
  | "DraftAbandoned"
  | "CollecteLaunched"
  | "SignatoryInvited"
  | "ConsentGiven"
  | "OtpIssued"
  | "OtpFailed"
  | "SignatoryLocked"
  | "OtpConsumed"
  | "SignatureOrdered"
  | "SignatureApplied"
  | "SealOrdered"
  | "SealApplied"
  | "SigningFailed"
  | "SigningDelayed"
  | "CollecteRefused"
  | "CollecteExpired"
  | "CollecteCompleted"
> = {
  CollecteCreated: (event, about) => {
    const by = orderedBy(event.by, about);
    return {
      fr: `Collecte préparée${by.fr}`,
      en: `Collecte prepared${by.en}`,
      details: planned(event, about),
    };
  },
  DraftRevised: (event, about) => {
    const by = orderedBy(event.by, about);
    return {
      fr: `Brouillon modifié${by.fr}`,
      en: `Draft revised${by.en}`,
      details: planned(event, about),
    };
  },
  DraftAbandoned: () => ({
    fr: "Brouillon abandonné : personne ne l'a modifié depuis trop longtemps ; la collecte est terminée",
    en: "Draft given up: nobody has changed it for too long; the collecte has ended",
  }),
  CollecteLaunched: (event, about) => {
    const by = orderedBy(event.by, about);
    const until = stamped(event.expiresAt);
    return {
      fr: `Collecte lancée${by.fr}, documents figés ; date limite ${until}`,
      en: `Collecte launched${by.en}, documents frozen; deadline ${until}`,
    };
  },
  SignatoryInvited: ({ signatoryId, linkGeneration }, about) => ({
    fr: `Invitation à signer : ${person(about, signatoryId)} (lien personnel n° ${linkGeneration} ; les précédents sont annulés)`,
    en: `${person(about, signatoryId)} invited (personal link no. ${linkGeneration}; earlier ones are dead)`,
  }),
  ConsentGiven: ({ signatoryId, consentText, documents, sessionId, personal }, about) => ({
    fr: `Consentement donné : ${person(about, signatoryId)}`,
    en: `Consent of ${person(about, signatoryId)}`,
    details: [
      ...detail(about, "consent", about.language === "fr" ? `« ${consentText} »` : `“${consentText}”`),
      ...shown(about, documents),
      ...detail(about, "session", sessionId),
      ...traces(about, personal.trace),
    ],
  }),
  OtpIssued: ({ signatoryId, otpId, expiresAt, documents }, about) => ({
    fr: `Code à usage unique créé pour ${person(about, signatoryId)}, valable jusqu'au ${stamped(expiresAt)}`,
    en: `One-time code made for ${person(about, signatoryId)}, valid until ${stamped(expiresAt)}`,
    details: [...detail(about, "code", otpId), ...bound(about, documents)],
  }),
  OtpFailed: ({ signatoryId, otpId, personal }, about) => ({
    fr: `Code erroné saisi par ${person(about, signatoryId)}`,
    en: `Wrong code typed by ${person(about, signatoryId)}`,
    details: [...detail(about, "code", otpId), ...traces(about, personal.trace)],
  }),
  SignatoryLocked: ({ signatoryId }, about) => ({
    fr: `${person(about, signatoryId)} ne peut plus recevoir de code, après trop d'erreurs`,
    en: `${person(about, signatoryId)} gets no more codes, after too many wrong ones`,
  }),
  OtpConsumed: ({ signatoryId, otpId, personal }, about) => ({
    fr: `Code exact saisi par ${person(about, signatoryId)}`,
    en: `Right code typed by ${person(about, signatoryId)}`,
    details: [...detail(about, "code", otpId), ...traces(about, personal.trace)],
  }),
  SignatureOrdered: ({ signatoryId, otpId, documents, memberId, delegationId }, about) => {
    const by =
      memberId === undefined || delegationId === undefined
        ? { fr: "", en: "" }
        : orderedBy({ memberId, delegationId }, about);
    return {
      // A member who signs for themselves is named once.
      fr: `Signature ordonnée${by.fr} : ${person(about, signatoryId)}`,
      en: `Signature of ${person(about, signatoryId)} ordered${by.en}`,
      details: [...detail(about, "code", otpId), ...bound(about, documents)],
    };
  },
  SignatureApplied: ({ signatoryId, documents, level }, about) => ({
    fr: `Signature apposée et relue, niveau ${level} : ${person(about, signatoryId)}`,
    en: `Signature of ${person(about, signatoryId)} made and read back, level ${level}`,
    details: signed(documents, about),
  }),
  SealOrdered: ({ memberId, delegationId, otpId, documents, personal }, about) => {
    const by =
      memberId === undefined ? { fr: "", en: "" } : orderedBy(memberOf(memberId, delegationId), about);
    return {
      fr: `Cachet du cabinet ordonné${by.fr}`,
      en: `The firm's seal ordered${by.en}`,
      details: [
        ...detail(about, "code", otpId),
        ...(documents === undefined ? [] : bound(about, documents)),
        ...traces(about, personal?.trace),
      ],
    };
  },
  SealApplied: ({ documents, level }, about) => ({
    fr: `Cachet du cabinet apposé et relu, niveau ${level}`,
    en: `The firm's seal made and read back, level ${level}`,
    details: signed(documents, about),
  }),
  SigningFailed: ({ by, code }, about) => {
    const what = signatureOf(by, about);
    return {
      fr: `Échec : ${what.fr} n'a pas pu être ${"seal" in by ? "apposé" : "apposée"}`,
      en: `Failed: ${what.en} could not be made`,
      details: detail(about, "cause", code),
    };
  },
  SigningDelayed: ({ by, code, reason }, about) => {
    const what = signatureOf(by, about);
    const awaited =
      code === "timestamp_pending"
        ? { fr: "un horodatage", en: "a timestamp" }
        : { fr: "l'état des certificats", en: "the state of certificates" };
    return {
      fr: `En attente : ${what.fr} attend ${awaited.fr}`,
      en: `Waiting: ${what.en} waits for ${awaited.en}`,
      details: detail(about, "cause", reason),
    };
  },
  CollecteRefused: ({ signatoryId, personal }, about) => ({
    fr: `${person(about, signatoryId)} a refusé de signer ; la collecte est terminée`,
    en: `${person(about, signatoryId)} refused to sign; the collecte has ended`,
    details: [...detail(about, "reason", personal.reason), ...traces(about, personal.trace)],
  }),
  CollecteExpired: () => ({
    fr: "Date limite dépassée ; la collecte est terminée",
    en: "The deadline has passed; the collecte has ended",
  }),
  CollecteCompleted: () => ({
    fr: "Toutes les signatures sont apposées ; la collecte est terminée",
    en: "All signatures are made; the collecte is completed",
  }),
};

function planned(
  {
    documents,
    steps,
    copies,
  }: { documents: { id: string; sha256: string }[]; steps: Step[]; copies: string[] },
  about: About,
): string[] {
  return [
    ...documents.flatMap(({ id, sha256 }) => [
      ...detail(about, "document", documentName(about, id)),
      ...detail(about, "sha256", sha256),
    ]),
    ...stepLines(steps, about),
    ...copies.map((id) => labelled(about, { fr: "En copie", en: "In copy" }, `${person(about, id)} (${id})`)),
  ];
}

function memberOf(memberId: string, delegationId: string | undefined) {
  return { memberId, ...(delegationId !== undefined && { delegationId }) };
}

function signed(documents: readonly SignedDocument[], about: About): string[] {
  return documents.flatMap(({ id, before, after, certificate }) => [
    ...detail(about, "document", documentName(about, id)),
    ...detail(about, "before", before),
    ...detail(about, "after", after),
    ...detail(
      about,
      "certificate",
      `${about.language === "fr" ? "n°" : "no."} ${certificate.serialHex}, SHA-256 ${certificate.sha256}`,
    ),
  ]);
}
