import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type CorpusFile, runCorpus } from "./corpus-run.ts";

/*
 * `node dist/test/drill/corpus.js [FOLDER] [--json]`: every file of every folder there is inspected as an upload is,
 * and signed three times when it is accepted or could be mended. Ends with 1 when something that was signed is not
 * valid, unchanged and unaltered, when a file took longer than an upload may, or when this process grew by over 100 MB.
 */

const MOST_MS = 15_500;
const MOST_GROWN_BYTES = 100 * 1024 * 1024;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
const files = await runCorpus({
  folder: resolve(positionals[0] ?? "../shared/corpus"),
  programs: true,
  onFile({ kind, name, outcome, code, detail, inspectionMs }) {
    if (values.json) return;
    const why = [code, detail].filter((part) => part !== undefined).join(": ");
    process.stdout.write(`${kind}/${name}  ${outcome}  ${inspectionMs} ms  ${why}\n`);
  },
});
const slowest = files.reduce((a, b) => (b.inspectionMs > a.inspectionMs ? b : a));
const grownBytes = Math.max(...files.map((file) => file.grownBytes));
const totals = Object.fromEntries(
  [...new Set(files.map(({ kind }) => kind))].map((kind) => [
    kind,
    totalsOf(files.filter((file) => file.kind === kind)),
  ]),
);
const report = {
  totals,
  slowest: { file: `${slowest.kind}/${slowest.name}`, ms: slowest.inspectionMs },
  grownBytes,
};
if (values.json) process.stdout.write(`${JSON.stringify({ ...report, files })}\n`);
else {
  for (const [kind, counts] of Object.entries(totals))
    process.stdout.write(
      `${kind}: ${Object.entries(counts)
        .map(([what, count]) => `${what} ${count}`)
        .join(", ")}\n`,
    );
  process.stdout.write(`slowest: ${report.slowest.file}, ${report.slowest.ms} ms\n`);
  process.stdout.write(`memory: at most ${Math.round(grownBytes / 1024 / 1024)} MB more\n`);
}
const isSound = files.every(({ outcome }) => outcome !== "FAILED");
process.exitCode = isSound && slowest.inspectionMs < MOST_MS && grownBytes < MOST_GROWN_BYTES ? 0 : 1;

/** How many files had each outcome; those refused by their code. */
function totalsOf(some: readonly CorpusFile[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome, code } of some) {
    const what = outcome === "refused" ? `refused ${code}` : outcome;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}
