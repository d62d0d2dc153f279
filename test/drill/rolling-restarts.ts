import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createSigningPool } from "../../src/workers/pool.ts";
import { letter } from "../workers/letters.ts";
import { judgeEnding } from "./ending.ts";
import type { Verdict } from "./evidence.ts";
import { environmentOf, type Ground, prepareGround } from "./ground.ts";
import type { Part } from "./plan.ts";
import { openStage, type Stage } from "./stage.ts";
import { type Played, playPart, type Scene } from "./story.ts";
import { createCaller, Told, type ToldFigures } from "./told.ts";

export interface RollingReport {
  restarts: number;
  seconds: number;
  collectes: number;
  told: ToldFigures;
  /** Tries that had to be made again, on the other engine. */
  retries: number;
  /** Of one request. */
  mostTries: number;
  slowestStopMs: number;
  doubledMails: number;
  verdict: Verdict;
}

export interface RollingOptions {
  restarts: number;
  /** Collectes under way at once. */
  atOnce?: number;
  onRestart?(number: number, stopMs: number): void;
}

/** A client that tries more often would hide that for a while nobody answers. */
const triesLimit = 6;

/**
 * Two engines on one PostgreSQL and one Redis under steady load, each stopped with SIGTERM and started again in turn.
 * Undefined when this machine lacks one of the two.
 */
export async function rollingRestarts(options: RollingOptions): Promise<RollingReport | undefined> {
  const ground = await prepareGround(1, ["postgres+redis"]);
  const pool = createSigningPool({ threads: 1 });
  try {
    return ground.settings.length === 0 ? undefined : await roll(options, ground, pool);
  } finally {
    await pool.close();
    await ground.close();
  }
}

async function roll(
  { restarts, atOnce = 4, onRestart }: RollingOptions,
  ground: Ground,
  pool: ReturnType<typeof createSigningPool>,
): Promise<RollingReport> {
  const start = performance.now();
  const [lane] = ground.lanes;
  if (!lane) throw new Error("there is nowhere to play");
  const { trustDer, apiKey, ...place } = await lane.furnish("postgres+redis");
  const environment = { ...environmentOf(place), REDIS_URL: lane.redis?.url ?? "" };
  const folder = join(ground.folder, "rolling");
  const stage = await openStage({ engines: 2, environment, folder, note: () => undefined });
  try {
    const told = new Told();
    const deadline = Date.now() + 60_000 + restarts * 40_000;
    const caller = createCaller(stage.apis, told, { deadline, triesLimit });
    const { mails, smses } = stage;
    const pdf = await letter(false);
    const scene: Scene = { caller, apiKey, mails, smses, letter: pdf, phoneAt, deadline };
    const load = steadyLoad(scene, atOnce);
    const stopsMs = await restartInTurn(stage, restarts, onRestart);
    const played = await load.end();
    const { commands } = told;
    const { verdict } = await judgeEnding({
      stage,
      scene,
      played,
      commands,
      strikes: [],
      pool,
      trustDer,
      folder,
    });
    return {
      restarts,
      seconds: (performance.now() - start) / 1000,
      collectes: played.length,
      told: told.figures(),
      retries: caller.retries(),
      mostTries: caller.mostTries(),
      slowestStopMs: Math.max(...stopsMs),
      doubledMails: mails.doubles(),
      verdict,
    };
  } finally {
    await stage.close();
  }
}

async function restartInTurn(
  { engines }: Stage,
  restarts: number,
  onRestart: RollingOptions["onRestart"],
): Promise<number[]> {
  const stopsMs: number[] = [];
  for (let number = 0; number < restarts; number++) {
    const engine = engines[number % engines.length];
    const start = performance.now();
    await engine?.signal("SIGTERM");
    const stopMs = Math.round(performance.now() - start);
    stopsMs.push(stopMs);
    await engine?.start();
    onRestart?.(number + 1, stopMs);
    // A while with both of them, as between two machines of a deploy.
    await pause(200);
  }
  return stopsMs;
}

/** One collecte after the other in each of some lanes, until it is ended. */
function steadyLoad(scene: Scene, atOnce: number): { end(): Promise<Played[]> } {
  const played: Played[] = [];
  let isOver = false;
  let count = 0;
  const lanes = Array.from({ length: atOnce }, async () => {
    while (!isOver) {
      count += 1;
      played.push(await playPart(scene, partOf(count), count));
    }
  });
  return {
    async end() {
      isOver = true;
      await Promise.all(lanes);
      return played;
    },
  };
}

function partOf(count: number): Part {
  const common = { title: `Rolling collecte ${count}`, documents: 1, launchedTwice: false, startMs: 0 };
  return {
    ...common,
    steps: [1],
    sealed: count % 2 === 0,
    refused: count % 10 === 9,
    wrongCode: count % 5 === 0,
  };
}

/** Numbers that are kept for fiction; each collecte has four. */
function phoneAt(place: number): string {
  return `+3363998${String(place % 10_000).padStart(4, "0")}`;
}
