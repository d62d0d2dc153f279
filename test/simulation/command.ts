import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { Fault } from "./faults.ts";
import { type History, play } from "./history.ts";
import { essence, smaller } from "./search.ts";

/*
 * `npm run simulate -- [--seeds N] [--seed S] [--json]`: plays N histories (2,000), from seed S on (1), on all cores.
 * With --seed alone, that one. Ends with 1 when a law was broken, and prints the smallest history that breaks it.
 */

interface Share {
  first: number;
  seeds: number;
  /** Every so many-th seed is this thread's. */
  stride: number;
}

/** What a thread tells of one seed. */
interface Summary {
  seed: number;
  steps: number;
  digest: string;
  isBroken: boolean;
  faults: number;
  ends: Record<string, number>;
}

async function playShare({ first, seeds, stride }: Share): Promise<Summary[]> {
  const summaries: Summary[] = [];
  for (let seed = first; seed < first + seeds; seed += stride) {
    const { steps, digest, violation, faults, ends } = await play({ seed });
    summaries.push({ seed, steps, digest, isBroken: violation !== undefined, faults: faults.length, ends });
  }
  return summaries;
}

/** One thread a core, for all of the run: a young thread is slow until its code is compiled. */
async function playAll(first: number, seeds: number): Promise<Summary[]> {
  const stride = Math.min(availableParallelism(), seeds);
  const shares = await Promise.all(
    Array.from({ length: stride }, (_, i) => inThread({ first: first + i, seeds: seeds - i, stride })),
  );
  return shares.flat().sort((one, other) => one.seed - other.seed);
}

function inThread(share: Share): Promise<Summary[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

function total(summaries: readonly Summary[]): Record<string, number> {
  const ends: Record<string, number> = {};
  for (const summary of summaries)
    for (const [status, count] of Object.entries(summary.ends)) ends[status] = (ends[status] ?? 0) + count;
  return ends;
}

function told({ seed, violation, faults, digest }: History) {
  const named = faults.map(({ kind, where }: Fault) => `${kind}: ${where}`);
  return { seed, ...violation, digest, faults: named };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string" },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const first = wholeNumber("--seed", values.seed ?? "1");
  const seeds = wholeNumber("--seeds", values.seeds ?? (values.seed === undefined ? "2000" : "1"));
  const start = performance.now();
  const summaries = await playAll(first, seeds);
  const seconds = (performance.now() - start) / 1000;
  const broken = summaries.find(({ isBroken }) => isBroken);
  const failure = broken && (await smaller(await play({ seed: broken.seed })));
  const report = {
    first,
    seeds,
    broken: summaries.filter(({ isBroken }) => isBroken).map(({ seed }) => seed),
    seconds: Math.round(seconds * 10) / 10,
    seedsPerSecond: Math.round(seeds / seconds),
    steps: summaries.reduce((sum, { steps }) => sum + steps, 0),
    faults: summaries.reduce((sum, { faults }) => sum + faults, 0),
    collectes: total(summaries),
    // The same for the same seeds, on every machine.
    digest: createHash("sha256")
      .update(summaries.map(({ digest }) => digest).join())
      .digest("hex"),
    ...(failure && { failure: { ...told(failure), trace: essence(failure) } }),
  };
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : inWords(report));
  process.exitCode = broken ? 1 : 0;
}

type Report = Omit<Record<string, unknown>, "failure"> & {
  failure?: ReturnType<typeof told> & { trace: string[] };
};

function inWords({ failure, collectes, ...figures }: Report): string {
  const lines = Object.entries({ ...figures, collectes: JSON.stringify(collectes) }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  if (failure) {
    lines.push("", `Seed ${failure.seed} breaks "${failure.rule}": ${failure.detail}`);
    lines.push("The faults that it takes:", ...failure.faults.map((fault) => `  ${fault}`));
    lines.push("What happened (ms, who, what):", ...failure.trace);
  }
  return `${lines.join("\n")}\n`;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} takes a whole number`);
  return Number(text);
}

if (isMainThread) await main();
else parentPort?.postMessage(await playShare(workerData as Share));
