import type { CreateCollecte } from "../actors/collecte/commands.ts";
import type { PadesLevel } from "../actors/collecte/levels.ts";
import type { By, Terms } from "../actors/collecte/state.ts";
import type { Contact, FirmSettings, Member, StoredDocument } from "../actors/runtime/ports.ts";
import { contactsNamed, type PeopledCollecte, withContacts } from "./collecte-contacts.ts";
import { Cast } from "./collecte-people.ts";
import type { NewCollecte } from "./collecte-schema.ts";
import type { Door } from "./door.ts";
import { type FieldError, fieldError } from "./field-errors.ts";
import { countryFaults } from "./phone-countries.ts";
import { StampPlan } from "./plan-stamps.ts";
import { Problem } from "./problem.ts";

/** What collectes to be made speak of, as far as it is the firm's, by id. */
export interface LookedUp {
  documents: ReadonlyMap<string, StoredDocument>;
  members: ReadonlyMap<string, Member>;
  contacts: ReadonlyMap<string, Contact>;
  /** Of those that ask for none. */
  level: PadesLevel;
}

/**
 * Looks up all that these collectes speak of, in one read of documents, of members and of contacts each. `needsMembers`:
 * something else speaks of members too.
 */
export async function lookUp(
  door: Pick<Door, "documents" | "directory" | "contacts" | "settings">,
  firmId: string,
  collectes: NewCollecte[],
  needsMembers = false,
): Promise<LookedUp> {
  const ids = [...new Set(collectes.flatMap((collecte) => collecte.documents))];
  const hasMembers = needsMembers || collectes.some(({ steps }) => steps.some(namesMember));
  const named = contactsNamed(collectes);
  const [documents, members, contacts] = await Promise.all([
    ids.length > 0 ? door.documents.find(firmId, ids) : [],
    hasMembers ? door.directory.members(firmId) : [],
    named.length > 0 ? door.contacts.find(firmId, named) : [],
  ]);
  return {
    documents: new Map(documents.map((document) => [document.id, document])),
    members: new Map(members.map((member) => [member.id, member])),
    contacts: new Map(contacts.map((contact) => [contact.id, contact])),
    level: door.settings.level,
  };
}

function namesMember(step: NewCollecte["steps"][number]): boolean {
  if ("signatories" in step) return step.signatories.some((one) => "member" in one);
  return "member" in step || ("seal" in step && step.approver !== undefined);
}

/** Who orders it, and when. */
export interface Ordering {
  firmId: string;
  /** What the firm has chosen for all its collectes; what is so now stays so for this one. */
  settings: FirmSettings;
  by: By;
  at: number;
}

/** The command that makes a collecte of a checked request. Throws `not_found` with every id that isn't the firm's. */
export function createCommand(
  { firmId, settings, by, at }: Ordering,
  asked: NewCollecte,
  found: LookedUp,
): CreateCollecte {
  const { body, missing, faults } = withContacts(asked, found.contacts);
  const documents = documentsOf(body, found, missing);
  const plan = new StampPlan(documents);
  const people = new Cast(found.members, missing, plan).read(body);
  if (missing.length > 0) throw new Problem("not_found", { errors: missing });
  faults.push(...plan.faults, ...countryFaults(body, found.members, settings));
  if (faults.length > 0) throw new Problem("invalid_request", { errors: faults });
  const { title, message, documentType } = body;
  const terms = termsOf(body, settings);
  return {
    type: "CreateCollecte",
    firmId,
    language: body.language,
    documents: documents.map(({ id, sha256, bytes, pages, repairedFrom }) => ({
      id,
      sha256,
      bytes,
      pages,
      ...(repairedFrom !== undefined && { repairedFrom }),
    })),
    steps: people.steps,
    ...(plan.stamps.length > 0 && { stamps: plan.stamps }),
    copies: people.copies,
    members: people.members,
    level: body.level ?? found.level,
    ...(documentType !== undefined && { documentType }),
    ...(terms && { terms }),
    by,
    at,
    personal: {
      title,
      ...(message && { message }),
      people: people.people,
      documentNames: Object.fromEntries(
        documents.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name]])),
      ),
    },
  };
}

function documentsOf(body: PeopledCollecte, found: LookedUp, missing: FieldError[]): StoredDocument[] {
  return body.documents.flatMap((id, index) => {
    const document = found.documents.get(id);
    if (!document) missing.push(fieldError(`documents/${index}`, "document_unknown"));
    return document ?? [];
  });
}

function termsOf(body: PeopledCollecte, settings: FirmSettings): Terms | undefined {
  const { reflectionMinutes = 0, evidenceYears, draftDays, delivery, fetches } = settings;
  const reminders = body.reminders ?? settings.reminders;
  const terms: Terms = {
    ...(reflectionMinutes > 0 && { reflectionMs: reflectionMinutes * 60_000 }),
    ...(reminders && reminders.most > 0 && { reminders }),
    ...(evidenceYears !== undefined && { evidenceYears }),
    ...(draftDays !== undefined && { draftDays }),
    ...(delivery ? { delivery: "pushed" as const } : fetches && { delivery: "fetched" as const }),
  };
  return Object.keys(terms).length === 0 ? undefined : terms;
}
