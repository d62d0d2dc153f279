import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ApiProblem, createApiClient } from "../../examples/end-of-year/api-client.ts";
import { startMailSink } from "../../src/cli/sinks/mail-sink.ts";
import { startSmsSink } from "../../src/cli/sinks/sms-sink.ts";
import type { SigningPool } from "../../src/workers/pool.ts";
import type { VerifyReport } from "../../src/workers/verify-document.ts";
import { freePort } from "../support/ports.ts";
import { EngineProcess } from "./engine-process.ts";
import { type Case, mailsIn, smsesIn, type Verdict } from "./evidence.ts";
import { environmentOf, type Furnished, type Lane } from "./ground.ts";
import { judge } from "./judge.ts";
import type { Plan } from "./plan.ts";
import type { Plant } from "./plants.ts";
import { type Deeds, Saboteur } from "./saboteur.ts";
import { type Played, playPart, type Scene, shown } from "./story.ts";
import { type Command, createCaller, Told } from "./told.ts";

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
  told: { ok: number; refused: number; unknown: number };
  deeds: Deeds;
  reached: string[];
  killedAt: string[];
  doubledMails: number;
  verdict: Verdict;
  log: string[];
}

const leaseMs = 3_000;

/** Plays a plan with real processes and judges what came of it. */
export async function run(plan: Plan, options: RunOptions): Promise<RunReport> {
  const start = performance.now();
  const log: string[] = [];
  const note = (line: string) => log.push(`${((performance.now() - start) / 1000).toFixed(3)} ${line}`);
  const undo: (() => Promise<unknown>)[] = [() => rm(options.folder, { recursive: true, force: true })];
  try {
    const report = await play(plan, options, note, undo);
    return { ...report, seconds: (performance.now() - start) / 1000, log };
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function play(
  plan: Plan,
  { lane, folder, letter, pool, plant, limitMs = 60_000 }: RunOptions,
  note: (line: string) => void,
  undo: (() => Promise<unknown>)[],
): Promise<Omit<RunReport, "seconds" | "log">> {
  const [mailFolder, smsFolder] = [join(folder, "mail"), join(folder, "sms")];
  const furnished = await lane.furnish(plan.setting);
  await mkdir(folder, { recursive: true });
  const mails = await startMailSink({ directory: mailFolder });
  undo.push(() => mails.close());
  const smses = await startSmsSink({ directory: smsFolder });
  undo.push(() => smses.close());

  const reached = new Set<string>();
  const killedAt: string[] = [];
  const outside = { SMTP_URL: mails.url, SMS_URL: smses.url };
  const engines = await startEngines(
    plan,
    { ...settingsOf(plan, furnished, lane, plant), ...outside },
    note,
    reached,
  );
  undo.push(() => Promise.all(engines.map((engine) => engine.signal("SIGKILL"))));
  const apis = engines.map(({ url }) => createApiClient(url, { tries: 1, timeoutMs: 5_000 }));
  undo.push(async () => {
    for (const api of apis) api.close();
  });

  const deadline = Date.now() + limitMs;
  const told = new Told();
  const caller = createCaller(apis, told, deadline);
  const scene: Scene = {
    caller,
    apiKey: furnished.apiKey,
    mails,
    smses,
    letter,
    phoneAt: phoneOf(plan),
    deadline,
  };
  let isOver = false;
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

  const cases = await Promise.all(played.map((one) => caseOf(scene, one, { folder, pool, furnished })));
  const changed = await repeat(scene, told.commands, cases);
  const [mailed, messaged] = [await mailsIn(mailFolder), await smsesIn(smsFolder)];
  const { strikes, deeds } = saboteur;
  const verdict = judge({ cases, commands: told.commands, mails: mailed, smses: messaged, strikes, changed });
  for (const command of told.commands) note(`told ${JSON.stringify(withoutSecrets(command))}`);
  for (const { played: one, shown: seen } of cases)
    note(`record ${one.collecteId} ${seen?.history.map(({ type }) => type).join()}`);
  return {
    seed: plan.seed,
    setting: plan.setting,
    collectes: plan.parts.length,
    told: toldIn(told.commands),
    deeds,
    reached: [...reached],
    killedAt,
    doubledMails: mails.doubles(),
    verdict,
  };
}

function settingsOf({ setting }: Plan, furnished: Furnished, { redis }: Lane, plant: Plant | undefined) {
  return {
    ...environmentOf(furnished),
    DRILL_LEASE_MS: String(leaseMs),
    ...(plant && { DRILL_PLANT: plant }),
    ...(setting !== "sqlite" && { REDIS_URL: redis?.url ?? "" }),
  };
}

async function startEngines(
  { engines }: Plan,
  environment: Record<string, string>,
  note: (line: string) => void,
  reached: Set<string>,
): Promise<EngineProcess[]> {
  const processes: EngineProcess[] = [];
  for (let number = 0; number < engines; number++) {
    const own = { ...environment, COLLECTE_PORT: String(await freePort()) };
    processes.push(new EngineProcess({ environment: own, note, onReached: (point) => reached.add(point) }));
  }
  await Promise.all(processes.map((engine) => engine.start()));
  return processes;
}

/** Numbers that are kept for fiction, all over again every two hundred runs. */
function phoneOf({ seed }: Plan): (place: number) => string {
  return (place) => `+3363998${String((seed * 50 + place) % 10_000).padStart(4, "0")}`;
}

interface Reading {
  folder: string;
  pool: Pick<SigningPool, "verify">;
  furnished: Furnished;
}

async function caseOf(scene: Scene, played: Played, { folder, pool, furnished }: Reading): Promise<Case> {
  const { collecteId } = played;
  if (collecteId === "") return { played, shown: undefined, reports: [] };
  const seen = await shown(scene, collecteId).catch((error: unknown) => {
    if (error instanceof ApiProblem && error.status === 404) return undefined;
    throw error;
  });
  const reports: VerifyReport[] = [];
  for (const { id } of seen?.state === "completed" ? seen.documents : []) {
    const path = `/v1/collectes/${collecteId}/documents/${id}`;
    const pdf = await scene.caller.bytes({ method: "GET", path, bearer: scene.apiKey });
    const file = join(folder, `${collecteId}-${id}.pdf`);
    await writeFile(file, pdf);
    reports.push(await pool.verify(file, { trustDer: furnished.trustDer }));
  }
  return { played, shown: seen, reports };
}

/** Sends every command once more under its key: it must be answered as before, and change nothing. */
async function repeat(scene: Scene, commands: readonly Command[], cases: readonly Case[]): Promise<string[]> {
  const changed: string[] = [];
  for (const command of commands) {
    if (!command.answer) continue;
    const again = await scene.caller.again(command);
    const isSame = outcomeOf(again) === outcomeOf(command.answer);
    const what = `${command.name} by ${command.who} of ${command.collecteId}`;
    if (!isSame) changed.push(`${what}: told ${outcomeOf(command.answer)}, then ${outcomeOf(again)}`);
  }
  for (const { played, shown: before } of cases) {
    if (!before) continue;
    const { history } = await shown(scene, played.collecteId);
    if (JSON.stringify(history) !== JSON.stringify(before.history))
      changed.push(`the record of ${played.part.title} changed when its commands were sent again`);
  }
  return changed;
}

function outcomeOf(answer: Command["answer"]): string {
  if (!answer?.ok) return `refused: ${answer?.code}`;
  const { id, otpId } = answer.body;
  return `ok ${id ?? otpId ?? ""}`;
}

function toldIn(commands: readonly Command[]): RunReport["told"] {
  const answered = commands.flatMap(({ answer }) => (answer ? [answer.ok] : []));
  return {
    ok: answered.filter((ok) => ok).length,
    refused: answered.filter((ok) => !ok).length,
    unknown: commands.reduce((sum, { unknown }) => sum + unknown, 0),
  };
}

function withoutSecrets({ name, who, collecteId, key, sentAt, toldAt, unknown, answer }: Command) {
  return { name, who, collecteId, key, sentAt, toldAt, unknown, told: outcomeOf(answer) };
}
