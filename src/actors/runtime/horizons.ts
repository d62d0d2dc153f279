import type { Instant } from "./ports.ts";

/**
 * The latest instant for which a message may be put back: its longest pause is 16 s. What is put back for longer was
 * put back before the clock was set back, and would else wait until the old time comes again.
 */
export function furthestMail(now: Instant): Instant {
  return now + 60_000;
}
