import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Inspection, InspectionLimits } from "./inspect.ts";
import { type Answer, failed, parseAnswer } from "./inspector-answer.ts";
import { type FindProgram, isolated } from "./isolation.ts";

/** The bounds of one inspecting process; `warn` is told which of them this machine does not give. */
export interface ChildSettings {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly addressSpaceBytes: number;
  readonly childPath: string;
  readonly findProgram: FindProgram | undefined;
  warn(missing: readonly string[]): void;
}

/** One file to be inspected. `rewrite.to` is where the engine puts the file if it was written anew; it must not exist. */
export interface InspectionOrder {
  readonly path: string;
  readonly limits: InspectionLimits;
  readonly rewrite?: { readonly to: string; readonly neutralise?: boolean };
}

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
const MAX_ANSWER_BYTES = 65_536;

interface Task {
  readonly order: InspectionOrder;
  readonly settle: (inspection: Inspection) => void;
  /** What has come of a file written anew. */
  readonly chunks: Buffer[];
  received: number;
  answer?: Answer;
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
  ask(order: InspectionOrder, settle: (inspection: Inspection) => void): void {
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
    this.#task = { order, settle, chunks: [], received: 0, wallTimer, cpuTimer };
    const { path, limits, rewrite } = order;
    const wish = rewrite && { neutralise: rewrite.neutralise === true };
    child.stdin?.write(`${JSON.stringify({ path, limits, rewrite: wish })}\n`);
  }

  /** Ends the process and waits for its end; a file in hand is answered as failed. */
  async close(): Promise<void> {
    this.#kill();
    this.#settle(failed("the inspector is closed"));
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
    const rewritten = child.stdio[3] as Readable;
    rewritten.on("error", () => undefined);
    rewritten.on("data", (chunk: Buffer) => this.#received(child, chunk));
    return child;
  }

  #received(child: ChildProcess, chunk: Buffer): void {
    const task = this.#task;
    if (this.#child !== child || task === undefined) return;
    task.chunks.push(chunk);
    task.received += chunk.length;
    if (task.received <= (task.order.rewrite === undefined ? 0 : task.order.limits.maxBytes))
      this.#conclude(task);
    else this.#nonsense();
  }

  #answered(child: ChildProcess, line: string): void {
    const task = this.#task;
    if (this.#child !== child || task === undefined) return;
    const answer = line.length > MAX_ANSWER_BYTES ? undefined : parseAnswer(line);
    if (answer === undefined) {
      this.#nonsense();
      return;
    }
    task.answer = answer;
    this.#conclude(task);
  }

  /** Settles once the answer and all that it announces have come, each by its own pipe. */
  #conclude({ answer, chunks, received, order }: Task): void {
    if (answer === undefined) return;
    const { inspection, rewrittenBytes } = answer;
    if (!inspection.ok || rewrittenBytes === undefined) {
      this.#settle(inspection);
      return;
    }
    if (received < rewrittenBytes) return;
    if (received > rewrittenBytes || order.rewrite === undefined) {
      this.#nonsense();
      return;
    }
    const [settle, bytes] = [this.#end(), Buffer.concat(chunks)];
    const rewritten = { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
    write(order.rewrite.to, bytes).then(
      () => settle?.({ ...inspection, rewritten }),
      () => settle?.(failed("the file written anew could not be kept")),
    );
  }

  #nonsense(): void {
    this.#kill();
    this.#settle(failed("the inspecting process answered nonsense"));
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
    this.#end()?.(inspection);
  }

  /** Ends the task in hand, whose answer is the caller's to give. */
  #end(): Task["settle"] | undefined {
    const task = this.#task;
    if (task === undefined) return undefined;
    this.#task = undefined;
    clearTimeout(task.wallTimer);
    clearInterval(task.cpuTimer);
    return task.settle;
  }
}

/** A new file, durable before it is spoken of. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
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
