import { parseArgs } from "node:util";
import { isClean } from "./report.ts";
import { rollingRestarts } from "./rolling-restarts.ts";

/*
 * `node dist/test/drill/rolling.js [--restarts 100] [--json]`: ends with 1 when anything was lost, doubled or
 * refused to a client that tried again, or when an engine took 30 seconds to stop.
 */

const { values } = parseArgs({
  options: { restarts: { type: "string", default: "100" }, json: { type: "boolean", default: false } },
});
const report = await rollingRestarts({
  restarts: Number(values.restarts),
  onRestart: (number, stopMs) => process.stderr.write(`restart ${number}: stopped in ${stopMs} ms\n`),
});
if (!report) throw new Error("PostgreSQL and Redis are needed");
const { verdict, told, seconds, ...figures } = report;
const shown = {
  ...figures,
  seconds: Math.round(seconds),
  toldOk: told.ok,
  toldRefused: told.refused,
  unknown: told.unknown,
  lost: verdict.lost.length,
  doubled: verdict.doubled.length,
  reordered: verdict.reordered.length,
  strange: verdict.strange.length,
};
const lines = Object.entries(shown).map(([name, value]) => `${name}: ${value}`);
process.stdout.write(values.json ? `${JSON.stringify(shown)}\n` : `${lines.join("\n")}\n`);
if (!isClean(verdict)) process.stderr.write(`${JSON.stringify(verdict, null, 2)}\n`);
process.exitCode = isClean(verdict) && report.slowestStopMs < 30_000 ? 0 : 1;
