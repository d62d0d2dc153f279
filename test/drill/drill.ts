import { join } from "node:path";
import { createSigningPool } from "../../src/workers/pool.ts";
import { letter } from "../workers/letters.ts";
import { prepareGround } from "./ground.ts";
import type { Plan, Setting } from "./plan.ts";
import type { Plant } from "./plants.ts";
import { type RunReport, run } from "./run.ts";

export interface DrillOptions {
  settings: readonly Setting[];
  /** The plans, given the settings that this machine can play. */
  plans(possible: readonly Setting[]): Plan[];
  /** Runs beside one another: most of a run is waiting for leases to end. */
  atOnce: number;
  plant?: Plant | undefined;
  limitMs?: number;
  onRun?(report: RunReport): Promise<void>;
}

/** Plays all plans. */
export async function drill(options: DrillOptions): Promise<RunReport[]> {
  const ground = await prepareGround(options.atOnce, options.settings);
  const pool = createSigningPool({ threads: 1 });
  try {
    const pdf = await letter(false);
    const plans = options.plans(ground.settings).values();
    const reports: RunReport[] = [];
    await Promise.all(
      ground.lanes.map(async (lane) => {
        for (const plan of plans) {
          const folder = join(ground.folder, `run-${plan.seed}`);
          const { plant, limitMs } = options;
          const own = { lane, folder, letter: pdf, pool, plant, ...(limitMs !== undefined && { limitMs }) };
          const report = await run(plan, own);
          reports.push(report);
          await options.onRun?.(report);
        }
      }),
    );
    return reports;
  } finally {
    await pool.close();
    await ground.close();
  }
}
