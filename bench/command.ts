import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { contest } from "./runtime/contest.ts";

/*
 * `npm run bench -- runtime [--json] [--scale 0.2] [--folder F]`: what is fast, beside peers and floors, in one run. The
 * ratios are what counts; ends with 1 when one is under its promise, unless the run was shortened.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    scale: { type: "string", default: "1" },
    folder: { type: "string", default: tmpdir() },
  },
});
if (positionals.join() !== "runtime") throw new Error("say which bench: runtime");
const scale = Number(values.scale);
if (!(scale > 0 && scale <= 10)) throw new Error("--scale takes a number from 0 to 10");
const report = await contest(values.folder, scale);
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else {
  console.log("fsync:", report.fsync);
  console.table(report.figures);
  console.table(report.ratios);
  console.log(report.light);
}
const isKept =
  report.ratios.every(({ ratio, least = 0 }) => ratio >= least) && report.light.p50Ms <= report.light.most;
process.exit(isKept || scale < 1 ? 0 : 1);
