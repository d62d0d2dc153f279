import { codeOf } from "./actors/runtime/errors.ts";
import type { Log } from "./actors/runtime/ports.ts";
import { within } from "./actors/runtime/within.ts";

/** Past the end of its patience a stop still closes what can be closed at once. */
const leastMs = 200;

/** What a stop undoes, in the reverse of its order. */
export interface Stopping {
  /** `step` may be left behind after `mostMs`, or when the patience of the whole stop is over. */
  push(name: string, step: () => Promise<unknown> | unknown, mostMs?: number): void;
  /** Never throws and takes no longer than it may. Twice is fine. */
  stop(): Promise<void>;
}

/**
 * Stops within `patienceMs`, whoever is slow: what is left behind is durable, or has a lease that runs out. A step that
 * fails or is late keeps none of the others from being taken.
 */
export function createStopping(log: Log, patienceMs: number): Stopping {
  const steps: { name: string; step: () => Promise<unknown> | unknown; mostMs: number }[] = [];
  let stopped: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    const end = performance.now() + patienceMs;
    for (const { name, step, mostMs } of steps.reverse()) {
      const left = Math.max(leastMs, end - performance.now());
      const isDone = await within(Math.min(left, mostMs), async () => {
        await step();
      }).catch((error: unknown) => {
        log.error({ kind: name, code: codeOf(error) }, "a part of the engine did not stop well");
        return true;
      });
      if (!isDone) log.warn({ kind: name }, "a part of the engine was left behind");
    }
  }

  return {
    push(name, step, mostMs = patienceMs) {
      steps.push({ name, step, mostMs });
    },
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
  };
}
