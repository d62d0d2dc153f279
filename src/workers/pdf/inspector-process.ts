import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Inspection, InspectionLimits } from "./inspect.ts";

/** The bounds of one inspecting process; `prlimit` is the path of that program, if there is one. */
export interface ChildSettings {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly addressSpaceBytes: number;
  readonly childPath: string;
  readonly prlimit: string | undefined;
}

/*
 * Tried with Node 20.20 on x64 under prlimit --as of 1 GB. With its JIT, V8 reserves 728 MB of addresses before it runs
 * a line: 248 MB of buffers or 144 MB of objects are left, its compiling threads crash now and then, and below 768 MB
 * it does not start. Without JIT it reserves 204 MB and leaves 632 MB of buffers, or the whole 256 MB of objects; our
 * code runs three times slower, which a file of 480 pages notices (55 ms, not 16). And no memory of the process that
 * reads unknown files is both writable and executable.
 */
const NODE_FLAGS = ["--jitless", "--single-threaded", "--max-old-space-size=256"];
const CPU_CHECK_MS = 250;
// Linux counts in 1/100 s for user space on every architecture that Node runs on.
const TICK_MS = 10;
const MAX_ANSWER_BYTES = 65_536;

interface Task {
  readonly settle: (inspection: Inspection) => void;
  readonly wallTimer: NodeJS.Timeout;
  readonly cpuTimer: NodeJS.Timeout;
}

/** One place for a process, which is started when asked and started again after its death. */
export class InspectorChild {
  readonly #settings: ChildSettings;
  #child: ChildProcess | undefined;
  #task: Task | undefined;
  #gone: Promise<void> = Promise.resolve();

  constructor(settings: ChildSettings) {
    this.#settings = settings;
  }

  get isBusy(): boolean {
    return this.#task !== undefined;
  }

  /** Has one file inspected; must not be called while busy. `settle` is called once. */
  ask(path: string, limits: InspectionLimits, settle: (inspection: Inspection) => void): void {
    const child = this.#child ?? this.#start();
    const { wallMs, cpuMs } = this.#settings;
    const cpuBefore = cpuMsOf(child.pid);
    const tooLong = (what: string) => {
      // Killed first: settling may at once ask for the next file, which needs a new process.
      this.#kill();
      this.#settle({ ok: false, code: "pdf_inspection_timeout", detail: `over ${what}` });
    };
    const wallTimer = setTimeout(() => tooLong(`${wallMs} ms`), wallMs);
    const cpuTimer = setInterval(() => {
      if (cpuMsOf(child.pid) - cpuBefore > cpuMs) tooLong(`${cpuMs} ms of CPU`);
    }, CPU_CHECK_MS);
    this.#task = { settle, wallTimer, cpuTimer };
    child.stdin?.write(`${JSON.stringify({ path, limits })}\n`);
  }

  /** Ends the process and waits for its end; a file in hand is answered as failed. */
  async close(): Promise<void> {
    this.#kill();
    this.#settle(failed("the inspector is closed"));
    await this.#gone;
  }

  #start(): ChildProcess {
    const { prlimit, addressSpaceBytes, childPath } = this.#settings;
    const command = [process.execPath, ...NODE_FLAGS, childPath];
    const limited =
      prlimit === undefined ? command : [prlimit, `--as=${addressSpaceBytes}`, "--", ...command];
    const [program = process.execPath, ...args] = limited;
    const child = spawn(program, args, { env: { PATH: "/usr/bin:/bin" }, stdio: ["pipe", "pipe", "ignore"] });
    this.#child = child;
    const earlier = this.#gone;
    this.#gone = new Promise<void>((resolve) => {
      const ended = (detail: string) => {
        if (this.#child === child) this.#lost(detail);
        resolve(earlier);
      };
      child.once("error", () => ended("the inspecting process did not start"));
      child.once("close", (code, signal) => ended(`the inspecting process ended (${signal ?? code})`));
    });
    // Writing to a process that has just died is told by its end.
    child.stdin?.on("error", () => undefined);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (line) => this.#answered(child, line));
    }
    return child;
  }

  #answered(child: ChildProcess, line: string): void {
    if (this.#child !== child || this.#task === undefined) return;
    const inspection = line.length > MAX_ANSWER_BYTES ? undefined : parseInspection(line);
    if (inspection === undefined) this.#kill();
    this.#settle(inspection ?? failed("the inspecting process answered nonsense"));
  }

  #lost(detail: string): void {
    this.#child = undefined;
    this.#settle(failed(detail));
  }

  #kill(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
  }

  #settle(inspection: Inspection): void {
    const task = this.#task;
    if (task === undefined) return;
    this.#task = undefined;
    clearTimeout(task.wallTimer);
    clearInterval(task.cpuTimer);
    task.settle(inspection);
  }
}

/** The answer for a file that could not be inspected. */
export function failed(detail: string): Inspection {
  return { ok: false, code: "pdf_inspection_failed", detail };
}

// The child has read an unknown file: what it says is checked like anything from outside.
function parseInspection(line: string): Inspection | undefined {
  try {
    const value = JSON.parse(line) as Inspection;
    if (value.ok === true) {
      const { pages, revisions, signatures } = value;
      const sound = [pages, revisions, signatures].every(
        (count) => Number.isSafeInteger(count) && count >= 0,
      );
      return sound ? { ok: true, pages, revisions, signatures } : undefined;
    }
    const { code, detail } = value;
    const sound = value.ok === false && typeof code === "string" && typeof detail === "string";
    return sound ? { ok: false, code, detail } : undefined;
  } catch {
    return undefined;
  }
}

// User and system time of /proc/PID/stat, whose second field may itself hold blanks; 0 where there is no /proc.
function cpuMsOf(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}
