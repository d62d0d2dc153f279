import type { Committer } from "./actors/runtime/committer.ts";
import type { Clock } from "./actors/runtime/ports.ts";
import type { Queues } from "./actors/runtime/queues/queues.ts";
import { within } from "./actors/runtime/within.ts";
import type { Health } from "./http/door.ts";
import type { Store } from "./store/store.ts";

/** Counts beyond this say no more than that something is wrong. */
const most = 10_000;
/** Anybody may ask: however many do, the store is counted once a second. */
const freshMs = 1_000;
/** A queue that takes longer to say how long it is counts as away. */
const queueMs = 500;

export interface HealthOptions {
  roles: readonly string[];
  store: Pick<Store, "kind" | "reads" | "timeWatch">;
  queues: Queues;
  committer: Pick<Committer, "waiting" | "capped">;
  effectKinds: readonly string[];
  clock: Clock;
}

/** How the engine is, in figures and never in names. A store that can't be read makes it fail. */
export function createHealth(options: HealthOptions): () => Promise<Health> {
  const { roles, store, queues, committer, effectKinds, clock } = options;
  let kept: { at: number; counts: Promise<object> } | undefined;

  async function count(): Promise<object> {
    const [mail, effects, isQueueThere, watched] = await Promise.all([
      store.reads.mailWaiting(most),
      store.reads.effectCounts([...effectKinds], most),
      isThere(),
      store.timeWatch.look(),
    ]);
    return { mail, effects, queueAway: !isQueueThere, purgesHeld: watched?.hold !== undefined };
  }

  async function isThere(): Promise<boolean> {
    return within(queueMs, () => queues.queue("due").counts()).catch(() => false);
  }

  function counts(): Promise<object> {
    const now = clock.now();
    if (!kept || Math.abs(now - kept.at) >= freshMs) {
      const counting = { at: now, counts: count() };
      counting.counts.catch(() => {
        if (kept === counting) kept = undefined;
      });
      kept = counting;
    }
    return kept.counts;
  }

  return async () => ({
    ok: true,
    roles,
    store: store.kind,
    queue: queues.kind,
    waiting: committer.waiting(),
    // Gateways that have had their day's fill: their work waits for the next day.
    capped: committer.capped(),
    ...(await counts()),
  });
}
