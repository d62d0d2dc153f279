import { DateTime } from "luxon";
import type { Event } from "../../../collecte/events.ts";
import { type By, type Collecte, type Ordered, type Step, sealKey } from "../../../collecte/state.ts";
import type { Instant } from "../../../runtime/ports.ts";
import type { Language } from "../text.ts";

/** What the sentences of a record need besides an event: the collecte as it was before it and as it is after it. */
export interface About {
  language: Language;
  before: Collecte;
  after: Collecte;
  /** Members' names, by id. */
  members: Readonly<Record<string, string>>;
}

/** A sentence in both languages, and lines beneath it in the language of `About`. */
export interface Said {
  fr: string;
  en: string;
  details?: string[];
}

/** The event of that type, also where several types have one form. */
export type Of<T extends Event["type"], E = Event> = E extends { type: Event["type"] }
  ? T extends E["type"]
    ? E & { type: T }
    : never
  : never;
export type Tellers<T extends Event["type"]> = { [K in T]: (event: Of<K>, about: About) => Said };

const hourMs = 3_600_000;
const knownOffsets = new Map<number, number>();
const mostKnownOffsets = 10_000;

/** "30/11/2026 10:00:12 (UTC+01:00)": on the clocks of Paris, with what they differ from UTC. */
export function stamped(at: Instant): string {
  const offset = parisOffset(at);
  const there = new Date(at + offset * 60_000).toISOString();
  const [year, month, day] = there.slice(0, 10).split("-");
  const hours = String(offset / 60).padStart(2, "0");
  return `${day}/${month}/${year} ${there.slice(11, 19)} (UTC+${hours}:00)`;
}

/** In minutes. It changes at whole hours only, and a record asks for it many times: looked up once an hour of time. */
function parisOffset(at: Instant): number {
  const hour = Math.floor(at / hourMs);
  let offset = knownOffsets.get(hour);
  if (offset === undefined) {
    offset = DateTime.fromMillis(hour * hourMs, { zone: "Europe/Paris" }).offset;
    if (knownOffsets.size >= mostKnownOffsets) knownOffsets.clear();
    knownOffsets.set(hour, offset);
  }
  return offset;
}

/** A person's name, of whichever time it is known; their id where it is not, or not any more. */
export function person({ before, after }: About, id: string): string {
  return after.personal.people[id]?.name || before.personal.people[id]?.name || id;
}

/** A document's file name with its id, or its id alone. */
export function documentName({ after }: Pick<About, "after">, id: string): string {
  const name = after.personal.documentNames?.[id];
  return name === undefined ? id : `${name} (${id})`;
}

/** "label : value", as the language sets its colons. */
export function labelled({ language }: Pick<About, "language">, label: Words, value: string): string {
  return language === "fr" ? `${label.fr}\u00a0: ${value}` : `${label.en}: ${value}`;
}

interface Words {
  fr: string;
  en: string;
}

const words = {
  ip: { fr: "Adresse IP", en: "IP address" },
  browser: { fr: "Navigateur", en: "Browser" },
  session: { fr: "Session", en: "Session" },
  code: { fr: "Identifiant du code", en: "Id of the code" },
  email: { fr: "E-mail", en: "E-mail" },
  phone: { fr: "Téléphone", en: "Phone" },
  reason: { fr: "Motif", en: "Reason" },
  before: { fr: "SHA-256 avant", en: "SHA-256 before" },
  after: { fr: "SHA-256 après", en: "SHA-256 after" },
  certificate: { fr: "Certificat", en: "Certificate" },
  document: { fr: "Document", en: "Document" },
  shown: { fr: "Document présenté", en: "Document shown" },
  documents: { fr: "Documents", en: "Documents" },
  sha256: { fr: "SHA-256", en: "SHA-256" },
  consent: { fr: "Texte accepté", en: "Text agreed to" },
  reference: { fr: "Référence", en: "Reference" },
  step: { fr: "Étape", en: "Step" },
  cause: { fr: "Cause", en: "Cause" },
} as const satisfies Record<string, Words>;

/** One detail under its label; none where there is no value. */
export function detail(
  about: Pick<About, "language">,
  label: keyof typeof words,
  value: string | undefined,
): string[] {
  return value === undefined || value === "" ? [] : [labelled(about, words[label], value)];
}

/** Where an act came from. */
export function traces(
  about: Pick<About, "language">,
  trace: { ip?: string; userAgent?: string } | undefined,
): string[] {
  return [...detail(about, "ip", trace?.ip), ...detail(about, "browser", trace?.userAgent)];
}

/** Who ordered it: " par Hélène Lemoine". */
export function orderedBy(by: By | undefined, about: About): Words {
  if (by?.memberId !== undefined) {
    const name = about.members[by.memberId] ?? by.memberId;
    const { delegationId } = by;
    return delegationId === undefined
      ? { fr: ` par ${name}`, en: ` by ${name}` }
      : { fr: ` par ${name} (délégation ${delegationId})`, en: ` by ${name} (delegation ${delegationId})` };
  }
  if (by?.keyId === undefined) return { fr: "", en: "" };
  return {
    fr: ` par un programme du cabinet (clé ${by.keyId})`,
    en: ` by a program of the firm (key ${by.keyId})`,
  };
}

/** "la signature (Zoé)", "le cachet du cabinet": in French no "de" stands before a name, since some want "d'". */
export function signatureOf(by: Ordered, about: About): Words {
  if ("seal" in by) return { fr: "le cachet du cabinet", en: "the firm's seal" };
  const name = person(about, by.signatoryId);
  return { fr: `la signature (${name})`, en: `the signature of ${name}` };
}

/** The documents that somebody was shown, each by its name and its SHA-256. */
export function shown(about: About, documents: readonly string[]): string[] {
  const all = about.after.documents;
  return documents.flatMap((sha256, i) => {
    const known = documents.length === all.length ? all[i] : undefined;
    const name = known === undefined ? undefined : documentName(about, known.id);
    return [...detail(about, "shown", name), ...detail(about, "sha256", sha256)];
  });
}

/** The same in one line, when it is all documents as they then were: each of those digests stands elsewhere. */
export function bound(about: About, documents: readonly string[]): string[] {
  const all = about.before.documents;
  const after = all[0]?.revisions ?? 0;
  const areAll =
    documents.length === all.length &&
    all.every(({ head, revisions }, i) => head === documents[i] && revisions === after);
  if (!areAll) return shown(about, documents);
  const when =
    about.language === "fr"
      ? after === 0
        ? "à l'origine"
        : `après la signature ${after}`
      : after === 0
        ? "at the start"
        : `after signature ${after}`;
  const [only, another] = all;
  if (only !== undefined && another === undefined)
    return detail(about, "document", `${documentName(about, only.id)}, ${when}`);
  const which = `${about.language === "fr" ? "les" : "all"} ${all.length}, ${when}`;
  return detail(about, "documents", which);
}

/** "1. Zoé, Yann ; 2. cachet du cabinet": a line each. */
export function stepLines(steps: readonly Step[], about: About, from = 0): string[] {
  return steps.flatMap((step, i) => {
    const who =
      "seal" in step
        ? about.language === "fr"
          ? `cachet du cabinet (n° ${sealKey(step, from + i)})`
          : `the firm's seal (no. ${sealKey(step, from + i)})`
        : step.signatories.map((id) => `${person(about, id)} (${id})`).join(", ");
    return [labelled(about, { fr: `Étape ${from + i + 1}`, en: `Step ${from + i + 1}` }, who)];
  });
}
