import { documentName, labelled, stamped } from "../actors/effects/templates/record/about.ts";
import { type ToldRecord, tellRecord } from "../actors/effects/templates/record/tell.ts";
import type { Block, Paper } from "../actors/runtime/ports.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { certificatesUsed, documentStates } from "./document-states.ts";
import { pageWords as words } from "./page-words.ts";
import { peopleBlocks } from "./people-blocks.ts";
import { type ExportedRecord, eventsOf, keyOf } from "./record.ts";

/*
 * What people read of a record. It is made of the record alone, so that whoever has the record can make the pages anew and see
 * that they say the same.
 */

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
      ...bodyBlocks(record, told, language),
      ...under(its.certificates, certificateBlocks(record, language)),
      { kind: "heading", text: its.checking },
      ...its.about.map((text): Block => ({ kind: "text", text })),
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
  const title = its.summary;
  return {
    language,
    title,
    at: record.madeAt,
    footer: `${title} – ${its.collecte} ${record.collecte.id} – ${stamped(record.madeAt)}`,
    blocks: [
      row(its.made, stamped(record.madeAt)),
      row(its.firm, record.firm.name),
      row(its.collecte, record.collecte.id),
      ...bodyBlocks(record, told, language),
    ],
    facts: { collecte: record.collecte.id, head: record.head.hash },
  };
}

/** What both papers say: what became of it, who was to sign what, and all that happened. */
function bodyBlocks(record: ExportedRecord, told: ToldRecord, language: "fr" | "en"): Block[] {
  const its = words[language];
  const { title } = told.state.personal;
  return [
    ...(title === "" ? [] : [row(its.name, title)]),
    outcomeRow(told, language),
    ...under(its.people, peopleBlocks(record, told, language)),
    ...under(its.documents, documentBlocks(record, told, language)),
    ...under(
      its.events,
      told.events.map(({ at, text, details }) => row(stamped(at), text, details)),
    ),
  ];
}

/** No heading stands over nothing. */
function under(heading: string, blocks: Block[]): Block[] {
  return blocks.length === 0 ? [] : [{ kind: "heading", text: heading }, ...blocks];
}

function outcomeRow({ state }: ToldRecord, language: "fr" | "en"): Block {
  const its = words[language];
  const ending = state.endedAs ?? state.status;
  const { people, refusalReason, cancellationReason } = state.personal;
  const who = people[state.refusedBy ?? ""]?.name;
  const said = [
    its.states[ending] ?? ending,
    ...(who ? [its.by, who] : []),
    ...(state.status === "purged" ? [`(${its.purged})`] : []),
  ];
  const reason = refusalReason ?? cancellationReason;
  return row(its.state, said.join(" "), reason ? [labelled({ language }, reasonWords, reason)] : []);
}

const reasonWords = { fr: words.fr.reason, en: words.en.reason };

function documentBlocks(record: ExportedRecord, { state }: ToldRecord, language: "fr" | "en"): Block[] {
  const its = words[language];
  const states = documentStates(record.events) ?? {};
  return state.documents.flatMap(({ id, pages, bytes }) => [
    row(its.document, `${documentName({ after: state }, id)}, ${its.pages(pages)}, ${its.bytes(bytes)}`),
    ...(states[id] ?? []).map((sha256, i) => row(i === 0 ? its.original : its.after(i), sha256)),
  ]);
}

function certificateBlocks(record: ExportedRecord, language: "fr" | "en"): Block[] {
  const its = words[language];
  const used = certificatesUsed(record.events);
  const missing = used.filter(({ sha256 }) => !record.certificates.some((one) => one.sha256 === sha256));
  const day = (date: Date) => stamped(date.getTime());
  return [
    ...record.certificates.map(({ der }) => {
      const { subject, issuer, serialHex, notBefore, notAfter, sha256 } = readCertificate(
        Buffer.from(der, "base64"),
      );
      return row(nameOf(subject), `${its.issuer} ${nameOf(issuer)}`, [
        `${its.valid} ${day(notBefore)} ${its.until} ${day(notAfter)}`,
        `${its.serial} ${serialHex}`,
        `SHA-256 ${sha256}`,
      ]);
    }),
    ...missing.map(({ sha256, serialHex }) =>
      row(`${its.serial} ${serialHex}`, its.missing, [`SHA-256 ${sha256}`]),
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

const row = (label: string, text: string, details: readonly string[] = []): Block => ({
  kind: "row",
  label,
  text,
  ...(details.length > 0 && { details }),
});
