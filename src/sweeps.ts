import { startTimetable } from "./actors/cron/timetable.ts";
import { newId } from "./actors/runtime/ids.ts";
import type { House } from "./house.ts";
import { tsaOf } from "./levels.ts";
import { headsSweep } from "./proofs.ts";
import { retentionSweep, watchedTimers } from "./retention.ts";

const timers = { everyMs: 60_000, forgetMs: 3_600_000, leaseMs: 20_000, tickMs: 1_000 };
/** How long what runs may take to end. */
const stopMs = 2_000;

/** What the calendar has done, over all processes of the store once each time. */
export function startCalendar(house: House): void {
  const { store, clock, log, undo } = house;
  const { calendar } = store;
  const timetable = startTimetable({
    calendar,
    sweeps: [
      { name: "timers", everyMs: timers.everyMs, run: watchedTimers(house) },
      { name: "sms", everyMs: timers.forgetMs, run: store.sms.forget },
      retentionSweep(house),
      headsSweep(store, tsaOf(house).tsa),
    ],
    clock,
    log,
    newHolder: () => newId("run", clock.now()),
    leaseMs: timers.leaseMs,
    tickMs: timers.tickMs,
  });
  undo.push("calendar", () => timetable.stop(), stopMs);
}
