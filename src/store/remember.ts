import type { Clock, Instant } from "../actors/runtime/ports.ts";

/** How long what was read may be answered from memory: so late does a revocation by another process count. */
const freshMs = 5_000;
const mostKnown = 10_000;

/**
 * What was found is answered from memory for a few seconds, and never after `end` of it; what wasn't is looked up
 * each time. Those who ask while it is looked up get the same answer.
 */
export function remember<T>(
  clock: Clock,
  find: (id: string) => Promise<T | undefined>,
  end: (value: T) => Instant = () => Number.POSITIVE_INFINITY,
): (id: string) => Promise<T | undefined> {
  const known = new Map<string, { value: T; until: Instant }>();
  const asked = new Map<string, Promise<T | undefined>>();

  async function look(id: string): Promise<T | undefined> {
    const value = await find(id);
    if (value === undefined) known.delete(id);
    else {
      if (known.size >= mostKnown) known.clear();
      known.set(id, { value, until: Math.min(clock.now() + freshMs, end(value)) });
    }
    return value;
  }

  function begin(id: string): Promise<T | undefined> {
    const looking = look(id).finally(() => asked.delete(id));
    asked.set(id, looking);
    return looking;
  }

  return async (id) => {
    const kept = known.get(id);
    return kept && clock.now() < kept.until ? kept.value : (asked.get(id) ?? begin(id));
  };
}
