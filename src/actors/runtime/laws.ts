import { Terminal } from "./errors.ts";
import type { Decider } from "./ports.ts";

// biome-ignore lint/suspicious/noExplicitAny: the runtime carries states, commands and events of any law unread.
export type AnyDecider = Decider<any, any, any>;

/** The laws that the runtime knows, by kind of actor. */
export type Laws = ReadonlyMap<string, AnyDecider>;

export function lawsOf(...deciders: AnyDecider[]): Laws {
  return new Map(deciders.map((decider) => [decider.kind, decider]));
}

/** Throws `Terminal("unknown_actor_kind")`. */
export function lawFor(laws: Laws, kind: string): AnyDecider {
  const law = laws.get(kind);
  if (!law) throw new Terminal("unknown_actor_kind");
  return law;
}
