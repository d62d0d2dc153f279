import { documentName, stamped } from "../actors/effects/templates/record/about.ts";
import { type ToldRecord, tellRecord } from "../actors/effects/templates/record/tell.ts";
import type { Block, Paper } from "../actors/runtime/ports.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { certificatesUsed, documentStates } from "./document-states.ts";
import { type ExportedRecord, eventsOf, keyOf } from "./record.ts";

/*
 * What people read of a record. It is made of the record alone, so that whoever has the record can make the pages anew and see
 * that they say the same.
 */

const words = {
  fr: {
    title: "Dossier de preuve",
    made: "Établi le",
    firm: "Cabinet",
    collecte: "Collecte",
    name: "Titre",
    state: "Issue",
    documents: "Documents",
    document: "Document",
    original: "SHA-256 à l'origine",
    after: (i: number) => `après la signature ${i}`,
    people: "Personnes",
    person: "Personne",
    certificates: "Certificats",
    serial: "n° de série",
    issuer: "émis par",
    valid: "valable du",
    until: "au",
    missing: "absent du dossier",
    events: "Déroulement (heure de Paris)",
    record: "Enregistrement joint",
    about:
      "Le fichier record.json, joint à ce PDF, contient chaque événement tel qu'il est enregistré, chaîné au précédent par son empreinte SHA-256. " +
      "Ce PDF et sa pièce jointe sont scellés et horodatés ensemble : « collecte verify-evidence » les vérifie hors ligne, avec le seul certificat racine.",
    digest: "SHA-256 de record.json",
    head: "Empreinte du dernier événement",
    count: "Événements",
    states: {
      completed: "Terminée : toutes les signatures sont apposées",
      refused: "Refusée",
      expired: "Expirée",
      cancelled: "Annulée",
    } as Record<string, string>,
    purged: "documents purgés",
  },
  en: {
    title: "Evidence file",
    made: "Made on",
    firm: "Firm",
    collecte: "Collecte",
    name: "Title",
    state: "Outcome",
    documents: "Documents",
    document: "Document",
    original: "SHA-256 at the start",
    after: (i: number) => `after signature ${i}`,
    people: "People",
    person: "Person",
    certificates: "Certificates",
    serial: "serial no.",
    issuer: "issued by",
    valid: "valid from",
    until: "to",
    missing: "not in this file",
    events: "Course of events (Paris time)",
    record: "Attached record",
    about:
      "The file record.json, attached to this PDF, holds each event as it is recorded, chained to the one before it by its SHA-256. " +
      "This PDF and its attachment are sealed and timestamped together: “collecte verify-evidence” checks them offline, with nothing but the root certificate.",
    digest: "SHA-256 of record.json",
    head: "Hash of the last event",
    count: "Events",
    states: {
      completed: "Completed: all signatures are made",
      refused: "Refused",
      expired: "Expired",
      cancelled: "Cancelled",
    } as Record<string, string>,
    purged: "documents purged",
  },
};

/** The record told, with what is personal in the clear. Throws when that can't be opened. */
function toldRecord(record: ExportedRecord, language = record.collecte.language): ToldRecord {
  return tellRecord(eventsOf(record.events, keyOf(record)), language, record.members);
}

/** The evidence file of a record whose canonical text is `text`; `sha256` is the text's. */
export function evidencePaper(record: ExportedRecord, text: string, sha256: string): Paper {
  const { language, id } = record.collecte;
  const its = words[language];
  const told = toldRecord(record);
  const { head } = record;
  return {
    language,
    title: its.title,
    at: record.madeAt,
    footer: `${its.title} – ${its.collecte} ${id} – ${stamped(record.madeAt)}`,
    blocks: [
      row(its.made, stamped(record.madeAt)),
      row(its.firm, `${record.firm.name} (${record.collecte.firmId})`),
      row(its.collecte, id),
      row(its.name, told.state.personal.title),
      row(its.state, outcomeOf(told, language)),
      ...documentBlocks(record, told, language),
      ...peopleBlocks(told, language),
      ...eventBlocks(told, its.events),
      ...certificateBlocks(record, language),
      { kind: "heading", text: its.record },
      { kind: "text", text: its.about },
      row(its.digest, sha256),
      row(its.head, head.hash),
      row(its.count, String(head.events)),
    ],
    facts: {
      collecte: id,
      recordSha256: sha256,
      head: head.hash,
      version: String(head.version),
      events: String(head.events),
      pages: String(record.pages),
    },
    attachment: {
      name: "record.json",
      description: its.record,
      mediaType: "application/json",
      bytes: Buffer.from(text),
    },
  };
}

