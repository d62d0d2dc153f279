import type { AnyDecider } from "./laws.ts";
import type { ActorRow, AwaitedAct, Changes } from "./ports.ts";

/** What waits for members of one actor. */
export type Awaiting = readonly AwaitedAct[];

const nothing: Awaiting = [];

export function awaitingOf(law: AnyDecider, state: unknown): Awaiting {
  return law.awaitedOf?.(state) ?? nothing;
}

/**
 * Notes what members' lists have to learn of an actor that moved: only what changed, so that an actor that waits for no
 * member costs no write.
 */
export function noteAwaited(
  changes: Pick<Changes, "awaited" | "unawaited">,
  { id: actorId, firmId, updatedAt: since }: ActorRow,
  old: Awaiting,
  wanted: Awaiting,
): void {
  for (const one of wanted)
    if (!old.some((other) => isSame(one, other))) changes.awaited.push({ ...one, actorId, firmId, since });
  for (const { act, key } of old)
    if (!wanted.some((one) => one.act === act && one.key === key))
      changes.unawaited.push({ actorId, act, key });
}

function isSame(one: AwaitedAct, other: AwaitedAct): boolean {
  return (
    one.act === other.act &&
    one.key === other.key &&
    one.memberId === other.memberId &&
    one.dueAt === other.dueAt &&
    one.documentType === other.documentType
  );
}
