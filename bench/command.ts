import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { benchMemory } from "./memory.ts";
import { parapheurBench } from "./parapheur/contest.ts";
import { contest } from "./runtime/contest.ts";
import { isKept as isSigningKept, signingContest } from "./signing/contest.ts";

/*
 * `npm run bench -- runtime|memory|parapheur|signing [--json] [--scale 0.2 | --quick] [--folder F]`: what is fast, beside peers and
 * floors, in one run. The ratios are what counts; ends with 1 when one is not as promised, unless the run was shortened.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    scale: { type: "string", default: "1" },
    quick: { type: "boolean", default: false },
    folder: { type: "string", default: tmpdir() },
  },
});
const scale = values.quick ? 0.05 : Number(values.scale);
if (!(scale > 0 && scale <= 10)) throw new Error("--scale takes a number from 0 to 10");
const isShort = scale < 1;
const benches: Record<string, () => Promise<{ report: object; isKept: boolean }>> = {
  async runtime() {
    const report = await contest(values.folder, scale);
    const { ratios, light } = report;
    return {
      report,
      isKept: ratios.every(({ ratio, least = 0 }) => ratio >= least) && light.p50Ms <= light.most,
    };
  },
  async signing() {
    const report = await signingContest(values.folder, scale);
    return { report, isKept: isSigningKept(report) };
  },
  async parapheur() {
    const report = await parapheurBench(values.folder, scale);
    return {
      report,
      isKept: report.ratios.every(({ ratio, most = Number.POSITIVE_INFINITY }) => ratio <= most),
    };
  },
  async memory() {
    const report = await benchMemory(values.folder, 5_000 * scale, 50_000 * scale);
    return { report, isKept: report.ratio <= report.most };
  },
};
const bench = benches[positionals.join()];
if (!bench) throw new Error(`say which bench: ${Object.keys(benches).join(" or ")}`);
const { report, isKept } = await bench();
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else {
  for (const [name, value] of Object.entries(report)) {
    if (Array.isArray(value)) console.table(value);
    else console.log(name, value);
  }
}
process.exit(isKept || isShort ? 0 : 1);
