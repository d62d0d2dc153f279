import type { Caps } from "./claiming.ts";
import type { CommitterOptions } from "./committer.ts";
import { codeOf, VersionConflict } from "./errors.ts";
import { type Entry, type Lease, type Renewal, transact, type Work } from "./group.ts";
import type { MailGauge } from "./mail-gauge.ts";
import type { Message, Outcome } from "./ports.ts";
import type { Settlement } from "./settlement.ts";

const conflictTries = 10;
/** What another transaction held is asked for again after a pause that doubles up to the longest. */
const shortestPauseMs = 5;
const longestPauseMs = 320;

/** The transactions of one connection, one after the other. */
export interface Lane {
  submit(message: Message | undefined, settlement?: Settlement): Promise<Outcome | undefined>;
  renew(leases: Lease[]): Promise<void>;
  wake(part: number): void;
  poke(): void;
  waiting(): number;
  hold(): void;
  stop(): Promise<void>;
}

export function createLane(
  options: CommitterOptions,
  { caps, gauge }: { caps: Caps; gauge: MailGauge },
  number: number,
): Lane {
  const { journal, decides = true, leases = true } = options;
  let entries: Entry[] = [];
  let renewals: Renewal[] = [];
  let parts = new Set<number>();
  let looks = new Set<string>();
  let poked = false;
  let running: Promise<void> | undefined;
  let stopping = false;
  let pauseMs = shortestPauseMs;
  let again: NodeJS.Timeout | undefined;
  const missed = { parts: new Set<number>(), isSweep: false };
  const throttles = new Map<string, NodeJS.Timeout>();
  const claims = () => leases && !stopping;
  const hasWork = () =>
    entries.length > 0 || renewals.length > 0 || parts.size > 0 || (!stopping && (poked || looks.size > 0));

  function submit(message: Message | undefined, settlement?: Settlement): Promise<Outcome | undefined> {
    return new Promise((resolve, reject) => {
      entries.push({ message, settlement, resolve, reject });
      start();
    });
  }

  function start(): void {
    running ??= run().finally(() => {
      running = undefined;
      if (hasWork()) start();
    });
  }

  async function run(): Promise<void> {
    // Everything that the current turn of the event loop brings belongs to the first group.
    await new Promise(setImmediate);
    while (hasWork()) {
      const group = entries.slice(0, options.groupLimit);
      entries = entries.slice(options.groupLimit);
      // Leases are prolonged before all that waits: behind a long queue they would run out.
      const work = { group, renewals, wakes: [...parts], isSweep: poked, looks: [...looks] };
      renewals = [];
      parts = new Set();
      looks = new Set();
      poked = false;
      await commit(work);
    }
  }

  /** Comes back for what another transaction held; who holds a part does not see the mail that was parked meanwhile. */
  function comeBack(busy: number[], isSweep: boolean): void {
    if (busy.length === 0 && !isSweep) {
      pauseMs = shortestPauseMs;
      return;
    }
    for (const part of busy) missed.parts.add(part);
    missed.isSweep ||= isSweep;
    if (again || stopping) return;
    again = setTimeout(() => {
      again = undefined;
      for (const part of missed.parts) parts.add(part);
      poked ||= missed.isSweep;
      missed.parts.clear();
      missed.isSweep = false;
      start();
    }, pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }

  /** Looks again at kinds whose rate is used up, when there is leave for more; nobody else would soon. */
  function throttle(kinds: ReadonlyMap<string, number>): void {
    for (const [kind, afterMs] of kinds) {
      if (stopping || throttles.has(kind)) continue;
      const look = () => {
        throttles.delete(kind);
        looks.add(kind);
        start();
      };
      throttles.set(kind, setTimeout(look, afterMs));
    }
  }

  async function commit(work: Work): Promise<void> {
    const { group } = work;
    try {
      const { answers, changes, behind, busy, parked, claiming } = await attempt(work);
      gauge.moved(changes);
      for (const renewal of work.renewals) renewal.resolve();
      for (const [i, entry] of group.entries()) {
        const answer = answers[i];
        if (answer instanceof Error) entry.reject(answer);
        else entry.resolve(answer);
      }
      if (!stopping) for (const part of behind) parts.add(part);
      if (claiming.claimed.length > 0) options.handOn(claiming.claimed);
      if (parked.size > 0 && (stopping || !decides)) options.onParked?.([...parked]);
      if (changes.effects.length > 0 && !leases) options.onOrdered?.();
      caps.note(claiming.buckets);
      throttle(claiming.throttled);
      comeBack(busy, claiming.isMissed);
    } catch (error) {
      options.log.error({ code: codeOf(error), count: group.length }, "a group was not committed");
      for (const entry of [...group, ...work.renewals]) entry.reject(error);
    }
  }

  async function attempt(work: Work) {
    for (let tries = 1; ; tries++) {
      try {
        return await journal.transaction((tx) => transact(tx, options, work, { gauge, claims }), number);
      } catch (error) {
        if (!(error instanceof VersionConflict) || tries === conflictTries) throw error;
      }
    }
  }

  return {
    submit,
    renew: (leases) =>
      new Promise((resolve, reject) => {
        renewals.push({ leases, resolve, reject });
        start();
      }),
    wake(part) {
      if (!decides) return;
      parts.add(part);
      start();
    },
    poke() {
      if (!leases) return;
      poked = true;
      if (!stopping) start();
    },
    waiting: () => entries.length,
    hold() {
      stopping = true;
    },
    async stop() {
      stopping = true;
      poked = false;
      clearTimeout(again);
      for (const timer of throttles.values()) clearTimeout(timer);
      while (running !== undefined) await running;
    },
  };
}
