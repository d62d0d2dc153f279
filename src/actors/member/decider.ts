import type { MemberCommand } from "./commands.ts";
import { decide } from "./decide.ts";
import { effectsOf } from "./effects.ts";
import { evolve } from "./evolve.ts";
import { nothing } from "./state.ts";

/** Everything that the runtime needs of this law. */
export const memberDecider = {
  kind: "member",
  nothing,
  decide,
  evolve,
  effectsOf,
  timersOf: (): { name: string; dueAt: number }[] => [],
  onTimer,
} as const;

/** It has no timers, so none is ever due. */
function onTimer(name: string): MemberCommand {
  throw new Error(`a member has no timer ${name}`);
}
