import { dayMs } from "./numbers.ts";
import { awaitedNow, type Collecte, type Instant } from "./state.ts";
import { deadlineOf } from "./turn.ts";

/** When the calendar is to remind those whose turn it is; undefined: never again. */
export function nextReminderAt(state: Collecte): Instant | undefined {
  const plan = state.terms?.reminders;
  if (!plan || (state.reminded?.scheduled ?? 0) >= plan.most) return undefined;
  const awaited = awaitedNow(state);
  if (awaited.length === 0) return undefined;
  const asked = awaited.map((id) => (state.signatories[id]?.invitedAt ?? state.sealAwaitedAt) as Instant);
  const next = Math.max(...asked, state.reminded?.at ?? 0) + plan.everyDays * dayMs;
  return next < deadlineOf(state) ? next : undefined;
}
