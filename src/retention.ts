import { resolve } from "node:path";
import type { Settings } from "../config/settings.ts";
import { irrevocable, sweepDueTimers } from "./actors/cron/due-timers.ts";
import { sweepRetention } from "./actors/cron/retention-sweep.ts";
import { startTimetable } from "./actors/cron/timetable.ts";
import { deliverEffect } from "./actors/effects/deliver.ts";
import { createDeliveryFolder } from "./actors/effects/delivery-folder.ts";
import type { EffectHandlers } from "./actors/effects/effects.ts";
import { forgetEffect, purgeEffect } from "./actors/effects/purge.ts";
import { newId } from "./actors/runtime/ids.ts";
import type { Laws } from "./actors/runtime/laws.ts";
import type { Clock, Log, Mailbox } from "./actors/runtime/ports.ts";
import { systemClock } from "./clock.ts";
import { joinObjectStores } from "./object-stores.ts";
import type { Stopping } from "./stopping.ts";
import type { Store } from "./store/store.ts";

const hourMs = 3_600_000;
const timers = { everyMs: 60_000, leaseMs: 20_000, tickMs: 1_000 };
const sweepsMs = 2_000;

interface Parts {
  settings: Pick<Settings, "retention" | "deliveryFolder" | "mode">;
  store: Pick<Store, "reads" | "calendar" | "directory" | "blobs" | "retention" | "timeWatch">;
  clock: Clock;
  log: Log;
  undo: Stopping;
}

/** What is done to documents and people after the end of a collecte. */
export function retentionEffects({ settings, store, clock, undo }: Parts): EffectHandlers {
  const { retention, blobs, timeWatch: watch, directory } = store;
  const objectStores = joinObjectStores({ mayLoop: settings.mode === "test" });
  undo.push("object stores", async () => objectStores.close());
  const { deliveryFolder: base } = settings;
  const folder = base === undefined ? undefined : createDeliveryFolder(resolve(base));
  const deps = { retention, blobs, watch, clock };
  return {
    purge: purgeEffect(deps),
    forget: forgetEffect(deps),
    deliver: deliverEffect({ blobs, directory, objectStores, folder, clock }),
  };
}

/** How far the clock may leap, and how long it must then go steadily before anything is purged. */
export function watchRulesOf({ leapHours, steadyHours }: Settings["retention"]) {
  return { leapMs: leapHours * hourMs, steadyMs: steadyHours * hourMs };
}

/** The sweeps of the calendar: what is due each minute, what is left over each hour. */
export function startCalendar(parts: Parts & { mailbox: Mailbox; laws: Laws }): void {
  const { settings, store, clock, log, undo, mailbox, laws } = parts;
  const { reads, calendar, retention, blobs, timeWatch: watch } = store;
  const rules = watchRulesOf(settings.retention);

  async function runTimers(now: number): Promise<void> {
    // By the machine's own clock: that of test mode is moved on purpose.
    const before = (await watch.look())?.hold;
    const hold = await watch.beat(systemClock.now(), rules);
    if (hold && hold.since !== before?.since)
      log.error({ durationMs: hold.leapMs }, "the clock leapt: purges are held (collecte retention resume)");
    await sweepDueTimers({ reads, mailbox, laws }, now, hold ? irrevocable : new Set());
  }

  const deps = { retention, blobs, watch, clock, log, rules: settings.retention };
  const timetable = startTimetable({
    calendar,
    sweeps: [
      { name: "timers", everyMs: timers.everyMs, run: runTimers },
      { name: "retention", everyMs: hourMs, run: (now) => sweepRetention(deps, now) },
    ],
    clock,
    log,
    newHolder: () => newId("run", clock.now()),
    leaseMs: timers.leaseMs,
    tickMs: timers.tickMs,
  });
  undo.push("calendar", () => timetable.stop(), sweepsMs);
}
