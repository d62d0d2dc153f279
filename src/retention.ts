import type { Settings } from "../config/settings.ts";
import { sweepDueTimers } from "./actors/cron/due-timers.ts";
import { sweepRetention } from "./actors/cron/retention-sweep.ts";
import type { Sweep } from "./actors/cron/timetable.ts";
import { deliverEffect } from "./actors/effects/deliver.ts";
import { createDeliveryFolder } from "./actors/effects/delivery-folder.ts";
import type { createEffects, EffectHandlers } from "./actors/effects/effects.ts";
import { inDoubt } from "./actors/effects/in-doubt.ts";
import { forgetEffect, purgeEffect } from "./actors/effects/purge.ts";
import type { EvidenceFiles } from "./actors/runtime/ports.ts";
import { systemClock } from "./clock.ts";
import type { House } from "./house.ts";
import { joinObjectStores } from "./object-stores.ts";

const hourMs = 3_600_000;

/** What is done to documents and people after the end of a collecte. */
export function retentionEffects(house: House, evidence: EvidenceFiles): EffectHandlers {
  const { settings, store, clock, undo } = house;
  const { retention, blobs, directory } = store;
  const objectStores = joinObjectStores({ mayLoop: settings.mode === "test" });
  undo.push("object stores", async () => objectStores.close());
  const { deliveryFolder: base } = settings;
  const folder = base === undefined ? undefined : createDeliveryFolder(base);
  const deps = { retention, evidence, blobs, clock, isHeld: watching(house) };
  return {
    purge: purgeEffect(deps),
    forget: forgetEffect(deps),
    deliver: deliverEffect({ blobs, directory, objectStores, folder, clock }),
  };
}

/** Those that sign, where none ends its collecte by a clock in doubt. */
export function watchedSigning(
  house: House,
  { sign, seal }: ReturnType<typeof createEffects>,
): EffectHandlers {
  const isHeld = watching(house);
  return { sign: inDoubt(sign, isHeld), seal: inDoubt(seal, isHeld) };
}

/** How far the clock may leap, and how long it must then go steadily before anything is purged. */
export function watchRulesOf({ leapHours, steadyHours }: Settings["retention"]) {
  return { leapMs: leapHours * hourMs, steadyMs: steadyHours * hourMs };
}

/** Looks at the machine's own clock, since that of test mode is moved on purpose; answers whether it is in doubt. */
function watching({ settings, store, log }: House): () => Promise<boolean> {
  const { timeWatch } = store;
  const rules = watchRulesOf(settings.retention);
  return async () => {
    const before = (await timeWatch.look())?.hold;
    const hold = await timeWatch.beat(systemClock.now(), rules);
    if (hold && hold.since !== before?.since)
      log.error({ durationMs: hold.leapMs }, "the clock leapt: purges are held (collecte retention resume)");
    return hold !== undefined;
  };
}

/**
 * Orders what is due, and nothing while the clock is in doubt: an end can't be taken back, and a reminder that nobody was
 * to get yet would put the deadline off.
 */
export function watchedTimers(house: House): Sweep["run"] {
  const { store, runtime, laws } = house;
  const isHeld = watching(house);
  return async (now) => {
    if (await isHeld()) return;
    await sweepDueTimers({ reads: store.reads, mailbox: runtime.committer, laws }, now);
  };
}

/** What is left over, each hour. */
export function retentionSweep(house: House): Sweep {
  const { settings, store, clock, log } = house;
  const { retention, blobs } = store;
  const deps = { retention, blobs, clock, log, isHeld: watching(house), rules: settings.retention };
  return { name: "retention", everyMs: hourMs, run: (now) => sweepRetention(deps, now) };
}
