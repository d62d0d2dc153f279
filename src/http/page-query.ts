import { z } from "zod";
import { fault } from "./validation.ts";

/** The longest place that we give holds a sort key of a contact. */
const mostCursorLength = 2_000;

/** What every query for a page has: how much of it, and where it begins, which is a place of this shape. */
export function pageQuery<T extends z.ZodType>(place: T) {
  return {
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: z
      .string()
      .max(mostCursorLength)
      .transform((text, context): z.output<T> => {
        const read = place.safeParse(decoded(text));
        if (read.success) return read.data;
        fault(context, "cursor_invalid");
        return z.NEVER;
      })
      .optional(),
  };
}

/** Where the next page begins, as an opaque word. */
export function cursorFor(place: object): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return undefined;
  }
}
