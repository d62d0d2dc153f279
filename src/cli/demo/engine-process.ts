import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CliFault } from "../fault.ts";

const program = fileURLToPath(new URL("../main.js", import.meta.url));
/** As `npm start` has it. */
const heapLimit = "--max-old-space-size=1024";
const startLimitMs = 60_000;
const stopLimitMs = 40_000;
const mostOutput = 64 * 1024 * 1024;

/** `collecte serve` in a process of its own, as an operator would run it. */
export interface EngineProcess {
  readonly url: string;
  readonly pid: number;
  /** SIGTERM, then waits for its end. */
  stop(): Promise<void>;
  /** As if the power went. */
  kill(): Promise<void>;
}

/** Starts the engine with these settings and resolves once it listens. */
export async function startEngineProcess(environment: Record<string, string>): Promise<EngineProcess> {
  // Node's own flags go along, so that `node --cpu-prof … demo` also profiles the engine.
  const child = spawn(process.execPath, [heapLimit, ...process.execArgv, program, "serve"], {
    env: cleanEnvironment(environment),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = await listening(child);
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    const late = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
    child.kill(signal);
    const code = await ended;
    clearTimeout(late);
    if (signal === "SIGTERM" && code !== 0)
      throw new CliFault(`the engine did not stop well (${code}): see above`);
  };
  return { url, pid: child.pid ?? 0, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}

/** One command of `collecte`, with the JSON object that it prints. */
export async function collecteJson<T>(environment: Record<string, string>, ...args: string[]): Promise<T> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [program, ...args, "--json"], {
    env: cleanEnvironment(environment),
    maxBuffer: mostOutput,
  });
  return JSON.parse(stdout) as T;
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new CliFault("the engine did not start within a minute")),
      startLimitMs,
    );
    child.once("exit", (code) => {
      clearTimeout(late);
      reject(new CliFault(`the engine ended with code ${code}: see above`));
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      const url = /listens on (\S+)/.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
    });
  });
}

/** The settings given here and nothing of the caller's own engine. */
function cleanEnvironment(environment: Record<string, string>): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG", "NODE_OPTIONS"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ...environment };
}
