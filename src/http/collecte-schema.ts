import { z } from "zod";
import { padesLevels } from "../actors/collecte/levels.ts";
import { stamps } from "./stamp-schema.ts";
import { fault, strict } from "./validation.ts";
import { email, id, line, lines, phone } from "./words.ts";

export const maxDocuments = 50;
export const maxSteps = 50;
export const maxSignatoriesOfStep = 50;
/** Each signature or seal is a revision of every document, and a document may have come with 64. */
export const maxSignatures = 100;
const maxCopies = 100;

/** Somebody who is asked to sign. */
export function person(country: string) {
  return { firstName: line(100), lastName: line(100), email, phone: phone(country) };
}

/** Somebody of the firm's address book. */
const contact = strict({ contact: id, stamp: stamps.optional() });

/** By which somebody is known to stand twice; members are looked at by themselves. */
function emailsOf(people: ({ email: string } | { contact: string } | { member: string })[]) {
  return people.map((one) => {
    if ("email" in one) return one.email.toLowerCase();
    return "contact" in one ? one.contact : undefined;
  });
}

function step(country: string) {
  const stamp = stamps.optional();
  return z.union([
    strict({
      signatories: z
        .array(z.union([strict({ ...person(country), stamp }), strict({ member: id, stamp }), contact]))
        .min(1)
        .max(maxSignatoriesOfStep)
        .superRefine((signatories, context) => {
          const emails = emailsOf(signatories);
          const members = signatories.map((one) => ("member" in one ? one.member : undefined));
          for (const index of repeated(emails)) fault(context, "email_duplicate", [index, "email"]);
          for (const index of repeated(members)) fault(context, "member_duplicate", [index, "member"]);
        }),
    }),
    strict({ member: id, stamp }),
    contact,
    strict({ seal: z.literal(true), approver: id.optional(), stamp }),
  ]);
}

/** Scheduled reminders, in place of those that the firm has chosen; `most` of 0: none. */
const reminders = strict({
  everyDays: z.number().int().min(1).max(15),
  most: z.number().int().min(0).max(20),
});

function newCollecte(country: string) {
  return strict({
    title: line(200),
    message: lines(5_000).optional(),
    language: z.enum(["fr", "en"]).default("fr"),
    level: z.enum(padesLevels).optional(),
    documentType: line(100).optional(),
    reminders: reminders.optional(),
    documents: z
      .array(id)
      .min(1)
      .max(maxDocuments)
      .superRefine((ids, context) => {
        for (const index of repeated(ids)) fault(context, "document_duplicate", [index]);
      }),
    steps: z
      .array(step(country))
      .min(1)
      .max(maxSteps)
      .superRefine((steps, context) => {
        const count = steps.reduce(
          (sum, one) => sum + ("signatories" in one ? one.signatories.length : 1),
          0,
        );
        if (count > maxSignatures) fault(context, "too_long", []);
      }),
    copies: z
      .array(z.union([strict({ email, name: line(100).optional() }), strict({ contact: id })]))
      .max(maxCopies)
      .default([])
      .superRefine((copies, context) => {
        for (const index of repeated(emailsOf(copies))) {
          fault(context, "email_duplicate", [index, "email"]);
        }
      }),
  });
}

/** What `POST /v1/collectes` takes, once checked: addresses normalised, phones in E.164. */
export type NewCollecte = z.output<ReturnType<typeof newCollecte>>;

const schemas = new Map<string, ReturnType<typeof newCollecte>>();

/** The schema for a firm of that country: in it, national phone numbers are read. */
export function newCollecteSchema(country: string): ReturnType<typeof newCollecte> {
  let schema = schemas.get(country);
  if (!schema) {
    schema = newCollecte(country);
    schemas.set(country, schema);
  }
  return schema;
}

/** Places of the values that stood before. */
function repeated(values: (string | undefined)[]): number[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    if (value === undefined) return [];
    if (seen.has(value)) return [index];
    seen.add(value);
    return [];
  });
}
