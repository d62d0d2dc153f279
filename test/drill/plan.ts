import { Random } from "../simulation/random.ts";
import { type Failpoint, points } from "./points.ts";

export type Setting = "sqlite" | "sqlite+redis" | "postgres+redis";

/** One thing that goes wrong, after a pause since the one before was over. */
export type Fault = { afterMs: number } /** Whichever engine comes there. */ & (
  | { kind: "failpoint"; failpoint: Failpoint; downMs: number }
  | { kind: "kill"; engine: number; downMs: number }
  | { kind: "stop"; engine: number; stopMs: number }
  | { kind: "flush" }
  /** Redis is killed, this share of its newest append-only file is cut off, and it comes back. */
  | { kind: "aof"; share: number }
);

/** How one collecte goes. */
export interface Part {
  title: string;
  /** Signatories by step: those of a step sign at once. */
  steps: number[];
  sealed: boolean;
  documents: number;
  /** The last signatory refuses. */
  refused: boolean;
  /** The first signatory gives a wrong code first. */
  wrongCode: boolean;
  /** The firm launches a second time, under another key. */
  launchedTwice: boolean;
  startMs: number;
}

export interface Plan {
  seed: number;
  setting: Setting;
  engines: number;
  parts: Part[];
  faults: Fault[];
}

/** Longer than the lease of the drill's engines, so that what a sleeper has in hand is somebody else's by then. */
const stopsMs = [1_000, 4_500] as const;

export interface PlanOptions {
  settings: readonly Setting[];
  parts: readonly [least: number, most: number];
  faults: readonly [least: number, most: number];
}

export const usualRun: PlanOptions = {
  settings: ["sqlite", "sqlite+redis", "postgres+redis"],
  parts: [4, 7],
  faults: [2, 4],
};

/** The same seed and options give the same plan, whatever the machine does with it. */
export function planOf(seed: number, options: PlanOptions = usualRun): Plan {
  const random = new Random(seed);
  const setting = random.pick(options.settings);
  const engines = setting === "postgres+redis" ? 2 : 1;
  const parts = Array.from({ length: random.between(...options.parts) }, (_, i) => partOf(random, seed, i));
  const count = random.between(...options.faults);
  const faults = Array.from({ length: count }, (_, i) =>
    faultOf(random, { setting, engines, turn: seed * 5 + i }),
  );
  // Redis forgets everything at least once wherever there is one: hints may all be lost.
  const flush: Fault = { afterMs: random.between(0, 500), kind: "flush" };
  if (setting !== "sqlite") faults.splice(random.between(0, faults.length), 0, flush);
  return { seed, setting, engines, parts, faults };
}

function partOf(random: Random, seed: number, i: number): Part {
  const steps = random.pick([[1], [1], [2], [1, 1]]);
  return {
    title: `Drill ${seed} collecte ${i + 1}`,
    steps,
    sealed: random.chance(0.5),
    documents: random.chance(0.2) ? 2 : 1,
    // Beside somebody who signs just then, a refusal may come too late.
    refused: random.chance(0.25) && steps.at(-1) === 1,
    wrongCode: random.chance(0.3),
    launchedTwice: random.chance(0.3),
    startMs: random.between(0, 2_000),
  };
}

interface Circumstances {
  setting: Setting;
  engines: number;
  turn: number;
}

function faultOf(random: Random, { setting, engines, turn }: Circumstances): Fault {
  const afterMs = random.between(0, 500);
  const engine = random.between(0, engines - 1);
  const downMs = random.between(0, 300);
  const chance = random.next();
  if (chance < 0.6) return { afterMs, kind: "failpoint", failpoint: failpointOf(random, turn), downMs };
  if (chance < 0.75 || (setting === "sqlite" && chance < 0.9))
    return { afterMs, kind: "kill", engine, downMs };
  if (setting === "sqlite" || chance < 0.8)
    return { afterMs, kind: "stop", engine, stopMs: random.between(...stopsMs) };
  if (chance < 0.9) return { afterMs, kind: "flush" };
  // From a few bytes to a half.
  return { afterMs, kind: "aof", share: random.chance(0.5) ? 0.01 : random.next() / 2 };
}

/** The points in turn, so that a few dozen runs come to all of them; 37 is prime to their number. */
function failpointOf(random: Random, turn: number): Failpoint {
  const point = points[(turn * 37) % points.length] ?? "";
  const chance = random.next();
  const blow = chance < 0.75 ? "kill" : chance < 0.85 ? "stop" : "throw";
  // What happens at each request is struck anywhere among the first ones; the rest soon, or it would not come.
  const isFrequent = /^(journal\.(?!mail)|reads\.(collecte|effect)\.|directory|queues\.(addAll|job))/.test(
    point,
  );
  return { point, nth: random.between(1, isFrequent ? 12 : 1), blow };
}
