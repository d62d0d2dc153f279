import type { ParapheurCommand } from "./commands.ts";
import { decide } from "./decide.ts";
import type { ParapheurEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { nothing } from "./state.ts";

/** What must happen in the outside world: the acts of a round go to their collectes. */
export interface ParapheurEffect {
  kind: "parapheur";
  round: number;
}

/** Everything that the runtime needs of this law. */
export const parapheurDecider = {
  kind: "parapheur",
  nothing,
  decide,
  evolve,
  effectsOf: (event: ParapheurEvent): ParapheurEffect[] =>
    event.type === "RoundOrdered" ? [{ kind: "parapheur", round: event.round }] : [],
  timersOf: (): { name: string; dueAt: number }[] => [],
  onTimer,
} as const;

/** It has no timers, so none is ever due. */
function onTimer(name: string): ParapheurCommand {
  throw new Error(`a session has no timer ${name}`);
}
