import { mkdtemp, readdir } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { z } from "zod";
import { generateClients, readClients } from "../../../examples/end-of-year/clients.ts";
import { CliFault } from "../fault.ts";
import { checkedOptions } from "../options.ts";
import { checkLetters } from "./check.ts";
import { checkEvidence } from "./check-evidence.ts";
import { type FirstAct, playFirstAct } from "./first-act.ts";
import { type DemoResult, hasFailed, report, shown } from "./report.ts";
import { playSecondAct, type Scene } from "./second-act.ts";
import { signaturesOfCollecte } from "./sending.ts";
import { buildStage } from "./stage.ts";

const clientsFile = fileURLToPath(new URL("../../../../examples/end-of-year/clients.csv", import.meta.url));

/** How long a mail or an SMS may take. */
const timeoutMs = 120_000;

const demoOptions = z.strictObject({
  clients: z.coerce.number().int().min(1).max(10_000).optional(),
  out: z.string().min(1).optional(),
  redis: z
    .string()
    .regex(/^rediss?:\/\//, "must be a URL that begins with redis://")
    .optional(),
  database: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must be a URL that begins with postgres://")
    .optional(),
  engines: z.coerce.number().int().min(1).max(16).optional(),
  json: z.boolean().optional(),
});

export function demoCommand(): Command {
  return new Command("demo")
    .description(
      "play an end-of-year sending of letters, from contacts to signed PDFs and evidence files, on a temporary engine",
    )
    .option("--clients <n>", "how many clients, generated (1 to 10,000); default: the 25 of the example")
    .option("--out <folder>", "where signed PDFs, ca.pem and records go; default: a new temporary folder")
    .option("--redis <url>", "queue on this Redis instead of in the process")
    .option("--database <url>", "tables on this PostgreSQL, empty or of a demo before, instead of SQLite")
    .option("--engines <n>", "how many engine processes share the PostgreSQL; 1")
    .option("--json", "print one JSON object last on standard output")
    .action(demo);
}

async function demo(given: object): Promise<void> {
  const { clients: count, out, redis, database, engines, json } = checkedOptions(demoOptions, given);
  if ((engines ?? 1) > 1 && database === undefined)
    throw new CliFault("--engines: several processes need --database, a PostgreSQL that they share");
  const folder = out === undefined ? await mkdtemp(join(tmpdir(), "collecte-demo-")) : await emptyFolder(out);
  const clients = count === undefined ? await readClients(clientsFile) : generateClients(count);
  say(`Starting the engine and making a firm in ${folder}`);
  const stage = await buildStage({ folder, redisUrl: redis, databaseUrl: database, engines });
  let first: FirstAct;
  let second: { scenes: Scene[]; now: number };
  let seconds = 0;
  try {
    const bar = progressBar();
    const start = performance.now();
    first = await playFirstAct({
      stage,
      clients,
      folder,
      atOnce: 32,
      timeoutMs,
      onStage: say,
      onExpertSigned: () => bar.start(clients.length, 0),
      onCompleted: () => bar.increment(),
    });
    seconds = (performance.now() - start) / 1000;
    bar.stop();
    say("A refusal, a change of order, a reminder, and 15 days that pass at once");
    second = await playSecondAct({ stage, folder, timeoutMs });
  } finally {
    await stage.close();
  }
  say("The engine has stopped: every PDF and every evidence file is checked without it");
  const { letters, contacts, parapheur } = first;
  const verified = await checkLetters(letters, join(folder, "ca.pem"), availableParallelism(), second.now);
  const result: DemoResult = {
    folder,
    collectes: clients.length,
    contacts,
    completed: letters.length,
    signatures: letters.length * signaturesOfCollecte,
    parapheur,
    seconds,
    verified,
    evidence: await checkEvidence(folder, second.now),
    scenes: second.scenes,
    doubles: { mails: stage.mails.doubles(), smses: stage.smses.doubles() },
  };
  say(report(result));
  if (json) process.stdout.write(`${JSON.stringify(shown(result))}\n`);
  if (hasFailed(result)) process.exitCode = 1;
}

/** Signed files of another demo would be taken for this one's. */
async function emptyFolder(out: string): Promise<string> {
  const folder = resolve(out);
  const there = await readdir(folder).catch(() => []);
  if (there.length > 0) throw new CliFault(`--out: ${folder} is not empty: name a new folder`);
  return folder;
}

function progressBar(): SingleBar {
  return new SingleBar({
    format: "{bar} {value}/{total} collectes completed, {duration_formatted}",
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 5_000,
    hideCursor: true,
  });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
