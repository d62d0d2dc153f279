import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ApiProblem } from "../../examples/end-of-year/api-client.ts";
import type { SigningPool } from "../../src/workers/pool.ts";
import type { VerifyReport } from "../../src/workers/verify-document.ts";
import { type Case, mailsIn, type Strike, smsesIn, type Verdict } from "./evidence.ts";
import { judge } from "./judge.ts";
import type { Stage } from "./stage.ts";
import { type Played, type Scene, type Shown, shown } from "./story.ts";
import type { Command } from "./told.ts";

/** What the end of a run is judged with. */
export interface Ending {
  stage: Stage;
  scene: Scene;
  played: readonly Played[];
  commands: readonly Command[];
  strikes: readonly Strike[];
  pool: Pick<SigningPool, "verify">;
  trustDer: readonly Uint8Array[];
  /** For what is downloaded. */
  folder: string;
}

/** Reads what can be read, sends every command once more, and judges. */
export async function judgeEnding(ending: Ending): Promise<{ verdict: Verdict; cases: Case[] }> {
  const { stage, scene, commands, strikes } = ending;
  const cases: Case[] = [];
  for (const one of ending.played) cases.push(await caseOf(one, ending));
  const changed = await repeat(scene, commands, cases);
  const [mails, smses] = [await mailsIn(stage.mailFolder), await smsesIn(stage.smsFolder)];
  const all = [...strikes, ...stage.slow];
  return { verdict: judge({ cases, commands, mails, smses, strikes: all, changed }), cases };
}

async function caseOf(played: Played, { scene, folder, pool, trustDer }: Ending): Promise<Case> {
  const { collecteId } = played;
  if (collecteId === "") return { played, shown: undefined, reports: [] };
  const seen = await settled(played, scene);
  const reports: VerifyReport[] = [];
  for (const { id } of seen?.state === "completed" ? seen.documents : []) {
    const path = `/v1/collectes/${collecteId}/documents/${id}`;
    const pdf = await scene.caller.bytes({ method: "GET", path, bearer: scene.apiKey });
    const file = join(folder, `${collecteId}-${id}.pdf`);
    await writeFile(file, pdf);
    reports.push(await pool.verify(file, { trustDer }));
  }
  return { played, shown: seen, reports };
}

/** The evidence file is the last that follows from an end, after everybody was answered: it may take a lease. */
const settlingMs = 60_000;

/** The collecte once nothing more comes by itself, or as it is after a minute. */
async function settled({ collecteId, failure }: Played, scene: Scene): Promise<Shown | undefined> {
  const until = Date.now() + settlingMs;
  for (;;) {
    const seen = await shown(scene, collecteId).catch((error: unknown) => {
      if (error instanceof ApiProblem && error.status === 404) return undefined;
      throw error;
    });
    const isSettled = seen?.history.some(({ type }) => type === "EvidenceFiled") ?? true;
    if (isSettled || failure !== undefined || Date.now() >= until) return seen;
    await pause(200);
  }
}

/** Sends every command once more under its key: it must be answered as before, and change nothing. */
async function repeat(scene: Scene, commands: readonly Command[], cases: readonly Case[]): Promise<string[]> {
  const changed: string[] = [];
  for (const command of commands) {
    if (!command.answer) continue;
    const again = outcomeOf(await scene.caller.again(command));
    const told = outcomeOf(command.answer);
    if (again !== told)
      changed.push(`${command.name} by ${command.who} of ${command.collecteId}: told ${told}, then ${again}`);
  }
  for (const { played, shown: before } of cases) {
    if (!before) continue;
    const { history } = await shown(scene, played.collecteId);
    if (JSON.stringify(history) !== JSON.stringify(before.history))
      changed.push(`the record of ${played.part.title} changed when its commands were sent again`);
  }
  return changed;
}

/** What was told, in a word, with the id of what it made. */
export function outcomeOf(answer: Command["answer"]): string {
  if (!answer?.ok) return `refused: ${answer?.code}`;
  const { id, otpId } = answer.body;
  return `ok ${id ?? otpId ?? ""}`;
}
