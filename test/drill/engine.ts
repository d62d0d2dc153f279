import { readSettings } from "../../config/settings.ts";
import type { Around } from "../../src/around.ts";
import { startEngine } from "../../src/main.ts";
import { createFailpoints, type Told } from "./failpoints.ts";
import { lying, type Plant } from "./plants.ts";
import { type Failpoint, failpointOf } from "./points.ts";

/*
 * The engine as `collecte serve` runs it, with a failpoint before and after each call of a port. Its parent arms them
 * by messages; by hand, FAILPOINT=name:nth[:kill|stop|throw] does. DRILL_LEASE_MS may be shorter than any setting.
 */

/** What the parent may say: arm this point, or none. */
export interface Arming {
  arm: Failpoint | null;
}

const { FAILPOINT, DRILL_LEASE_MS, DRILL_PLANT } = process.env;
const failpoints = createFailpoints((told: Told) => process.send?.(told));
const lie = lying(DRILL_PLANT as Plant | undefined);
const around: Around = (name, port) => failpoints.around(name, lie(name, port));

if (FAILPOINT !== undefined) failpoints.arm(failpointOf(FAILPOINT));
process.on("message", ({ arm }: Arming) => failpoints.arm(arm ?? undefined));
// An engine whose drill is over would listen for ever; and nobody waits for it on account of this channel.
process.once("disconnect", () => process.exit(1));
process.channel?.unref();

const settings = readSettings(process.env);
const engine = await startEngine(
  { ...settings, ...(DRILL_LEASE_MS !== undefined && { leaseMs: Number(DRILL_LEASE_MS) }) },
  { smtpUrl: settings.smtpUrl ?? "", smsUrl: settings.smsUrl ?? "" },
  around,
);
process.stdout.write(`listens on ${engine.url}\n`);
process.once("SIGTERM", () => {
  engine.stop().catch(() => process.exit(1));
});
