import type { StepFailure } from "../../actors/runtime/ports.ts";
import { PlaceholderError } from "../pdf/revision.ts";
import { failureOf } from "../task-failure.ts";

/** As `failureOf`; a token that does not fit says how much room it needs, for a revision made anew. */
export function stepFailure(error: unknown): StepFailure {
  if (!(error instanceof PlaceholderError)) return failureOf(error);
  return { ok: false, code: "token_too_large", tokenBytes: error.neededBytes };
}
