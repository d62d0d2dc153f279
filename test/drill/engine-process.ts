import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Arming } from "./engine.ts";
import type { Strike } from "./evidence.ts";
import type { Told } from "./failpoints.ts";
import type { Failpoint } from "./points.ts";

const program = fileURLToPath(new URL("./engine.js", import.meta.url));
const startLimitMs = 60_000;
const mostStarts = 8;

export interface EngineOptions {
  /** COLLECTE_PORT among them: the same at each start. */
  environment: Readonly<Record<string, string>>;
  /** A line for the log of the run. */
  note(line: string): void;
  onReached(point: string): void;
  /** A job took so long that its lease may have ended before it. */
  onSlow(job: Strike): void;
}

/** One engine process after the other on the same port. */
export class EngineProcess {
  readonly url: string;
  readonly #options: EngineOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #hasStruck = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.url = `http://127.0.0.1:${options.environment["COLLECTE_PORT"]}`;
  }

  /** Resolves once it listens. Its port may be taken for a moment, by somebody's connection to somewhere else. */
  async start(): Promise<void> {
    for (let tries = 1; !(await this.#tryToStart()); tries++) {
      if (tries === mostStarts) throw new Error(`the engine on ${this.url} does not start`);
      await pause(250 * tries);
    }
  }

  /** False when it died before it listened. */
  async #tryToStart(): Promise<boolean> {
    const { environment, note, onReached, onSlow } = this.#options;
    const child = spawn(process.execPath, [program], {
      env: { ...kept(), ...environment },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    child.on("message", ({ reached, struck, slow }: Told) => {
      if (reached !== undefined) onReached(reached);
      if (struck) this.#hasStruck = true;
      if (slow) onSlow(slow);
    });
    const ended = new Promise<void>((resolve) =>
      child.once("exit", (code, signal) => {
        note(`engine ${this.url} ended: ${signal ?? code}`);
        if (this.#child === child) this.#child = undefined;
        resolve();
      }),
    );
    this.#ended = ended;
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on("line", (line) =>
      note(`stderr ${line}`),
    );
    const listens = new Promise<boolean>((resolve) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
        if (line.startsWith("listens on ")) resolve(true);
        else note(`stdout ${line}`);
      });
    });
    const late = setTimeout(() => child.kill("SIGKILL"), startLimitMs);
    const isListening = await Promise.race([listens, ended.then(() => false)]);
    clearTimeout(late);
    return isListening;
  }

  /** Makes the process strike itself there, or nowhere. */
  arm(failpoint: Failpoint | undefined): void {
    this.#hasStruck = false;
    const arming: Arming = { arm: failpoint ?? null };
    // A process that dies just now needs no arming.
    if (this.#child?.connected) this.#child.send(arming, () => undefined);
  }

  /** Whether the process has struck itself since it was armed. */
  get hasStruck(): boolean {
    return this.#hasStruck;
  }

  /** Sends a signal and, when it is a deadly one, waits for the end. */
  async signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT" | "SIGTERM"): Promise<void> {
    this.#child?.kill(name);
    if (name === "SIGKILL" || name === "SIGTERM") await this.#ended;
  }

  /** Resolves when the process that runs now is dead. */
  ended(): Promise<void> {
    return this.#ended;
  }
}

/** Of the caller's own environment, what a program needs to run at all. */
function kept(): Record<string, string> {
  return Object.fromEntries(
    ["PATH", "HOME", "TMPDIR", "LANG"].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
