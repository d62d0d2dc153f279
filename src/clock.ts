import type { Clock, Instant, MovedClock } from "./actors/runtime/ports.ts";

export const systemClock: Clock = { now: () => Date.now() };

/** So late may another process learn that the clock was moved. */
const followMs = 500;

/** A clock that can be set ahead, never back: that of test mode. */
export interface TestClock extends Clock {
  /** Takes the time from where it is kept, and keeps up with other processes from then on. */
  follow(kept: MovedClock): Promise<void>;
  /** Lets so much time pass at once; answers what time it is then. */
  advance(ms: number): Promise<Instant>;
  stop(): void;
}

export function createTestClock(machine: Clock = systemClock): TestClock {
  let aheadMs = 0;
  let kept: MovedClock | undefined;
  let following: NodeJS.Timeout | undefined;
  const now = () => machine.now() + aheadMs;
  const learn = (ms: number) => {
    aheadMs = Math.max(aheadMs, ms);
  };
  return {
    now,
    async follow(from) {
      kept = from;
      learn(await from.aheadMs());
      following = setInterval(() => {
        from.aheadMs().then(learn, () => undefined);
      }, followMs).unref();
    },
    async advance(ms) {
      if (!kept) throw new Error("a clock is moved once it is kept");
      learn(await kept.advance(ms));
      return now();
    },
    stop: () => clearInterval(following),
  };
}
