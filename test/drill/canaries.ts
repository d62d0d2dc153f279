import { parseArgs } from "node:util";
import { type CanaryReport, canaryDrill } from "./canary-drill.ts";

/*
 * `node dist/test/drill/canaries.js [--plant blob] [--json]`: ends with 1 when a canary is found after the purge of its
 * document, or after its people were forgotten; also when none was there before, and the search is blind.
 */

const { values } = parseArgs({
  options: { plant: { type: "string" }, json: { type: "boolean", default: false } },
});
if (values.plant !== undefined && values.plant !== "blob") throw new Error(`${values.plant} is no plant`);
const reports: CanaryReport[] = [];
for (const setting of ["sqlite", "postgres+redis"] as const) {
  const report = await canaryDrill(setting, values.plant);
  if (report) reports.push(report);
}
for (const report of reports) {
  const { setting, seenBefore, afterPurge, afterForgetting } = report;
  const line = `${setting}: ${seenBefore} seen before, ${afterPurge.length} after the purge, ${afterForgetting.length} after forgetting`;
  if (!values.json) process.stdout.write(`${line}\n`);
}
if (values.json) process.stdout.write(`${JSON.stringify(reports)}\n`);
const isClean = reports.every(
  ({ seenBefore, afterPurge, afterForgetting, isReadable }) =>
    seenBefore > 0 && isReadable && afterPurge.length + afterForgetting.length === 0,
);
process.exitCode = isClean ? 0 : 1;
