import { createHash, createPrivateKey, sign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createApiClient } from "../../examples/end-of-year/api-client.ts";
import { chosen, createParapheurApi } from "../../examples/end-of-year/parapheur.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { makeIdentities } from "../signing/identities.ts";
import { prepareCollectes } from "./collectes.ts";

/** From the code that was typed to the last signature, and beside it what the machine could do at most. */
export interface ParapheurReport {
  notes: string[];
  documents: number;
  level: string;
  /** From the request with the ticked list to the answer with the code's id. */
  openSeconds: number;
  /** From the request with the code to the last signature. */
  signSeconds: number;
  perSecond: number;
  /** Of the engine, all its threads, while it signed; and how many of the machine's cores that was. */
  cpuMsPerDocument: number;
  coresBusy: number;
  /** The same with the time for which its threads were ready and others had the cores. */
  coresWanted: number;
  /** Until their evidence files and mails were done too, which let signatures go first. */
  allSeconds: number;
  allCpuMsPerDocument: number;
  floor: { perSecond: number; what: string };
  ratios: { what: string; ratio: number; most?: number }[];
}

const notes = [
  "one expert, one collecte a document of 30 KB, distinct bytes; the embedded timestamp unit; SQLite; one process.",
  "floor: SHA-256 of 30 KB and one key operation (P-256), one thread, in memory, by CPU time.",
];

const level = "B-LTA";
const documentBytes = 30_000;

/** The whole way, over HTTP, with an engine in a process of its own. */
export async function parapheurBench(root: string, scale: number): Promise<ParapheurReport> {
  const folder = await mkdtemp(join(root, "bench-parapheur-"));
  const stage = await buildStage({ folder, settings: { COLLECTE_LEVEL: level } });
  try {
    const count = Math.max(20, Math.round(1_000 * scale));
    const figures = await signedBy(stage, count);
    const { openSeconds, signSeconds, cpuSeconds, readySeconds, allSeconds, allCpuSeconds } = figures;
    const floor = floorPerSecond();
    const perSecond = count / signSeconds;
    return {
      notes,
      documents: count,
      level,
      openSeconds: round(openSeconds),
      signSeconds: round(signSeconds),
      perSecond: round(perSecond),
      cpuMsPerDocument: round((1_000 * cpuSeconds) / count),
      coresBusy: round(cpuSeconds / signSeconds),
      coresWanted: round((cpuSeconds + readySeconds) / signSeconds),
      allSeconds: round(allSeconds),
      allCpuMsPerDocument: round((1_000 * allCpuSeconds) / count),
      floor: { perSecond: round(floor), what: notes[1] ?? "" },
      ratios: [
        { what: "floor to the parapheur, documents a second", ratio: round(floor / perSecond) },
        // On a machine that others use as well, time tells of them; CPU time does not.
        {
          what: "CPU of a document to that of the floor",
          ratio: round((cpuSeconds / count) * floor),
          most: 450,
        },
      ],
    };
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Figures = Record<
  "openSeconds" | "signSeconds" | "cpuSeconds" | "readySeconds" | "allSeconds" | "allCpuSeconds",
  number
>;

async function signedBy(stage: Stage, count: number): Promise<Figures> {
  const { firm, expert, smses } = stage;
  const api = createApiClient(stage.engine.url);
  try {
    await prepareCollectes(stage, count);
    const parapheur = createParapheurApi({ api, apiKey: firm.apiKey, member: expert, smses });
    const items = await parapheur.all();
    if (items.length !== count) throw new Error(`${items.length} wait of ${count}`);
    const asked = performance.now();
    const session = await parapheur.open(items.map(chosen));
    const openSeconds = (performance.now() - asked) / 1_000;
    const typed = performance.now();
    const cpuBefore = cpuSecondsOf(stage.engine.pid);
    const readyBefore = readySecondsOf(stage.engine.pid);
    await parapheur.sign(session);
    const { progress } = await parapheur.finished(session.id, 300_000);
    const signSeconds = (performance.now() - typed) / 1_000;
    const cpuSeconds = cpuSecondsOf(stage.engine.pid) - cpuBefore;
    const readySeconds = readySecondsOf(stage.engine.pid) - readyBefore;
    if (progress.signed !== count) throw new Error(`not all was signed: ${JSON.stringify(progress)}`);
    await restOf(stage.engine.url);
    const allSeconds = (performance.now() - typed) / 1_000;
    const allCpuSeconds = cpuSecondsOf(stage.engine.pid) - cpuBefore;
    return { openSeconds, signSeconds, cpuSeconds, readySeconds, allSeconds, allCpuSeconds };
  } finally {
    api.close();
  }
}

/** Resolves when no effect waits or is under way; its counts are a second old at most. */
async function restOf(url: string): Promise<void> {
  for (;;) {
    const health = await (await fetch(`${url}/health`)).json();
    const { effects } = health as { effects: Record<string, { waiting: number; leased: number }> };
    if (Object.values(effects).every(({ waiting, leased }) => waiting + leased === 0)) return;
    await pause(250);
  }
}

/** Of a process, all its threads, by the kernel's count of hundredths (proc(5)). */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14).map(Number);
  return (user + system) / 100;
}

/** For how long its threads were ready to run and did not (schedstat's second figure, in nanoseconds). */
function readySecondsOf(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const waited = tasks.map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[1]),
  );
  return waited.reduce((sum, one) => sum + one, 0) / 1e9;
}

/** Of a document, as if nobody else used the machine: by the CPU time that it took. */
function floorPerSecond(): number {
  const { key } = makeIdentities(new Date())["P-256"];
  const privateKey = createPrivateKey({ key: Buffer.from(key.pkcs8), format: "der", type: "pkcs8" });
  const bytes = Buffer.alloc(documentBytes, 7);
  const once = () => {
    const digest = createHash("sha256").update(bytes).digest();
    sign("sha256", digest, privateKey);
  };
  for (let i = 0; i < 500; i++) once();
  const times = 3_000;
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) once();
  const { user, system } = process.cpuUsage(before);
  return (times / (user + system)) * 1e6;
}

function round(figure: number): number {
  return Math.round(figure * 100) / 100;
}
