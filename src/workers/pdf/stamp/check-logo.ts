import type { StepFailure } from "../../../actors/runtime/ports.ts";
import { failureOf } from "../../task-failure.ts";
import { readLogo } from "./logo.ts";

/** Whether a stamp could show this image. Never throws. */
export function checkLogo(image: Uint8Array): { ok: true } | StepFailure {
  try {
    readLogo(image);
    return { ok: true };
  } catch (error) {
    return failureOf(error);
  }
}
