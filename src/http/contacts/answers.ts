import { z } from "zod";
import { language, pageOf, time, whole, word } from "../answer-words.ts";

export const contactAnswer = z.object({
  id: word,
  firstName: word,
  lastName: word,
  email: word,
  phone: word.optional(),
  company: word.optional(),
  externalId: word.optional(),
  language,
  notes: word.optional(),
  version: whole,
  createdAt: time,
  updatedAt: time,
});

export const contactsAnswer = pageOf(contactAnswer);

/** What became of each row of an import, and all that is wrong with the others. */
export const importAnswer = z.object({
  mode: z.enum(["check", "all", "good"]),
  applied: z.boolean(),
  format: z.enum(["xlsx", "ods", "xls", "csv"]),
  name: word.optional(),
  encoding: word.optional(),
  separator: word.optional(),
  columns: z.array(z.object({ header: word, field: word })),
  ignoredColumns: z.array(word),
  counts: z.object({
    rows: whole,
    good: whole,
    bad: whole,
    created: whole,
    updated: whole,
    unchanged: whole,
    commented: whole,
  }),
  rows: z.array(
    z.object({
      row: whole,
      outcome: z.enum(["created", "updated", "unchanged", "bad"]),
      contactId: word.optional(),
    }),
  ),
  errors: z.array(
    z.object({
      row: whole,
      field: word,
      code: word,
      value: word.optional(),
      detail: word,
      /** The row above that is the same person. */
      ofRow: whole.optional(),
      /** Whom the row may mean. */
      contacts: z.array(word).optional(),
    }),
  ),
  mended: z.array(z.object({ row: whole, field: word, from: word, to: word })),
});
