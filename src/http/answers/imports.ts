import { z } from "zod";
import { count, text } from "./words.ts";

const place = { row: count, field: text };

/** What became of each row of a spreadsheet, and all that is wrong with those that are bad. */
export const importAnswer = z
  .object({
    mode: z.enum(["check", "all", "good"]),
    applied: z.boolean(),
    format: z.enum(["xlsx", "ods", "xls", "csv"]),
    name: text.optional().meta({ description: "The sheet's" }),
    encoding: text.optional().meta({ description: "How a csv was read" }),
    separator: text.optional(),
    columns: z.array(z.object({ header: text, field: text })),
    ignoredColumns: z.array(text),
    counts: z.object({
      rows: count,
      good: count,
      bad: count,
      created: count,
      updated: count,
      unchanged: count,
      commented: count,
    }),
    rows: z.array(
      z.object({
        row: count,
        outcome: z.enum(["created", "updated", "unchanged", "bad"]),
        contactId: text.optional(),
      }),
    ),
    errors: z.array(
      z.object({
        ...place,
        code: text,
        detail: text,
        value: text.optional().meta({ description: "What the cell holds" }),
        ofRow: count.optional().meta({ description: "The row above that is the same person" }),
        contacts: z.array(text).optional().meta({ description: "Whom the row may mean" }),
      }),
    ),
    mended: z.array(z.object({ ...place, from: text, to: text })),
  })
  .meta({ id: "ContactsImport" });
