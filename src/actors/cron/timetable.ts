import { codeOf } from "../runtime/errors.ts";
import type { Calendar, Clock, Instant, Log } from "../runtime/ports.ts";

/** Something that is done once in each slot of time, by one process. */
export interface Sweep {
  name: string;
  everyMs: number;
  run(now: Instant): Promise<unknown>;
}

export interface TimetableOptions {
  calendar: Calendar;
  sweeps: Sweep[];
  clock: Clock;
  log: Log;
  /** A fresh name for one turn of this process. */
  newHolder(): string;
  /** How long a slot stays with a process that died. */
  leaseMs: number;
  /** How often a slot is asked for that is not known to be done. */
  tickMs: number;
}

export interface Timetable {
  /** Begins no more sweeps and waits for those in hand. Twice is fine. */
  stop(): Promise<void>;
}

/**
 * Runs each sweep in each of its slots, at once and from then on, unless another process does. A sweep that fails is
 * run again, by whoever comes first, when its lease is over.
 */
export function startTimetable(options: TimetableOptions): Timetable {
  const stops = options.sweeps.map((sweep) => startSweep(sweep, options));
  return {
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

function startSweep(sweep: Sweep, options: TimetableOptions): () => Promise<void> {
  const { calendar, clock, log, leaseMs, tickMs } = options;
  const { name } = sweep;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let restsUntilAfter: number | undefined;
  let ticking: Promise<void> = tick();

  async function tick(): Promise<void> {
    const slot = Math.floor(clock.now() / sweep.everyMs);
    // Another slot is worth a question, an earlier one too: the clock may have been set back.
    if (slot !== restsUntilAfter) await ask(slot).catch(told);
    if (stopped) return;
    timer = setTimeout(() => {
      ticking = tick();
    }, tickMs).unref();
  }

  async function ask(slot: number): Promise<void> {
    const holder = options.newHolder();
    const now = clock.now();
    const turn = await calendar.take(name, slot, holder, now, now + leaseMs);
    if (turn === "yours") {
      await held(holder, () => sweep.run(now));
      await calendar.done(name, slot, holder);
    }
    if (turn !== "taken") restsUntilAfter = slot;
  }

  /** Runs the work, and meanwhile holds the slot for as long as this process is well. */
  async function held(holder: string, work: () => Promise<unknown>): Promise<void> {
    const beat = setInterval(() => {
      calendar.keep(name, holder, clock.now() + leaseMs).catch(told);
    }, leaseMs / 3).unref();
    try {
      await work();
    } finally {
      clearInterval(beat);
    }
  }

  function told(error: unknown): void {
    log.error({ kind: name, code: codeOf(error) }, "a sweep of the calendar failed");
  }

  return async () => {
    stopped = true;
    clearTimeout(timer);
    await ticking;
  };
}
