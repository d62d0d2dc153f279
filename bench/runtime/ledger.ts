import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { collecteJson } from "../../src/cli/demo/engine-process.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { drive, prepare } from "./http-load.ts";

const program = fileURLToPath(new URL("ledger-server.js", import.meta.url));

export interface LedgerBench {
  name: string;
  /** Where the data folder is made. */
  root: string;
  databaseUrl?: string | undefined;
  actors: number;
  commands: number;
  connections: number;
}

/** The runtime over HTTP: one command a request, a hundred a request, and one caller alone. */
export async function benchLedger(options: LedgerBench): Promise<Figures[]> {
  const folder = await mkdtemp(join(options.root, "bench-"));
  const environment: Record<string, string> = {
    ...environmentOf(folder),
    ...(options.databaseUrl !== undefined && { DATABASE_URL: options.databaseUrl }),
  };
  const apiKey = await apiKeyIn(environment);
  const child = spawn(process.execPath, [...process.execArgv, program], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    return await measure(options, /http:\S+/.exec(line)?.[0] ?? "", apiKey, child.pid ?? 0);
  } finally {
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Settings of an engine that a bench asks as fast as it can. */
export function environmentOf(folder: string): Record<string, string> {
  return {
    COLLECTE_MODE: "test",
    COLLECTE_SECRET: Buffer.alloc(32, "a bench has no secrets").toString("hex"),
    COLLECTE_DATA: folder,
    COLLECTE_PORT: "0",
    COLLECTE_LOG_LEVEL: "error",
    COLLECTE_REQUESTS_PER_MINUTE: "10000000",
  };
}

/** Makes the firm that the bench asks for. */
export async function apiKeyIn(environment: Record<string, string>): Promise<string> {
  const named = ["--name", "Cabinet du banc", "--email", "banc@cabinet.example", "--siren", "732829320"];
  return (await collecteJson<{ apiKey: string }>(environment, "firm", "create", ...named)).apiKey;
}

async function measure(
  { name, actors, commands, connections }: LedgerBench,
  url: string,
  apiKey: string,
  pid: number,
): Promise<Figures[]> {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const one = (n: number) =>
    prepare(url, "POST", `/v1/ledgers/${n % actors}`, headers, JSON.stringify({ amount: n }));
  const hundred = (n: number) => {
    const some = Array.from({ length: 100 }, (_, i) => ({
      ledger: String((n * 100 + i) % actors),
      amount: i,
    }));
    return prepare(url, "POST", "/v1/ledgers", headers, JSON.stringify({ commands: some }));
  };
  const many = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
  // Every ledger is there, and the code is warm, before the clock starts.
  await drive(url, many(actors / 100, hundred), 8, [200]);
  await drive(url, many(2_000, one), connections, [200]);
  const run = async (what: string, requests: ReturnType<typeof one>[], each: number, lanes: number) => {
    const before = await cpuSeconds(pid);
    const load = await drive(url, requests, lanes, [200]);
    const cpu = (await cpuSeconds(pid)) - before;
    return {
      ...figuresOf(`${name}, ${what}`, requests.length * each, load),
      cpuMicroseconds: (cpu / (requests.length * each)) * 1e6,
    };
  };
  return [
    await run("one a request", many(commands, one), 1, connections),
    await run("a hundred a request", many(commands / 25, hundred), 100, 16),
    await run("one caller", many(500, one), 1, 1),
  ];
}

/** User and system time of a process, in seconds (proc(5): a tick is 10 ms). */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
