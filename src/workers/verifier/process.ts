import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isolated } from "../pdf/isolation.ts";
import type { VerifyReport } from "../report/report.ts";
import { unjudged } from "../verify-document.ts";

/** What the process is asked; certificates in Base64. */
export interface Question {
  readonly path: string;
  readonly trust: readonly string[];
  readonly at: number;
}

/** The bounds of one verifying process. */
export interface Bounds {
  readonly wallMs: number;
  readonly addressSpaceBytes: number;
  /** For tests that need a child of another kind. */
  readonly childPath?: string;
}

// As for the process that inspects uploads: without JIT, Node needs a fifth of the address space that it is given.
const NODE_FLAGS = ["--jitless", "--single-threaded", "--max-old-space-size=256"];
// Nor may it write a file, start a program or load native code (the flag lost its first name in Node 23.5).
const PERMISSIONS = [
  process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission",
  "--allow-fs-read=*",
];
const MAX_ANSWER_BYTES = 8 << 20;

interface Task {
  settle(report: VerifyReport): void;
  timer: NodeJS.Timeout;
}

/** A process that judges unknown PDFs, one at a time; it is started when asked, and again after its death. */
export class VerifierProcess {
  readonly #bounds: Bounds;
  #child: ChildProcess | undefined;
  #task: Task | undefined;
  #gone: Promise<void> = Promise.resolve();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get isBusy(): boolean {
    return this.#task !== undefined;
  }

  /** Must not be called while busy. A file that kills the process or takes too long is answered as such. */
  ask(question: Question, settle: (report: VerifyReport) => void): void {
    const child = this.#child ?? this.#start();
    const timer = setTimeout(() => this.#giveUp("verification_timeout"), this.#bounds.wallMs);
    this.#task = { settle, timer };
    child.stdin?.write(`${JSON.stringify(question)}\n`);
  }

  /** Ends the process and waits for its end; a file in hand is answered as failed. */
  async close(): Promise<void> {
    this.#giveUp("verification_failed");
    await this.#gone;
  }

  #start(): ChildProcess {
    const { addressSpaceBytes, childPath } = this.#bounds;
    const path = childPath ?? fileURLToPath(new URL("./child.js", import.meta.url));
    const node = [process.execPath, ...NODE_FLAGS, ...PERMISSIONS, path];
    const [program = process.execPath, ...args] = isolated(node, addressSpaceBytes).command;
    const child = spawn(program, args, { env: { PATH: "/usr/bin:/bin" }, stdio: ["pipe", "pipe", "ignore"] });
    this.#child = child;
    const earlier = this.#gone;
    this.#gone = new Promise<void>((resolve) => {
      const ended = () => {
        if (this.#child === child) this.#giveUp("verification_failed");
        resolve(earlier);
      };
      child.once("error", ended);
      child.once("close", ended);
    });
    // Writing to a process that has just died is told by its end.
    child.stdin?.on("error", () => undefined);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (this.#child !== child || this.#task === undefined) return;
        const report = line.length > MAX_ANSWER_BYTES ? undefined : parse(line);
        if (report === undefined) this.#giveUp("verification_failed");
        else this.#settle(report);
      });
    }
    return child;
  }

  // Killed first: settling may at once ask for the next file, which needs a new process.
  #giveUp(problem: string): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
    this.#settle(unjudged(problem));
  }

  #settle(report: VerifyReport): void {
    const task = this.#task;
    this.#task = undefined;
    clearTimeout(task?.timer);
    task?.settle(report);
  }
}

// The child has read an unknown file: no more is taken from it than a report's form.
function parse(line: string): VerifyReport | undefined {
  try {
    const value = JSON.parse(line) as VerifyReport;
    const isReport = typeof value.verdict === "string" && Array.isArray(value.signatures);
    return isReport && Array.isArray(value.problems) ? value : undefined;
  } catch {
    return undefined;
  }
}
