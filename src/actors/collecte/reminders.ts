import { dayMs } from "./numbers.ts";
import { awaitedNow, type Collecte, type Instant } from "./state.ts";

/** When the calendar is to remind those whose turn it is; undefined: never again. */
export function nextReminderAt(state: Collecte): Instant | undefined {
  const plan = state.terms?.reminders;
  if (!plan || (state.reminded?.scheduled ?? 0) >= plan.most) return undefined;
  const awaited = awaitedNow(state);
  if (awaited.length === 0) return undefined;
  const invited = awaited.map((id) => state.signatories[id]?.invitedAt ?? state.launchedAt ?? 0);
  const next = Math.max(...invited, state.reminded?.at ?? 0) + plan.everyDays * dayMs;
  return next < (state.expiresAt ?? 0) ? next : undefined;
}
