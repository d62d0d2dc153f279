import { z } from "zod";
import type { Event } from "../../actors/collecte/events.ts";
import { shownFields, shownPersonal } from "../history-view.ts";
import { by, count, digest, level, text, time } from "./words.ts";

const ids = z.array(text);
const steps = z.array(
  z.union([
    z.object({
      seal: z.literal(true),
      key: count.optional(),
      approver: z.object({ id: text, memberId: text }).optional(),
    }),
    z.object({ signatories: ids }),
  ]),
);
const newDocuments = z.array(
  z.object({ id: text, sha256: digest, bytes: count, pages: count, repairedFrom: digest.optional() }),
);
const signedDocuments = z.array(
  z.object({
    id: text,
    before: digest,
    after: digest,
    bytes: count,
    certificate: z.object({ sha256: digest, serialHex: text }),
  }),
);
const terms = z
  .object({
    reflectionMs: count,
    reminders: z.object({ everyDays: count, most: count }),
    evidenceYears: count,
    draftDays: count,
    delivery: z.enum(["pushed", "fetched"]),
  })
  .partial();
const signer = z.union([z.object({ signatoryId: text }), z.object({ seal: count })]);

/** What a field holds, in whichever event it stands; an id or a word, where it isn't here. */
const fields: Readonly<Record<string, z.ZodType>> = {
  by,
  level,
  steps,
  terms,
  documents: ids,
  reminded: ids,
  scheduled: z.boolean(),
  step: count,
  bytes: count,
  removed: count,
  kept: count,
  sha256: digest,
  expiresAt: time,
  purgeAt: time,
  channel: z.enum(["mail", "sms"]),
  act: z.enum(["read", "downloaded"]),
  how: z.enum(["pushed", "fetched"]),
  person: z.object({ name: text, firstName: text, lastName: text, email: text, phone: text }).partial(),
};

/** Of the events that have another thing by the same name. */
const others: Partial<Record<Event["type"], Readonly<Record<string, z.ZodType>>>> = {
  CollecteCreated: { documents: newDocuments },
  DraftRevised: { documents: newDocuments },
  SignatureApplied: { documents: signedDocuments },
  SealApplied: { documents: signedDocuments },
  SigningFailed: { by: signer },
  SigningDelayed: { by: signer },
};

/** One of the record's events. What is said about people is gone once they are forgotten: no field is sure to be there. */
function eventOf(type: Event["type"]) {
  const shown = [...shownFields[type], ...(shownPersonal[type] ?? [])];
  const shape = shown.map((name) => [name, (others[type]?.[name] ?? fields[name] ?? text).optional()]);
  return z.object({ at: time, type: z.literal(type), ...Object.fromEntries(shape) });
}

const [first, ...more] = (Object.keys(shownFields) as Event["type"][]).map(eventOf);
if (first === undefined) throw new Error("no event is shown");

export const historyEvent = z.discriminatedUnion("type", [first, ...more]).meta({ id: "HistoryEvent" });
