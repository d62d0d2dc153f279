import { z } from "zod";
import { padesLevels } from "../actors/collecte/levels.ts";

/* What answers are made of. A field that is not described here may come to an answer later: who reads one passes it over. */

/** ISO 8601 in UTC. */
export const time = z.iso.datetime();
export const word = z.string();
export const whole = z.number().int();
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const language = z.enum(["fr", "en"]);
export const level = z.enum(padesLevels);

/** Who ordered something. */
export const by = z.object({
  keyId: word.optional(),
  memberId: word.optional(),
  delegationId: word.optional(),
});

/** A page of a list; without `nextCursor` it is the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: word.optional() });
}

/** A whole list. */
export function allOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item) });
}

/** A code that is on its way to a phone. */
export const sentCode = z.object({ otpId: word, expiresAt: time, phoneEnd: word });

const box = z.object({ left: z.number(), bottom: z.number(), width: z.number(), height: z.number() });

/** Where a signature shows. */
export const shownStamps = z.array(
  z.union([z.object({ document: word, page: whole, box }), z.object({ document: word, field: word })]),
);
