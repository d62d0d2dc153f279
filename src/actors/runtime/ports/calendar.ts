import type { Instant } from "../ports.ts";

/** What a process that asked for a slot may do: run it, wait for who runs it, or rest until the next one. */
export type Turn = "yours" | "taken" | "done";

/**
 * Which sweeps were run, over all processes: of each sweep each slot once, and one slot at a time. Slots are numbered
 * by the clock. Who takes one holds it until `until`; after that anybody may take it.
 */
export interface Calendar {
  /**
   * Asks for a slot under a name of one's own, new each time. A lease that ends later than any lease may, and a slot
   * that was done further in the future than clocks differ, are from before the clock was set back: they bar nobody.
   */
  take(sweep: string, slot: number, holder: string, now: Instant, until: Instant): Promise<Turn>;
  /** Holds it longer; false when somebody else has it by now. */
  keep(sweep: string, holder: string, until: Instant): Promise<boolean>;
  /** Says that the slot was run. Changes nothing when somebody else has it by now. */
  done(sweep: string, slot: number, holder: string): Promise<void>;
}

/** By how much the clock of test mode is ahead of the machine's, for all processes. */
export interface MovedClock {
  aheadMs(): Promise<number>;
  /** Answers by how much it is ahead then. */
  advance(ms: number): Promise<number>;
}

/** So many slots ahead of one's own a slot may have been done by a process whose clock is ahead. */
export const slotsAhead = 2;
