import type { z } from "zod";
import type { Command } from "../actors/collecte/commands.ts";
import { hasOwnSeal } from "../actors/collecte/drafts.ts";
import type { ByRight } from "../actors/collecte/plan.ts";
import type { By, Collecte } from "../actors/collecte/state.ts";
import type { FirmSettings, Right } from "../actors/runtime/ports.ts";
import type { NewCollecte } from "./collecte-schema.ts";
import type { LookedUp } from "./create-collecte.ts";
import { Problem } from "./problem.ts";
import type { FirmCaller } from "./route.ts";

/** Who orders an act, when, and of what. */
export interface Asked<B> {
  /** The id in the path that the act is about, besides the collecte's. */
  aboutId: string;
  body: B;
  by: By;
  /** Of a draft, by a delegation. */
  judged?: ByRight;
  at: number;
  /** The firm's, as far as the order may name it. */
  found: LookedUp;
  firmId: string;
  settings: FirmSettings;
}

export type ActType =
  | "revise"
  | "launch"
  | "reorder"
  | "replace"
  | "correct"
  | "remind"
  | "cancel"
  | "unlock"
  | "retry"
  | "fetched";

/** What may be ordered of a collecte that exists: on a route of its own, or in a list of commands. */
export interface Act<B = unknown> {
  /** Its name in a list. */
  type: ActType;
  method: "post" | "put" | "patch";
  /** Below `/v1/collectes/{id}`. */
  path: string;
  operationId: string;
  summary: string;
  /** Which other id stands in the path. */
  about?: "signatoryId" | "personId";
  /** The rights that it takes; the record keeps by which delegation the first is had. */
  rights(state: Pick<Collecte, "status" | "steps" | "currentStep">): readonly [Right, ...Right[]];
  /** What its body must be, where it has one. */
  body?: (country: string) => z.ZodType<B>;
  namesMember?: (body: B) => boolean;
  /** The plan that its body holds, where it holds a whole one. */
  planIn?: (body: B) => NewCollecte;
  /** Throws `not_found` when it names something that isn't the firm's, and `invalid_request` for a phone it may send no codes to. */
  command(asked: Asked<B>): Command;
}

/** An act whose body is known to itself alone; its schema is made once for each country. */
export function act<B>(described: Act<B>): Act {
  const { body } = described;
  const schemas = new Map<string, z.ZodType<B>>();
  const bodyOf = (country: string) => {
    const schema = schemas.get(country) ?? body?.(country);
    if (schema) schemas.set(country, schema);
    return schema;
  };
  return { ...described, ...(body && { body: bodyOf }) } as unknown as Act;
}

/** The whole plan that an order holds, if it does. */
export function plansIn(one: Act, body: unknown): NewCollecte[] {
  return one.planIn ? [one.planIn(body)] : [];
}

/** The path of an act on that collecte, about that person. */
export function addressOf({ method, path }: Act, collecteId: string, aboutId: string): string {
  const below = path.replace(/\{\w+\}/, () => aboutId);
  return `${method.toUpperCase()} /v1/collectes/${collecteId}${below}`;
}

/** By what right an order is done, and what for a delegation was judged. */
export type Judged = Pick<Asked<unknown>, "by" | "judged">;

/** Reads the collecte that an order is about, if the firm has it. */
export type ReadState = () => Promise<Collecte | undefined>;

/** How rights are looked up: `rightOf`, of a door and a caller. */
export type Ask = (right: Right, documentType?: string) => Promise<By>;

/**
 * By what right the caller orders this. Rights of members depend on the collecte, which is read for them alone. Throws
 * `right_missing`, or `not_found`.
 */
export async function actedBy(
  one: Act,
  body: unknown,
  { member }: Pick<FirmCaller, "member">,
  ask: Ask,
  read: ReadState,
): Promise<Judged> {
  if (!member) return { by: await ask("launch") };
  const state = await read();
  if (!state) throw new Problem("not_found");
  const [first, ...others] = one.rights(state);
  const by = await ask(first, state.documentType);
  for (const right of others) await ask(right, state.documentType);
  // Nor does anybody make what they may prepare into what they may not.
  for (const { documentType } of plansIn(one, body))
    if (documentType !== state.documentType) await ask(first, documentType);
  if (by.delegationId === undefined || state.status !== "draft") return { by };
  const type = state.documentType === undefined ? {} : { documentType: state.documentType };
  return { by, judged: { judgedFor: { ...type, sealsAtOnce: hasOwnSeal(state) } } };
}
