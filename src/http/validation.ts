import { z } from "zod";
import { distance } from "../../config/distance.ts";
import { type FieldCode, type FieldError, fieldCodes } from "./field-errors.ts";
import { Problem } from "./problem.ts";

type Issue = z.core.$ZodIssue;

/** How many unknown fields of one object are told: a body of thousands must not cost us their answer. */
const maxUnknown = 20;

/** How many faults are told at once: a body full of them must not be answered with a hundred times its size. */
const maxFaults = 100;

/** Checks a value from outside. Throws `invalid_request` with every fault of every field, up to a hundred. */
export function checked<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Problem("invalid_request", {
    errors: result.error.issues.slice(0, maxFaults).flatMap(fieldErrors).slice(0, maxFaults),
  });
}

/** An object that takes these fields only; another one is refused with the nearest name. */
export function strict<T extends z.ZodRawShape>(shape: T) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? (issue["keys"] as string[])
            .slice(0, maxUnknown)
            .map((key) => unknownField(key, known))
            .join("\n")
        : undefined,
  });
}

interface Refining {
  addIssue(issue: {
    code: "custom";
    path: (string | number)[];
    message: string;
    params: { code: FieldCode };
  }): void;
}

/** For refinements: an issue with one of our field codes; `path` starts at the refined value. */
export function fault(context: Refining, code: FieldCode, path: (string | number)[] = []): void {
  context.addIssue({ code: "custom", path, message: fieldCodes[code], params: { code } });
}

function fieldErrors(issue: Issue): FieldError[] {
  const field = issue.path.map(String).join("/");
  switch (issue.code) {
    case "unrecognized_keys": {
      const details = issue.message.split("\n");
      return issue.keys.slice(0, maxUnknown).map((key, i) => ({
        field: [...issue.path, key].map(String).join("/"),
        code: "unknown_field",
        detail: details[i] ?? fieldCodes.unknown_field,
      }));
    }
    case "invalid_union":
      if (issue.inclusive !== false && issue.discriminator !== undefined) {
        const detail = `One of: ${(issue.options ?? []).map(String).join(", ")}.`;
        return [{ field, code: "wrong_value", detail }];
      }
      return nearest(issue.errors).flatMap((inner) =>
        fieldErrors({ ...inner, path: [...issue.path, ...inner.path] }),
      );
    default:
      return [{ field, ...explained(issue) }];
  }
}

function explained(issue: Issue): { code: FieldCode; detail: string } {
  switch (issue.code) {
    case "invalid_type":
      // zod says "received undefined" in the message only; the engine's own input has no undefined inside JSON.
      return issue.message.endsWith("received undefined")
        ? { code: "required", detail: fieldCodes.required }
        : { code: "wrong_type", detail: `A value of type ${issue.expected} must stand here.` };
    case "too_small":
      return { code: "too_short", detail: `At least ${issue.minimum} ${unit(issue.origin)}.` };
    case "too_big":
      return { code: "too_long", detail: `At most ${issue.maximum} ${unit(issue.origin)}.` };
    case "invalid_value":
      return { code: "wrong_value", detail: `One of: ${issue.values.map(String).join(", ")}.` };
    case "custom": {
      const code = issue.params?.["code"] as FieldCode | undefined;
      return { code: code ?? "bad_format", detail: issue.message };
    }
    default:
      return { code: "bad_format", detail: fieldCodes.bad_format };
  }
}

function unit(origin: string): string {
  if (origin === "string") return "characters";
  return origin === "array" ? "entries" : "as a number";
}

/** Of the shapes that a value may have, the one that it was meant to have: that which needs the least mending. */
function nearest(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  let best: readonly Issue[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const branch of branches) {
    const distance = branch.reduce((sum, issue) => sum + weight(issue), 0);
    if (distance < least) {
      least = distance;
      best = branch;
    }
  }
  return best;
}

function weight(issue: Issue): number {
  if (issue.code === "unrecognized_keys") return 1_000 * issue.keys.length;
  return issue.path.length <= 1 ? 100 : 1;
}

function unknownField(key: string, known: string[]): string {
  const near = known.map((name) => ({ name, far: farness(key, name) })).sort((a, b) => a.far - b.far)[0];
  return near && near.far <= Math.max(1, Math.floor(near.name.length / 3))
    ? `Unknown field; did you mean ${near.name}?`
    : `Unknown field. Known here: ${known.join(", ")}.`;
}

/** In any case of letters; words above 40 characters are far from everything. */
function farness(key: string, name: string): number {
  return key.length > 40 ? key.length : distance(key.toLowerCase(), name.toLowerCase());
}
