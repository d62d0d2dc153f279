import type { EffectRunnerOptions } from "../runtime/effect-runner.ts";
import { Terminal } from "../runtime/errors.ts";

/** How the effects of one law are done, and what its actors are told of them. */
export type Acting = Pick<EffectRunnerOptions, "handlers" | "failureCommand" | "delayCommand">;

/** Joins laws that order effects of the same kinds: each effect is done as the law of its actor says. */
export function byActor(acting: Readonly<Record<string, Acting>>): Acting {
  const of = (actorKind: string): Acting => {
    const found = acting[actorKind];
    if (!found) throw new Terminal("unknown_actor_kind");
    return found;
  };
  const kinds = new Set(Object.values(acting).flatMap(({ handlers }) => Object.keys(handlers)));
  const handlers: Acting["handlers"] = {};
  for (const kind of kinds)
    handlers[kind] = async (effect) => {
      const handler = of(effect.row.actorKind).handlers[kind];
      if (!handler) throw new Terminal("unknown_effect_kind");
      return handler(effect);
    };
  return {
    handlers,
    failureCommand: (effect, code, at) => of(effect.row.actorKind).failureCommand(effect, code, at),
    delayCommand: (effect, error, at) => of(effect.row.actorKind).delayCommand?.(effect, error, at),
  };
}
