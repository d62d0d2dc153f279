import type { Instant } from "./ports.ts";

/*
 * How far ahead an instant may lie that the engine itself wrote. What lies further ahead was written before the clock
 * was set back, and would else wait until the old time comes again.
 */

/** The longest that a gateway may ask us to wait; what we choose ourselves is shorter. */
export const longestPauseMs = 3_600_000;

/** No lease is longer, however often it is prolonged. */
export const longestLeaseMs = 600_000;

/** Between the clocks of two processes. */
const skewMs = 60_000;

/** Of a message that was put back: its longest pause is 16 s. */
export function furthestMail(now: Instant): Instant {
  return now + skewMs;
}

/** Of the end of a lease. */
export function furthestLease(now: Instant): Instant {
  return now + longestLeaseMs + skewMs;
}

/** Of an effect that waits. */
export function furthestEffect(now: Instant): Instant {
  return now + longestPauseMs + skewMs;
}
