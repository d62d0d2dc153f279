import { z } from "zod";
import type { Act, ActType } from "./act.ts";
import { acts } from "./acts.ts";
import { type NewCollecte, newCollecteSchema } from "./collecte-schema.ts";
import { keyForm } from "./idempotency.ts";
import { strict } from "./validation.ts";
import { id } from "./words.ts";

const maxCommands = 100;

const itemKey = z.string().min(1).max(255).regex(keyForm).meta({
  description:
    "As the Idempotency-Key on the route for one such command. Absent: derived from that of the request and the place in the list.",
});

const ifVersion = z.number().int().min(0).optional().meta({
  description: "As If-Match on the route: it is done only if the collecte has that version still.",
});

/** An order about a collecte that exists: the ids of its route, and the body that the route takes. */
function listed({ type, about, body }: Act, country: string) {
  return strict({
    type: z.literal(type),
    key: itemKey.optional(),
    collecteId: id,
    ...(about && { [about]: id }),
    ifVersion,
    ...(body && { body: body(country) }),
  });
}

function command(country: string) {
  return z.discriminatedUnion("type", [
    strict({
      type: z.literal("create"),
      key: itemKey.optional(),
      collecte: newCollecteSchema(country),
    }),
    ...acts.map((act) => listed(act, country)),
  ]) as unknown as z.ZodType<Order>;
}

/** One command of `POST /v1/commands`, once checked. */
export type Order =
  | { type: "create"; key?: string; collecte: NewCollecte }
  | {
      type: ActType;
      key?: string;
      collecteId: string;
      signatoryId?: string;
      personId?: string;
      ifVersion?: number;
      body?: unknown;
    };

const schemas = new Map<string, ReturnType<typeof command>>();

/** The schema of one command of a firm of that country. */
export function commandSchema(country: string): ReturnType<typeof command> {
  let schema = schemas.get(country);
  if (!schema) {
    schema = command(country);
    schemas.set(country, schema);
  }
  return schema;
}

/** The list, whose items are checked one by one, since each is decided on its own. */
export const commandList = strict({ commands: z.array(z.unknown()).min(1).max(maxCommands) });

/** The same with its items, for the description. */
export const describedList = strict({ commands: z.array(commandSchema("FR")).min(1).max(maxCommands) });

const done = {
  status: z.literal("done"),
  collecteId: z.string(),
  version: z.number().int(),
};
const refused = {
  status: z.literal("refused"),
  collecteId: z.string().optional(),
  problem: z.looseObject({ code: z.string(), status: z.number().int() }),
};
const failed = { ...refused, status: z.literal("failed") };
const accepted = { status: z.literal("accepted"), collecteId: z.string() };
const place = { index: z.number().int(), key: z.string().optional() };

/** The answer of `POST /v1/commands`. */
export const describedResults = z.object({
  results: z.array(
    z.discriminatedUnion("status", [
      z.object({ ...place, commandId: z.string(), ...done }),
      z.object({ ...place, commandId: z.string().optional(), ...refused }),
      z.object({ ...place, commandId: z.string(), ...failed }),
      z.object({ ...place, commandId: z.string(), ...accepted }),
    ]),
  ),
});

/** The answer of `GET /v1/commands/{id}`. */
export const describedOutcome = z.discriminatedUnion("status", [
  z.object({ id: z.string(), ...done }),
  z.object({ id: z.string(), ...refused }),
  z.object({ id: z.string(), ...accepted }),
]);
