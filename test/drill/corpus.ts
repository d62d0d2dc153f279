import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type CorpusFile, runCorpus } from "./corpus-run.ts";
import { sealCorpus } from "./seal-corpus.ts";

/*
 * `node dist/test/drill/corpus.js [FOLDER] [--json]`: every file of every folder there is inspected as an upload is,
 * and signed three times when it is accepted or could be mended. Ends with 1 when something that was signed is not
 * valid, unchanged and unaltered, when a file took longer than an upload may, or when this process grew by over 100 MB.
 *
 * With `--levels B-LTA,B-B,B-T`, every file is sealed by `collecte seal --repair` instead, once at each level in turn.
 */

const MOST_MS = 15_500;
const MOST_GROWN_BYTES = 100 * 1024 * 1024;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, levels: { type: "string" } },
});
const folder = resolve(positionals[0] ?? "../shared/corpus");
const { files, report, isSound } = await (values.levels === undefined ? tried() : sealed(values.levels));
const totals = Object.fromEntries(
  [...new Set(files.map(({ kind }) => kind))].map((kind) => [
    kind,
    totalsOf(files.filter((file) => file.kind === kind)),
  ]),
);
if (values.json) process.stdout.write(`${JSON.stringify({ totals, ...report, files })}\n`);
else {
  for (const [kind, counts] of Object.entries(totals))
    say(
      `${kind}: ${Object.entries(counts)
        .map((one) => one.join(" "))
        .join(", ")}`,
    );
  for (const [what, value] of Object.entries(report)) say(`${what}: ${value}`);
}
process.exitCode = isSound && files.every(({ outcome }) => outcome !== "FAILED") ? 0 : 1;

async function tried() {
  const files = await runCorpus({
    folder,
    programs: true,
    onFile: (file) => tell(file, `  ${file.inspectionMs} ms`),
  });
  const slowest = files.reduce((a, b) => (b.inspectionMs > a.inspectionMs ? b : a));
  const grownBytes = Math.max(...files.map((file) => file.grownBytes));
  return {
    files,
    report: { slowest: `${slowest.kind}/${slowest.name}`, slowestMs: slowest.inspectionMs, grownBytes },
    isSound: slowest.inspectionMs < MOST_MS && grownBytes < MOST_GROWN_BYTES,
  };
}

async function sealed(levels: string) {
  const files = await sealCorpus({ folder, levels: levels.split(","), onFile: (file) => tell(file) });
  return { files, report: {}, isSound: true };
}

function tell({ kind, name, outcome, code, detail }: CorpusFile, more = ""): void {
  if (values.json) return;
  const why = [code, detail].filter((part) => part !== undefined).join(": ");
  say(`${kind}/${name}  ${outcome}${more}  ${why}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** How many files had each outcome; those refused by their code. */
function totalsOf(some: readonly CorpusFile[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome, code } of some) {
    const what = outcome === "refused" ? `refused ${code}` : outcome;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}
