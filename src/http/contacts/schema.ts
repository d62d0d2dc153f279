import { z } from "zod";
import { cursorFor, pageQuery } from "../page-query.ts";
import { strict } from "../validation.ts";
import { email, id, line, lines, phone } from "../words.ts";

const languages = ["fr", "en"] as const;
const maxPrefix = 100;

/** Each field by itself; `phone` is read in that country when it is national. */
function fields(country: string) {
  return {
    firstName: line(100),
    lastName: line(100),
    email,
    phone: phone(country),
    company: line(200),
    externalId: line(100),
    language: z.enum(languages),
    notes: lines(2_000).min(1),
  };
}

function newContact(country: string) {
  const { firstName, lastName, language, ...rest } = fields(country);
  return strict({
    firstName,
    lastName,
    email: rest.email,
    phone: rest.phone.optional(),
    company: rest.company.optional(),
    externalId: rest.externalId.optional(),
    language: language.default("fr"),
    notes: rest.notes.optional(),
  });
}

function contactChanges(country: string) {
  const { firstName, lastName, language, ...rest } = fields(country);
  return strict({
    firstName: firstName.optional(),
    lastName: lastName.optional(),
    email: rest.email.optional(),
    phone: rest.phone.nullable().optional(),
    company: rest.company.nullable().optional(),
    externalId: rest.externalId.nullable().optional(),
    language: language.optional(),
    notes: rest.notes.nullable().optional(),
  });
}

/** What a row of a file may say, its phone and language set apart: they are read from cells. */
export const rowSchema = strict({
  firstName: line(100),
  lastName: line(100),
  email,
  company: line(200).optional(),
  externalId: line(100).optional(),
  notes: lines(2_000).optional(),
});

const schemas = new Map<
  string,
  { created: ReturnType<typeof newContact>; changed: ReturnType<typeof contactChanges> }
>();

/** The schemas for a firm of that country. */
export function contactSchemas(country: string) {
  let known = schemas.get(country);
  if (known === undefined) {
    known = { created: newContact(country), changed: contactChanges(country) };
    schemas.set(country, known);
  }
  return known;
}

/** PostgreSQL takes every character but this one. */
const withoutNul = /^[^\0]*$/;

const place = z.strictObject({ sortKey: z.string().regex(withoutNul), id });

/** The query of `GET /v1/contacts`. */
export const contactsQuery = strict({
  ...pageQuery(place),
  q: line(maxPrefix).optional(),
});

/** Where the next page begins, as an opaque word. */
export function cursorAt(next: { sortKey: string; id: string }): string {
  return cursorFor(next);
}

export const importQuery = strict({ mode: z.enum(["check", "all", "good"]).default("check") });
export const languageQuery = strict({ language: z.enum(languages).default("fr") });
