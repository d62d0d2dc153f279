import { hasCodeArrived } from "../actors/collecte/preparer.ts";
import { purgeAt } from "../actors/collecte/retention.ts";
import type { Collecte, Instant } from "../actors/collecte/state.ts";
import { iso } from "./instants.ts";

/** What the preparer is to do; each names the act that mends it. */
type Todo = "correct_email" | "correct_phone" | "replace" | "unlock" | "retry" | "fetch" | "tell_operator";

interface Shown {
  what: "unreachable" | "locked" | "signing_failed" | "upkeep_failed" | "purge_near";
  todo: Todo;
  /** Whom it is about. */
  person?: string;
  name?: string;
  [fact: string]: unknown;
}

/** All that waits for the preparer: who can't be reached or go on, what could not be made, what will be gone. */
export function shownTasks(state: Collecte): { tasks?: Shown[] } {
  const tasks = [...unreachable(state), ...locked(state), ...failed(state), ...leaving(state)];
  return tasks.length === 0 ? {} : { tasks };
}

function unreachable(state: Collecte): Shown[] {
  return Object.values(state.tasks ?? {}).map(({ personId, channel, notice, code, at }) => ({
    what: "unreachable",
    todo: unreachableTodo(state, personId, channel),
    ...who(state, personId),
    channel,
    notice,
    code,
    at: iso(at),
  }));
}

/** A phone that a code may have reached can't be corrected any more, and nothing of a member who is to sign. */
function unreachableTodo(state: Collecte, personId: string, channel: "mail" | "sms"): Todo {
  const signatory = state.signatories[personId];
  if (signatory?.memberId !== undefined && signatory.status !== "signed") return "replace";
  if (channel === "mail") return "correct_email";
  return signatory && hasCodeArrived(state, signatory) ? "replace" : "correct_phone";
}

function locked(state: Collecte): Shown[] {
  if (state.status !== "launched") return [];
  return Object.values(state.signatories)
    .filter((signatory) => signatory.locked && signatory.status !== "signed")
    .map(({ id }) => ({ what: "locked", todo: "unlock", ...who(state, id) }));
}

function failed({ trouble, upkeep = {} }: Collecte): Shown[] {
  const signing: Shown[] = trouble
    ? [{ what: "signing_failed", todo: "retry", code: trouble.code, at: iso(trouble.at) }]
    : [];
  return [
    ...signing,
    ...Object.entries(upkeep).map(
      ([of, { code, at }]): Shown => ({
        what: "upkeep_failed",
        todo: of === "deliver" ? "fetch" : "tell_operator",
        of,
        code,
        at: iso(at),
      }),
    ),
  ];
}

function leaving(state: Collecte): Shown[] {
  const purge: Instant | undefined = purgeAt(state);
  if (state.purgeAnnouncedAt === undefined || state.deliveredAt !== undefined || purge === undefined)
    return [];
  return [{ what: "purge_near", todo: "fetch", purgeAt: iso(purge) }];
}

function who({ personal }: Collecte, personId: string) {
  return { person: personId, name: personal.people[personId]?.name ?? "" };
}
