import { z } from "zod";
import { padesLevels } from "../../actors/collecte/levels.ts";

/*
 * What answers are made of. Unlike bodies of requests they may gain fields: a client must not mind those that it
 * doesn't know. The tests of the door mind every one.
 */

export const text = z.string();
export const count = z.number().int();
export const time = z.iso.datetime();
export const digest = z.string().regex(/^[0-9a-f]{64}$/);
export const level = z.enum(padesLevels);
export const language = z.enum(["fr", "en"]);
export const state = z.enum(["draft", "launched", "completed", "refused", "expired", "cancelled", "purged"]);

/** Who ordered something: a program by its key, a member, or a member by another's delegation. */
export const by = z
  .object({ keyId: text, memberId: text, delegationId: text })
  .partial()
  .meta({ description: "Who ordered it: a key, a member, a delegation that the member acted by" });

/** A list that is not paged. */
export function items<T extends z.ZodType>(one: T) {
  return z.object({ items: z.array(one) });
}

/** A page of a list. */
export function page<T extends z.ZodType>(one: T) {
  return z.object({ items: z.array(one), nextCursor: text.optional() });
}
