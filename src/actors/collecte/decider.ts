import type { Command } from "./commands.ts";
import { decide } from "./decide.ts";
import { effectsOf, timersOf } from "./effects.ts";
import { evolve } from "./evolve.ts";
import { type Instant, nothing } from "./state.ts";

/** Everything that the runtime needs of this law. */
export const collecteDecider = {
  kind: "collecte",
  nothing,
  decide,
  evolve,
  effectsOf,
  timersOf,
  onTimer,
} as const;

/** The command that a due timer stands for. */
function onTimer(_name: string, at: Instant): Command {
  return { type: "ExpireCollecte", at };
}
