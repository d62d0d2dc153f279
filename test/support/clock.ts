import type { Clock, Instant } from "../../src/actors/runtime/ports.ts";

/** A clock that moves only when it is told to. */
export interface TestClock extends Clock {
  advance(ms: number): void;
  set(instant: Instant): void;
}

/** Stands at `start`: 30 November 2026, 09:00 UTC, unless said. */
export function stoppedClock(start: Instant = Date.UTC(2026, 10, 30, 9)): TestClock {
  let now = start;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
    set(instant) {
      now = instant;
    },
  };
}
