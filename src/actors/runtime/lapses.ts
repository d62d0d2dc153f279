import type { Instant } from "./ports.ts";

/** After so many lapses in a row an effect is a suspect no more but a culprit: it is never begun again by itself. */
export const mostLapses = 5;

const longestWaitMs = 5 * 60_000;

export interface Lease {
  /** How many of its leases ran out since an act on it last came to an end. */
  lapses: number;
  /** Whether it was prolonged, and so certainly in somebody's hand. */
  isBegun: boolean;
  leaseUntil: Instant;
  dueAt: Instant;
}

/**
 * What becomes of an effect whose lease is taken away. The first lapse only makes it a suspect, since hints that are
 * lost let leases lapse by the hundred. From then on its lease is prolonged before each act, so that a further lapse
 * is known to be that of an act: each counts, and is waited for longer.
 */
export function released(
  { lapses, isBegun, leaseUntil, dueAt }: Lease,
  now: Instant,
): { lapses: number; dueAt: Instant } {
  const hasRunOut = leaseUntil <= now;
  if (!hasRunOut || (lapses > 0 && !isBegun)) return { lapses, dueAt };
  const count = lapses + 1;
  if (count === 1) return { lapses: count, dueAt };
  return { lapses: count, dueAt: now + Math.min(longestWaitMs, 1000 * 2 ** count) };
}
