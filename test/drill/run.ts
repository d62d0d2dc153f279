import { rm } from "node:fs/promises";
import type { SigningPool } from "../../src/workers/pool.ts";
import { judgeEnding, outcomeOf } from "./ending.ts";
import type { Verdict } from "./evidence.ts";
import { environmentOf, type Furnished, type Lane } from "./ground.ts";
import type { Plan } from "./plan.ts";
import type { Plant } from "./plants.ts";
import { type Deeds, Saboteur } from "./saboteur.ts";
import { openStage, type Stage } from "./stage.ts";
import { playPart, type Scene } from "./story.ts";
import { type Command, createCaller, Told, type ToldFigures } from "./told.ts";

export interface RunOptions {
  lane: Lane;
  /** For what arrives and is downloaded; removed at the end. */
  folder: string;
  letter: Uint8Array;
  pool: Pick<SigningPool, "verify">;
  plant?: Plant | undefined;
  /** How long the run may take in all. */
  limitMs?: number;
}

export interface RunReport {
  seed: number;
  setting: Plan["setting"];
  seconds: number;
  collectes: number;
  told: ToldFigures;
  deeds: Deeds;
  reached: string[];
  killedAt: string[];
  doubledMails: number;
  slowJobs: number;
  verdict: Verdict;
  log: string[];
}

const leaseMs = 3_000;

/** Plays a plan with real processes and judges what came of it. */
export async function run(plan: Plan, options: RunOptions): Promise<RunReport> {
  const start = performance.now();
  const secondsSoFar = () => (performance.now() - start) / 1000;
  const log: string[] = [];
  const note = (line: string) => log.push(`${secondsSoFar().toFixed(3)} ${line}`);
  const furnished = await options.lane.furnish(plan.setting);
  const environment = settingsOf(plan, furnished, options);
  const stage = await openStage({ engines: plan.engines, environment, folder: options.folder, note });
  try {
    const report = await play(plan, stage, furnished, { ...options, note });
    return { ...report, seconds: secondsSoFar(), log };
  } finally {
    await stage.close();
    await rm(options.folder, { recursive: true, force: true });
  }
}

async function play(
  plan: Plan,
  stage: Stage,
  { apiKey, trustDer }: Furnished,
  { lane, folder, letter, pool, limitMs = 60_000, note }: RunOptions & { note(line: string): void },
): Promise<Omit<RunReport, "seconds" | "log">> {
  const { engines, apis, mails, smses, reached, slow } = stage;
  const deadline = Date.now() + limitMs;
  const told = new Told();
  const caller = createCaller(apis, told, { deadline });
  const scene: Scene = { caller, apiKey, mails, smses, letter, phoneAt: phonesOf(plan.seed), deadline };
  let isOver = false;
  const killedAt: string[] = [];
  const saboteur = new Saboteur({
    engines,
    redis: plan.setting === "sqlite" ? undefined : lane.redis,
    note,
    onKilledAt: (point) => killedAt.push(point),
    isOver: () => isOver,
  });
  const sabotage = saboteur.strike(plan.faults);
  const played = await Promise.all(plan.parts.map((part, i) => playPart(scene, part, i)));
  isOver = true;
  note("all parts are played");
  await sabotage;
  const { strikes, deeds } = saboteur;
  const { commands } = told;
  const { verdict, cases } = await judgeEnding({
    stage,
    scene,
    played,
    commands,
    strikes,
    pool,
    trustDer,
    folder,
  });
  for (const command of commands) note(`told ${JSON.stringify(withoutSecrets(command))}`);
  for (const { played: one, shown } of cases)
    note(`record ${one.collecteId} ${shown?.history.map(({ type, at }) => `${type} ${at}`).join()}`);
  for (const strike of [...strikes, ...slow]) note(`strike ${JSON.stringify(strike)}`);
  return {
    seed: plan.seed,
    setting: plan.setting,
    collectes: plan.parts.length,
    told: told.figures(),
    deeds,
    reached: [...reached],
    killedAt,
    doubledMails: mails.doubles(),
    slowJobs: slow.length,
    verdict,
  };
}

function settingsOf({ setting }: Plan, furnished: Furnished, { lane, plant }: RunOptions) {
  return {
    ...environmentOf(furnished),
    DRILL_LEASE_MS: String(leaseMs),
    ...(plant && { DRILL_PLANT: plant }),
    ...(setting !== "sqlite" && { REDIS_URL: lane.redis?.url ?? "" }),
  };
}

/** Numbers that are kept for fiction, all over again every two hundred runs. */
function phonesOf(seed: number): (place: number) => string {
  return (place) => `+3363998${String((seed * 50 + place) % 10_000).padStart(4, "0")}`;
}

function withoutSecrets({ name, who, collecteId, key, sentAt, toldAt, unknown, answer }: Command) {
  return { name, who, collecteId, key, sentAt, toldAt, unknown, told: outcomeOf(answer) };
}
