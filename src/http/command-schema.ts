import { z } from "zod";
import { newCollecteSchema } from "./collecte-schema.ts";
import { keyForm } from "./idempotency.ts";
import { strict } from "./validation.ts";
import { id } from "./words.ts";

export const maxCommands = 100;

const itemKey = z.string().min(1).max(255).regex(keyForm).meta({
  description:
    "As the Idempotency-Key on the route for one such command. Absent: derived from that of the request and the place in the list.",
});

function command(country: string) {
  return z.discriminatedUnion("type", [
    strict({
      type: z.literal("create"),
      key: itemKey.optional(),
      collecte: newCollecteSchema(country),
    }),
    strict({
      type: z.literal("launch"),
      key: itemKey.optional(),
      collecteId: id,
    }),
  ]);
}

/** One command of `POST /v1/commands`, once checked. */
export type Order = z.output<ReturnType<typeof command>>;

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
