import type { CreateCollecte } from "../actors/collecte/commands.ts";
import type { Person, Step } from "../actors/collecte/state.ts";
import type { Firm, StoredDocument } from "../actors/runtime/ports.ts";
import type { NewCollecte } from "./collecte-schema.ts";
import type { Door } from "./door.ts";
import { type FieldError, Problem } from "./problem.ts";
import { type FieldCode, fieldCodes } from "./problems.ts";

/**
 * The command that makes a collecte of a checked request: documents and members are looked up in the firm,
 * signatories become `s1`, `s2`, … and copies `c1`, … Throws `not_found` with every id that isn't the firm's.
 */
export async function createCommand(
  door: Door,
  firm: Firm,
  body: NewCollecte,
  at: number,
): Promise<CreateCollecte> {
  const missing: FieldError[] = [];
  const [documents, people] = await Promise.all([
    documentsOf(door, firm, body, missing),
    peopleOf(door, firm, body, missing),
  ]);
  if (missing.length > 0) throw new Problem("not_found", { errors: missing });
  const { title, message } = body;
  return {
    type: "CreateCollecte",
    firmId: firm.id,
    language: body.language,
    documents: documents.map(({ id, sha256, bytes, pages }) => ({ id, sha256, bytes, pages })),
    steps: people.steps,
    copies: people.copies,
    members: people.members,
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

async function documentsOf(
  door: Door,
  firm: Firm,
  body: NewCollecte,
  missing: FieldError[],
): Promise<StoredDocument[]> {
  const found = await door.documents.find(firm.id, body.documents);
  const ids = new Set(found.map(({ id }) => id));
  body.documents.forEach((id, index) => {
    if (!ids.has(id)) missing.push(lost(`documents/${index}`, "document_unknown"));
  });
  return found;
}

interface People {
  steps: Step[];
  people: Record<string, Person>;
  members: Record<string, string>;
  copies: string[];
}

async function peopleOf(door: Door, firm: Firm, body: NewCollecte, missing: FieldError[]): Promise<People> {
  const found: People = { steps: [], people: {}, members: {}, copies: [] };
  let count = 0;
  const add = (person: { firstName: string; lastName: string; email: string; phone: string }): string => {
    count += 1;
    const { firstName, lastName, email, phone } = person;
    found.people[`s${count}`] = { name: `${firstName} ${lastName}`, firstName, lastName, email, phone };
    return `s${count}`;
  };
  for (const [index, step] of body.steps.entries()) {
    if ("seal" in step) found.steps.push({ seal: true });
    else if ("signatories" in step) found.steps.push({ signatories: step.signatories.map(add) });
    else {
      const member = await door.directory.member(firm.id, step.member);
      if (!member) {
        missing.push(lost(`steps/${index}/member`, "member_unknown"));
        continue;
      }
      const id = add(member);
      found.steps.push({ signatories: [id] });
      found.members[id] = member.id;
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
