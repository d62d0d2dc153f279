/** What stands in for Node's timers while a history is played. */
export interface Timers {
  soon(run: () => void): unknown;
  later(run: () => void, ms: number): unknown;
  cancel(handle: unknown): void;
}

/**
 * Node's own timers would let real time and other tests in. Whoever `work` awaits is woken by ticks and promises
 * alone, so nothing else of this process runs before the real timers are back.
 */
export async function withTimers<T>(timers: Timers, work: () => Promise<T>): Promise<T> {
  const { setImmediate, setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  Object.assign(globalThis, {
    setImmediate: (run: () => void) => timers.soon(run),
    setTimeout: (run: () => void, ms = 0) => unreferenced({ handle: timers.later(run, ms) }),
    clearTimeout: (timeout?: { handle: unknown }) => timers.cancel(timeout?.handle),
    ...intervalsOf(timers),
  });
  try {
    return await work();
  } finally {
    Object.assign(globalThis, { setImmediate, setTimeout, clearTimeout, setInterval, clearInterval });
  }
}

/** As Node's, `unref` answers with the timer itself, which is then cancelled by it. */
function unreferenced<T extends object>(timer: T): T & { unref(): T } {
  return Object.assign(timer, { unref: () => timer });
}

function intervalsOf(timers: Timers) {
  return {
    setInterval(run: () => void, ms: number) {
      const interval = unreferenced({ next: undefined as unknown });
      const turn = () => {
        interval.next = timers.later(turn, ms);
        run();
      };
      interval.next = timers.later(turn, ms);
      return interval;
    },
    clearInterval: (interval: { next: unknown }) => timers.cancel(interval.next),
  };
}
