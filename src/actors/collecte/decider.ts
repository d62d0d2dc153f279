import { awaitedOf } from "./awaited.ts";
import type { Command } from "./commands.ts";
import { decide } from "./decide.ts";
import { effectsOf, type TimerName, timersOf } from "./effects.ts";
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
  needs,
  awaitedOf,
} as const;

/** A document may be purged with another collecte while this one is being made. */
function needs(command: Command): string[] {
  const names = command.type === "CreateCollecte" || command.type === "ReviseDraft";
  return names ? command.documents.map(({ sha256 }) => sha256) : [];
}

/** The command that a due timer stands for. */
function onTimer(name: string, at: Instant): Command {
  switch (name as TimerName) {
    case "draft":
      return { type: "AbandonDraft", at };
    case "expiry":
      return { type: "ExpireCollecte", at };
    case "reminder":
      return { type: "RemindSignatories", scheduled: true, at };
    case "purge_warning":
      return { type: "AnnouncePurge", at };
    case "purge":
      return { type: "PurgeCollecte", at };
    case "forget":
      return { type: "ForgetPeople", at };
    default:
      throw new Error(`a collecte has no timer ${name}`);
  }
}
