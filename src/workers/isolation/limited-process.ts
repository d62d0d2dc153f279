import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type FindProgram, isolated } from "./bounds.ts";

/** The bounds of a process that reads unknown files, the module that it runs, and what it may answer. */
export interface ProcessSettings<A> {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly addressSpaceBytes: number;
  readonly childPath: string;
  readonly mostAnswerBytes: number;
  /** The process has read an unknown file: what it says is checked like anything from outside. Undefined: nonsense. */
  parse(line: string): Said<A> | undefined;
  readonly findProgram?: FindProgram | undefined;
  /** Told which of the bounds this machine does not give. */
  warn(missing: readonly string[]): void;
}

/** An answer, and how many bytes belong to it that come by the other pipe. */
export interface Said<A> {
  readonly answer: A;
  readonly bytes: number;
}

/** What became of a question. */
export type Outcome<A> =
  | { readonly ok: true; readonly answer: A; readonly bytes: Buffer }
  | { readonly ok: false; readonly isTimeout: boolean; readonly detail: string };

/*
 * Tried with Node 20.20 on x64 under prlimit --as of 1 GB. With its JIT, V8 reserves 728 MB of addresses before it runs
 * a line: 248 MB of buffers or 144 MB of objects are left, its compiling threads crash now and then, and below 768 MB
 * it does not start. Without JIT it reserves 204 MB and leaves 632 MB of buffers, or the whole 256 MB of objects; our
 * code runs three times slower, which a file of 480 pages notices (55 ms, not 16). And no memory of the process that
 * reads unknown files is both writable and executable.
 */
const NODE_FLAGS = ["--jitless", "--single-threaded", "--max-old-space-size=256"];
/*
 * Node itself then refuses to write a file, to start a program or a thread and to load native code. Reading stays free:
 * the code's own folders are not all known. The flag lost its first name in Node 23.5.
 */
const PERMISSIONS = [
  process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission",
  "--allow-fs-read=*",
];
const CPU_CHECK_MS = 250;
// Linux counts in 1/100 s for user space on every architecture that Node runs on.
const TICK_MS = 10;
const NONSENSE = "the process answered nonsense";
const CLOSED = "closed";

interface Task<A> {
  readonly mostBytes: number;
  readonly settle: (outcome: Outcome<A>) => void;
  /** What has come by the other pipe. */
  readonly chunks: Buffer[];
  received: number;
  said?: Said<A>;
  readonly wallTimer: NodeJS.Timeout;
  readonly cpuTimer: NodeJS.Timeout;
}

/** One place for a process, which is started when asked and started again after its death. */
export class LimitedProcess<A> {
  readonly #settings: ProcessSettings<A>;
  #child: ChildProcess | undefined;
  #task: Task<A> | undefined;
  #gone: Promise<void> = Promise.resolve();

  constructor(settings: ProcessSettings<A>) {
    this.#settings = settings;
  }

  get isBusy(): boolean {
    return this.#task !== undefined;
  }

  /** Asks one question; must not be called while busy. `settle` is called once. */
  ask(question: object, mostBytes: number, settle: (outcome: Outcome<A>) => void): void {
    const child = this.#child ?? this.#start();
    const { wallMs, cpuMs } = this.#settings;
    const cpuBefore = cpuMsOf(child.pid);
    const wallTimer = setTimeout(() => this.#giveUp(`over ${wallMs} ms`, true), wallMs);
    const cpuTimer = setInterval(() => {
      if (cpuMsOf(child.pid) - cpuBefore > cpuMs) this.#giveUp(`over ${cpuMs} ms of CPU`, true);
    }, CPU_CHECK_MS);
    this.#task = { mostBytes, settle, chunks: [], received: 0, wallTimer, cpuTimer };
    child.stdin?.write(`${JSON.stringify(question)}\n`);
  }

  /** Ends the process and waits for its end; a question in hand is answered as failed. */
  async close(): Promise<void> {
    this.#giveUp(CLOSED);
    await this.#gone;
  }

  #start(): ChildProcess {
    const { addressSpaceBytes, childPath, findProgram, warn } = this.#settings;
    const node = [process.execPath, ...NODE_FLAGS, ...PERMISSIONS, childPath];
    const { command, missing } = isolated(node, addressSpaceBytes, findProgram);
    if (missing.length > 0) warn(missing);
    const [program = process.execPath, ...args] = command;
    const env = { PATH: "/usr/bin:/bin" };
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "ignore", "pipe"] });
    this.#child = child;
    const earlier = this.#gone;
    this.#gone = new Promise<void>((resolve) => {
      const ended = (detail: string) => {
        if (this.#child === child) this.#giveUp(detail);
        resolve(earlier);
      };
      child.once("error", () => ended("the process did not start"));
      child.once("close", (code, signal) => ended(`the process ended (${signal ?? code})`));
    });
    // Writing to a process that has just died is told by its end.
    child.stdin?.on("error", () => undefined);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on("line", (line) => this.#answered(child, line));
    }
    const other = child.stdio[3] as Readable;
    other.on("error", () => undefined);
    other.on("data", (chunk: Buffer) => this.#received(child, chunk));
    return child;
  }

  #received(child: ChildProcess, chunk: Buffer): void {
    const task = this.#task;
    if (this.#child !== child || task === undefined) return;
    task.chunks.push(chunk);
    task.received += chunk.length;
    if (task.received <= task.mostBytes) this.#conclude(task);
    else this.#giveUp(NONSENSE);
  }

  #answered(child: ChildProcess, line: string): void {
    const task = this.#task;
    if (this.#child !== child || task === undefined) return;
    const { mostAnswerBytes, parse } = this.#settings;
    const said = line.length > mostAnswerBytes ? undefined : parse(line);
    if (said === undefined || said.bytes > task.mostBytes) {
      this.#giveUp(NONSENSE);
      return;
    }
    task.said = said;
    this.#conclude(task);
  }

  /** Settles once the answer and all that it announces have come, each by its own pipe. */
  #conclude({ said, chunks, received }: Task<A>): void {
    if (said === undefined || received < said.bytes) return;
    if (received > said.bytes) this.#giveUp(NONSENSE);
    else this.#settle({ ok: true, answer: said.answer, bytes: Buffer.concat(chunks) });
  }

  // Killed first: settling may at once ask for the next file, which needs a new process.
  #giveUp(detail: string, isTimeout = false): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
    this.#settle({ ok: false, isTimeout, detail });
  }

  #settle(outcome: Outcome<A>): void {
    const task = this.#task;
    if (task === undefined) return;
    this.#task = undefined;
    clearTimeout(task.wallTimer);
    clearInterval(task.cpuTimer);
    task.settle(outcome);
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