/** The course of a collecte so far, for its firm; nothing of it is sealed. */
export function summaryPaper(record: ExportedRecord, language: "fr" | "en"): Paper {
  const its = words[language];
  const told = toldRecord(record, language);
  const title = language === "fr" ? "Récapitulatif" : "Summary";
  return {
    language,
    title,
    at: record.madeAt,
    footer: `${title} – ${its.collecte} ${record.collecte.id} – ${stamped(record.madeAt)}`,
    blocks: [
      row(its.firm, record.firm.name),
      row(its.collecte, record.collecte.id),
      row(its.name, told.state.personal.title),
      row(its.state, outcomeOf(told, language)),
      ...documentBlocks(record, told, language),
      ...peopleBlocks(told, language),
      ...eventBlocks(told, its.events),
    ],
    facts: { collecte: record.collecte.id, head: record.head.hash },
  };
}

function outcomeOf({ state }: ToldRecord, language: "fr" | "en"): string {
  const its = words[language];
  const ending = state.endedAs ?? state.status;
  const said = its.states[ending] ?? ending;
  return state.status === "purged" ? `${said} (${its.purged})` : said;
}

function documentBlocks(record: ExportedRecord, { state }: ToldRecord, language: "fr" | "en"): Block[] {
  const its = words[language];
  const states = documentStates(record.events) ?? {};
  return [
    { kind: "heading", text: its.documents },
    ...state.documents.flatMap(({ id, pages, bytes }) => [
      row(
        its.document,
        `${documentName({ after: state }, id)}, ${pages} p., ${bytes} ${language === "fr" ? "octets" : "bytes"}`,
      ),
      ...(states[id] ?? []).map((sha256, i) => row(i === 0 ? its.original : its.after(i), sha256)),
    ]),
  ];
}

function peopleBlocks({ state }: ToldRecord, language: "fr" | "en"): Block[] {
  const people = Object.entries(state.personal.people);
  const lines = people.map(([id, { name, email, phone }]) =>
    row(words[language].person, [`${name} (${id})`, email, phone].filter(Boolean).join("\n")),
  );
  return [{ kind: "heading", text: words[language].people }, ...lines];
}

function eventBlocks({ events }: ToldRecord, heading: string): Block[] {
  return [
    { kind: "heading", text: heading },
    ...events.map(({ at, text, details }) => row(stamped(at), [text, ...details].join("\n"))),
  ];
}

function certificateBlocks(record: ExportedRecord, language: "fr" | "en"): Block[] {
  const its = words[language];
  const used = certificatesUsed(record.events);
  const missing = used.filter(({ sha256 }) => !record.certificates.some((one) => one.sha256 === sha256));
  const day = (date: Date) => stamped(date.getTime());
  return [
    { kind: "heading", text: its.certificates },
    ...record.certificates.map(({ der }) => {
      const { subject, issuer, serialHex, notBefore, notAfter, sha256 } = readCertificate(
        Buffer.from(der, "base64"),
      );
      return row(
        nameOf(subject),
        [
          `${its.serial} ${serialHex}`,
          `${its.issuer} ${nameOf(issuer)}`,
          `${its.valid} ${day(notBefore)} ${its.until} ${day(notAfter)}`,
          `SHA-256 ${sha256}`,
        ].join("\n"),
      );
    }),
    ...missing.map(({ sha256, serialHex }) =>
      row(`${its.serial} ${serialHex}`, `SHA-256 ${sha256} (${its.missing})`),
    ),
  ];
}

function nameOf({
  commonName,
  givenName,
  surname,
  organization,
}: ReturnType<typeof readCertificate>["subject"]) {
  const person = [givenName, surname].filter(Boolean).join(" ");
  return commonName ?? (person === "" ? (organization ?? "") : person);
}

const row = (label: string, text: string): Block => ({ kind: "row", label, text });
