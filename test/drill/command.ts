import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { drill } from "./drill.ts";
import { planOf, type Setting, usualRun } from "./plan.ts";
import { type Plant, plants } from "./plants.ts";
import { isClean, totalOf } from "./report.ts";

/*
 * `npm run crash-drill -- [--runs N] [--seed S] [--at-once K] [--setting NAME] [--plant NAME] [--json]`: N runs (20),
 * from seed S on (1). Ends with 1 when anything was lost, doubled or reordered; the log of such a run is in .work/drill/.
 */

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    "at-once": { type: "string", default: "3" },
    setting: { type: "string" },
    plant: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const [runs, seed, atOnce] = [values.runs, values.seed, values["at-once"]].map((text) => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${text} is no whole number`);
  return Number(text);
}) as [number, number, number];
const settings =
  values.setting === undefined ? usualRun.settings : [oneOf<Setting>(values.setting, usualRun.settings)];
const plant = values.plant === undefined ? undefined : oneOf<Plant>(values.plant, plants);

const start = performance.now();
const reports = await drill({
  plans: (possible) =>
    Array.from({ length: runs }, (_, i) => planOf(seed + i, { ...usualRun, settings: possible })),
  settings,
  atOnce,
  plant,
  async onRun(report) {
    const { log, reached: _, ...shown } = report;
    process.stderr.write(`${JSON.stringify(shown)}\n`);
    if (isClean(report.verdict)) return;
    const folder = ".work/drill";
    await mkdir(folder, { recursive: true });
    const plan = JSON.stringify(planOf(report.seed, { ...usualRun, settings }));
    await writeFile(
      `${folder}/${report.seed}.log`,
      `${[plan, ...log, JSON.stringify(report.verdict)].join("\n")}\n`,
    );
    process.stderr.write(`seed ${report.seed} failed: its log is ${folder}/${report.seed}.log\n`);
  },
});
const total = totalOf(reports, (performance.now() - start) / 1000);
const lines = Object.entries(total).map(
  ([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`,
);
process.stdout.write(values.json ? `${JSON.stringify(total)}\n` : `${lines.join("\n")}\n`);
process.exitCode = total.failed.length > 0 ? 1 : 0;

function oneOf<T extends string>(text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw new Error(`${text} is none of ${known.join(", ")}`);
  return found;
}
