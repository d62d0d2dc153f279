import type { Committer } from "./committer.ts";
import { codeOf } from "./errors.ts";
import { longestLeaseMs } from "./horizons.ts";
import type { Log } from "./ports.ts";

/** The leases of what this process has in hand. */
export interface Leases {
  /** Prolongs this lease again and again until the answer is called. */
  keep(lease: { id: string; attempts: number }): () => void;
}

export interface LeasesOptions {
  committer: Pick<Committer, "renew">;
  log: Log;
  leaseMs: number;
}

/**
 * One timer for all that is in hand: every third of a lease it prolongs them together, so that an act may last longer than
 * a lease and nobody else does it meanwhile. After `longestLeaseMs` an act is given up: it hangs, and others may try.
 */
export function createLeases({ committer, log, leaseMs }: LeasesOptions): Leases {
  const kept = new Map<string, { id: string; attempts: number; turns: number }>();
  const everyMs = leaseMs / 3;
  const mostTurns = (longestLeaseMs - leaseMs) / everyMs;
  let timer: NodeJS.Timeout | undefined;

  function wait(): void {
    if (timer !== undefined) return;
    timer = setTimeout(renew, everyMs);
    // An act that hangs is no reason for the process to stay.
    timer.unref();
  }

  async function renew(): Promise<void> {
    timer = undefined;
    // In turns and not by the clock: one that jumps ahead says nothing of how long an act has lasted.
    const leases = [...kept.values()].filter(({ turns }) => turns < mostTurns);
    for (const lease of leases) lease.turns += 1;
    try {
      if (leases.length > 0) await committer.renew(leases);
    } catch (error) {
      log.warn({ code: codeOf(error), leases: leases.length }, "leases not prolonged");
    }
    if (kept.size > 0) wait();
  }

  return {
    keep({ id, attempts }) {
      kept.set(id, { id, attempts, turns: 0 });
      wait();
      return () => {
        kept.delete(id);
        if (kept.size > 0 || timer === undefined) return;
        clearTimeout(timer);
        timer = undefined;
      };
    },
  };
}
