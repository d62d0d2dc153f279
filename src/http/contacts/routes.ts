import type { Request, Response } from "express";
import { canonicalJson } from "../../actors/runtime/canonical-json.ts";
import { idFrom } from "../../actors/runtime/ids.ts";
import type { Contact, ContactChange } from "../../actors/runtime/ports.ts";
import { digestOf } from "../../actors/runtime/secrets.ts";
import { importAnswer } from "../answers/imports.ts";
import { contactAnswer, contactPage } from "../answers/people.ts";
import { answeredKnown, demandedVersion, etagOf } from "../conditional.ts";
import type { Door } from "../door.ts";
import { idempotencyKey } from "../idempotency.ts";
import { iso } from "../instants.ts";
import { Problem } from "../problem.ts";
import { type FirmCaller, parameter, type Route } from "../route.ts";
import { checked } from "../validation.ts";
import { idForm } from "../words.ts";
import { byteOrderMark, csvHeader, csvRow } from "./csv.ts";
import { importContacts } from "./import.ts";
import { contactSchemas, contactsQuery, cursorAt, importQuery, languageQuery } from "./schema.ts";
import { templateBytes } from "./template.ts";

const contacts = "/v1/contacts";
const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const exportedAtOnce = 500;

/** A firm's address book. */
export function contactRoutes(door: Door): Route[] {
  const example = contactSchemas("FR");
  const one = "{id, firstName, lastName, email, phone?, company?, externalId?, language, notes?, …}";
  return [
    {
      method: "post",
      path: contacts,
      operationId: "addContact",
      summary: "Add a contact",
      access: "firm",
      scope: "contacts",
      body: example.created,
      answer: { status: 201, description: one, schema: contactAnswer, etag: true, location: true },
      handle: (request, response, caller) => add(door, request, response, caller),
    },
    {
      method: "get",
      path: contacts,
      operationId: "listContacts",
      summary: "List contacts by name; q is the beginning of a name, an e-mail, a company or a reference",
      access: "firm",
      scope: "contacts",
      query: contactsQuery,
      answer: { status: 200, description: "{items, nextCursor?}", schema: contactPage },
      handle: (request, response, caller) => list(door, request, response, caller),
    },
    {
      method: "post",
      path: `${contacts}/imports`,
      operationId: "importContacts",
      summary: "Check or import a spreadsheet: .xlsx, .xls, .ods or .csv",
      access: "firm",
      scope: "contacts",
      body: "spreadsheet",
      query: importQuery,
      answer: {
        status: 200,
        description: "{mode, applied, counts, rows, errors, mended, …}",
        schema: importAnswer,
      },
      handle: (request, response, caller) => importContacts(door, request, response, caller),
    },
    {
      method: "get",
      path: `${contacts}/template.xlsx`,
      operationId: "downloadContactsTemplate",
      summary: "Download the spreadsheet that imports are filled in",
      access: "firm",
      scope: "contacts",
      query: languageQuery,
      answer: { status: 200, description: "A spreadsheet", file: xlsx },
      handle: (request, response) => template(request, response),
    },
    {
      method: "get",
      path: `${contacts}.csv`,
      operationId: "exportContacts",
      summary: "Download all contacts",
      access: "firm",
      scope: "contacts",
      query: languageQuery,
      answer: { status: 200, description: "UTF-8 with a byte order mark, separated by ;", file: "text/csv" },
      handle: (request, response, caller) => exportAll(door, request, response, caller),
    },
    {
      method: "get",
      path: `${contacts}/{id}`,
      operationId: "readContact",
      summary: "Read a contact",
      access: "firm",
      scope: "contacts",
      answer: { status: 200, description: one, schema: contactAnswer, etag: "kept" },
      handle: (request, response, caller) => read(door, request, response, caller),
    },
    {
      method: "patch",
      path: `${contacts}/{id}`,
      operationId: "changeContact",
      summary: "Change a contact: null takes a value away",
      access: "firm",
      scope: "contacts",
      body: example.changed,
      ifMatch: true,
      answer: { status: 200, description: one, schema: contactAnswer, etag: true },
      handle: (request, response, caller) => change(door, request, response, caller),
    },
    {
      method: "delete",
      path: `${contacts}/{id}`,
      operationId: "deleteContact",
      summary: "Delete a contact; collectes that name the person stay as they are",
      access: "firm",
      scope: "contacts",
      ifMatch: true,
      answer: { status: 204, description: "It is deleted" },
      handle: (request, response, caller) => remove(door, request, response, caller),
    },
  ];
}

