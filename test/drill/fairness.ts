import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { PDFDocument } from "pdf-lib";
import { createApiClient } from "../../examples/end-of-year/api-client.ts";
import { createFirmApi, type FirmApi } from "../../examples/end-of-year/firm-api.ts";
import { collecteJson, startEngineProcess } from "../../src/cli/demo/engine-process.ts";
import { type MailSink, startMailSink } from "../../src/cli/sinks/mail-sink.ts";

/*
 * `node dist/test/drill/fairness.js [--launches 20000] [--tries 100] [--mails-per-second 100] [--json]`: firm A has
 * launched thousands of collectes, whose mails a rate holds back; firm B launches single ones meanwhile. How long does
 * B's mail take, from its launch being asked for to the SMTP sink? The engine is a process of its own, on SQLite, or on
 * DATABASE_URL (an empty database) and REDIS_URL. Ends with 1 when p99 is above 5 s or A's backlog had run out.
 */

export interface Drill {
  launches: number;
  tries: number;
  mailsPerSecond: number;
  databaseUrl?: string | undefined;
  redisUrl?: string | undefined;
}

/** One launch of firm B. */
export interface Try {
  ms: number;
  /** Mails of A that came between B's launch and its mail. */
  overtaking: number;
  /** Mails of A that were still to come when B's came. */
  backlog: number;
}

const atOnce = 32;
/** Of the time that the backlog takes, the part over which the tries are spread. */
const spread = 0.7;
const slowestMs = 5_000;

export async function drill(options: Drill): Promise<Try[]> {
  const folder = await mkdtemp(join(tmpdir(), "collecte-fairness-"));
  const sink = await startMailSink();
  const environment: Record<string, string> = {
    COLLECTE_MODE: "test",
    COLLECTE_SECRET: randomBytes(32).toString("hex"),
    COLLECTE_DATA: folder,
    COLLECTE_PORT: "0",
    COLLECTE_LOG_LEVEL: "error",
    COLLECTE_REQUESTS_PER_MINUTE: "10000000",
    COLLECTE_MAILS_PER_SECOND: String(options.mailsPerSecond),
    SMTP_URL: sink.url,
    ...(options.databaseUrl !== undefined && { DATABASE_URL: options.databaseUrl }),
    ...(options.redisUrl !== undefined && { REDIS_URL: options.redisUrl }),
  };
  try {
    const [keyA, keyB] = [await keyOf(environment, "A"), await keyOf(environment, "B")];
    const engine = await startEngineProcess(environment);
    const client = createApiClient(engine.url, { tries: 20, connections: atOnce });
    try {
      return await race(options, createFirmApi(client, keyA), createFirmApi(client, keyB), sink);
    } finally {
      client.close();
      await engine.stop();
    }
  } finally {
    await sink.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function keyOf(environment: Record<string, string>, name: string): Promise<string> {
  const email = `cabinet-${name.toLowerCase()}@firm.example`;
  const args = ["firm", "create", "--name", `Cabinet ${name}`, "--email", email, "--siren", "732829320"];
  return (await collecteJson<{ apiKey: string }>(environment, ...args)).apiKey;
}

async function race(
  { launches, tries, mailsPerSecond }: Drill,
  a: FirmApi,
  b: FirmApi,
  sink: MailSink,
): Promise<Try[]> {
  const draftsOfA = await drafts(a, "a", launches);
  const draftsOfB = await drafts(b, "b", tries);
  await all(draftsOfA, (id) => a.launch(id));
  let mailsOfB = 0;
  const mailsOfA = () => sink.count() - mailsOfB;
  const begun = performance.now();
  const backlogMs = ((launches - mailsOfA()) / mailsPerSecond) * 1_000 * spread;
  const done: Try[] = [];
  for (const [i, id] of draftsOfB.entries()) {
    const at = begun + (backlogMs * i) / tries;
    await sleep(Math.max(0, at - performance.now()));
    const before = mailsOfA();
    const asked = performance.now();
    const arrived = sink.next(addressOf("b", i), undefined, 120_000).then(() => {
      mailsOfB += 1;
      return {
        ms: performance.now() - asked,
        overtaking: mailsOfA() - before,
        backlog: launches - mailsOfA(),
      };
    });
    const [one] = await Promise.all([arrived, b.launch(id)]);
    done.push(one);
  }
  return done;
}

async function drafts(firm: FirmApi, name: string, count: number): Promise<string[]> {
  const pdf = await PDFDocument.create();
  pdf.addPage();
  const document = await firm.addDocument(await pdf.save());
  return all(
    Array.from({ length: count }, (_, i) => i),
    async (i) => {
      const person = { firstName: "Zoé", lastName: `Martin ${i}`, phone: "+33639980001" };
      const { id } = await firm.createCollecte({
        title: `Lettre ${i}`,
        documents: [document.id],
        steps: [{ signatories: [{ ...person, email: addressOf(name, i) }] }],
      });
      return id;
    },
  );
}

function addressOf(name: string, i: number): string {
  return `${name}-${i}@people.example`;
}

async function all<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [i, item] of queue) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

export function figuresOf(done: Try[]) {
  const times = done.map(({ ms }) => Math.round(ms)).sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(times.length - 1, Math.ceil(times.length * share) - 1)] ?? 0;
  return {
    tries: done.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: times.at(-1) ?? 0,
    firstBacklog: done[0]?.backlog ?? 0,
    mostOvertaking: Math.max(...done.map(({ overtaking }) => overtaking)),
    leastBacklog: Math.min(...done.map(({ backlog }) => backlog)),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      launches: { type: "string", default: "20000" },
      tries: { type: "string", default: "100" },
      "mails-per-second": { type: "string", default: "100" },
      json: { type: "boolean", default: false },
    },
  });
  const options = {
    launches: Number(values.launches),
    tries: Number(values.tries),
    mailsPerSecond: Number(values["mails-per-second"]),
  };
  const figures = figuresOf(
    await drill({
      ...options,
      databaseUrl: process.env["DATABASE_URL"],
      redisUrl: process.env["REDIS_URL"],
    }),
  );
  const isFair = figures.p99Ms <= slowestMs && figures.leastBacklog > 0;
  const report = { ...options, ...figures, isFair };
  const lines = Object.entries(report).map(([name, value]) => `${name}: ${value}`);
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${lines.join("\n")}\n`);
  process.exitCode = isFair ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
