import type { Instant } from "./state.ts";

/**
 * The same day and hour that many months later, in UTC; the month's last day where it has no such day. So do the months
 * of French procedure end (Code de procédure civile, art. 641).
 */
export function monthsAfter(instant: Instant, months: number): Instant {
  const then = new Date(instant);
  const day = then.getUTCDate();
  then.setUTCDate(1);
  then.setUTCMonth(then.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(then.getUTCFullYear(), then.getUTCMonth() + 1, 0)).getUTCDate();
  then.setUTCDate(Math.min(day, lastDay));
  return then.getTime();
}
