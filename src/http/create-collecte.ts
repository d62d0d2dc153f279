import type { CreateCollecte } from "../actors/collecte/commands.ts";
import type { PadesLevel } from "../actors/collecte/levels.ts";
import type { Person, Step } from "../actors/collecte/state.ts";
import type { Contact, FirmSettings, Member, StoredDocument } from "../actors/runtime/ports.ts";
import { contactsNamed, type PeopledCollecte, withContacts } from "./collecte-contacts.ts";
import type { NewCollecte } from "./collecte-schema.ts";
import type { Door } from "./door.ts";
import { countryFaults } from "./phone-countries.ts";
import { StampPlan } from "./plan-stamps.ts";
import { type FieldError, Problem } from "./problem.ts";
import { type FieldCode, fieldCodes } from "./problems.ts";

/** What collectes to be made speak of, as far as it is the firm's, by id. */
export interface LookedUp {
  documents: ReadonlyMap<string, StoredDocument>;
  members: ReadonlyMap<string, Member>;
  contacts: ReadonlyMap<string, Contact>;
  /** Of those that ask for none. */
  level: PadesLevel;
  firmSettings: FirmSettings;
}

/** Looks up all that these collectes speak of, in one read of documents, of members and of contacts each. */
export async function lookUp(
  door: Pick<Door, "documents" | "directory" | "contacts" | "settings">,
  firmId: string,
  collectes: NewCollecte[],
): Promise<LookedUp> {
  const ids = [...new Set(collectes.flatMap((collecte) => collecte.documents))];
  const hasMembers = collectes.some(({ steps }) => steps.some((step) => "member" in step));
  const named = contactsNamed(collectes);
  const [documents, members, contacts, firm] = await Promise.all([
    ids.length > 0 ? door.documents.find(firmId, ids) : [],
    hasMembers ? door.directory.members(firmId) : [],
    named.length > 0 ? door.contacts.find(firmId, named) : [],
    door.directory.firm(firmId),
  ]);
  return {
    documents: new Map(documents.map((document) => [document.id, document])),
    members: new Map(members.map((member) => [member.id, member])),
    contacts: new Map(contacts.map((contact) => [contact.id, contact])),
    level: door.settings.level,
    firmSettings: firm?.settings ?? {},
  };
}

/**
 * The command that makes a collecte of a checked request: signatories become `s1`, `s2`, … and copies `c1`, …
 * Throws `not_found` with every id that isn't the firm's.
 */
export function createCommand(
  firmId: string,
  asked: NewCollecte,
  found: LookedUp,
  at: number,
): CreateCollecte {
  const { body, missing, faults } = withContacts(asked, found.contacts);
  const documents = documentsOf(body, found, missing);
  const plan = new StampPlan(documents);
  const people = peopleOf(body, found, missing, plan);
  if (missing.length > 0) throw new Problem("not_found", { errors: missing });
  faults.push(...plan.faults, ...countryFaults(body, found));
  if (faults.length > 0) throw new Problem("invalid_request", { errors: faults });
  const { title, message } = body;
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
    if (!document) missing.push(lost(`documents/${index}`, "document_unknown"));
    return document ?? [];
  });
}

interface People {
  steps: Step[];
  people: Record<string, Person>;
  members: Record<string, string>;
  copies: string[];
}

function peopleOf(
  body: PeopledCollecte,
  { members }: LookedUp,
  missing: FieldError[],
  plan: StampPlan,
): People {
  const found: People = { steps: [], people: {}, members: {}, copies: [] };
  let count = 0;
  const add = (person: { firstName: string; lastName: string; email: string; phone: string }): string => {
    count += 1;
    const { firstName, lastName, email, phone } = person;
    found.people[`s${count}`] = { name: `${firstName} ${lastName}`, firstName, lastName, email, phone };
    return `s${count}`;
  };
  for (const [index, step] of body.steps.entries()) {
    const at = `steps/${index}`;
    if ("seal" in step) {
      found.steps.push({ seal: true });
      plan.add({ seal: index }, step.stamp, at);
    } else if ("signatories" in step) {
      const signatories = step.signatories.map(add);
      found.steps.push({ signatories });
      for (const [i, { stamp }] of step.signatories.entries()) {
        plan.add({ signatoryId: signatories[i] ?? "" }, stamp, `${at}/signatories/${i}`);
      }
    } else {
      const member = members.get(step.member);
      if (!member) {
        missing.push(lost(`steps/${index}/member`, "member_unknown"));
        continue;
      }
      const id = add(member);
      found.steps.push({ signatories: [id] });
      found.members[id] = member.id;
      plan.add({ signatoryId: id }, step.stamp, at);
    }
  }
  body.copies.forEach(({ email, name }, index) => {
    const id = `c${index + 1}`;
    found.people[id] = { name: name ?? email, email };
    found.copies.push(id);
  });
  return found;
}

function lost(field: string, code: FieldCode): FieldError {
  return { field, code, detail: fieldCodes[code] };
}