async function add(door: Door, request: Request, response: Response, { firm }: FirmCaller): Promise<void> {
  const key = idempotencyKey(request);
  const { phone, company, externalId, notes, ...named } = checked(
    contactSchemas(firm.country).created,
    request.body,
  );
  const more = {
    ...(phone !== undefined && { phone }),
    ...(company !== undefined && { company }),
    ...(externalId !== undefined && { externalId }),
    ...(notes !== undefined && { notes }),
  };
  const name = key === undefined ? undefined : nameOf(firm.id, key, request.body);
  const contact = changed(await door.contacts.add(firm.id, { ...named, ...more }, name));
  response.setHeader("Location", `${contacts}/${contact.id}`);
  response.status(201).set("ETag", etagOf(contact)).json(shown(contact));
}

function nameOf(firmId: string, key: string, body: unknown) {
  return { id: idFrom("new", firmId, key), fingerprint: digestOf(canonicalJson(body ?? null)) };
}

async function list(door: Door, request: Request, response: Response, { firm }: FirmCaller): Promise<void> {
  const { limit, cursor, q } = checked(contactsQuery, request.query);
  const query = { limit, ...(cursor && { after: cursor }), ...(q !== undefined && { prefix: q }) };
  const page = await door.contacts.page(firm.id, query);
  response.json({ items: page.contacts.map(shown), ...(page.next && { nextCursor: cursorAt(page.next) }) });
}

async function read(door: Door, request: Request, response: Response, { firm }: FirmCaller): Promise<void> {
  const id = parameter(request, "id");
  const contact = await found(door, firm.id, id);
  if (!answeredKnown(request, response, etagOf(contact))) response.json(shown(contact));
}

async function change(door: Door, request: Request, response: Response, { firm }: FirmCaller): Promise<void> {
  const id = parameter(request, "id");
  await found(door, firm.id, id);
  const given = checked(contactSchemas(firm.country).changed, request.body);
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const contact = changed(await door.contacts.change(firm.id, id, changes, demandedVersion(request)));
  response.set("ETag", etagOf(contact)).json(shown(contact));
}

async function remove(door: Door, request: Request, response: Response, { firm }: FirmCaller): Promise<void> {
  const id = parameter(request, "id");
  if (!idForm.test(id)) throw new Problem("not_found");
  const outcome = await door.contacts.remove(firm.id, id, demandedVersion(request));
  if (outcome !== "removed") throw new Problem(outcome);
  response.status(204).end();
}

async function template(request: Request, response: Response): Promise<void> {
  const { language } = checked(languageQuery, request.query);
  response
    .attachment("contacts.xlsx")
    .type(xlsx)
    .send(await templateBytes(language));
}

async function exportAll(
  door: Door,
  request: Request,
  response: Response,
  { firm }: FirmCaller,
): Promise<void> {
  const { language } = checked(languageQuery, request.query);
  let page = await door.contacts.page(firm.id, { limit: exportedAtOnce });
  response.attachment("contacts.csv").type("text/csv; charset=utf-8");
  response.write(byteOrderMark + csvHeader(language));
  for (;;) {
    response.write(page.contacts.map(csvRow).join(""));
    if (page.next === undefined || response.destroyed) break;
    page = await door.contacts.page(firm.id, { limit: exportedAtOnce, after: page.next });
  }
  response.end();
}

async function found(door: Door, firmId: string, id: string): Promise<Contact> {
  const [contact] = idForm.test(id) ? await door.contacts.find(firmId, [id]) : [];
  if (contact === undefined) throw new Problem("not_found");
  return contact;
}

function changed(change: ContactChange): Contact {
  if (change.ok) return change.contact;
  if (change.code !== "contact_exists") throw new Problem(change.code);
  throw new Problem("contact_exists", { headers: { Location: `${contacts}/${change.contactId}` } });
}

function shown({ firmId: _, createdAt, updatedAt, version, ...contact }: Contact) {
  return { ...contact, version, createdAt: iso(createdAt), updatedAt: iso(updatedAt) };
}
