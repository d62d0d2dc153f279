import { stat } from "node:fs/promises";
import type {
  Draft,
  Gathered,
  KeyMaterial,
  Paper,
  PaperPool,
  LevelPool as Port,
  ProvenSignature,
  SignResult,
  SignTask,
  StampingPool,
  StampOrder,
  StepFailure,
} from "../actors/runtime/ports.ts";
import { Homes } from "./homes.ts";
import { smallDocumentBytes } from "./open-document.ts";
import type { Job, Work } from "./tasks/signing.ts";
import { Threads } from "./threads.ts";
import type { VerifyOptions, VerifyReport } from "./verify-document.ts";

/**
 * Signs and checks in worker threads. What waits for a thread goes to it together, up to 16 documents: signatures and
 * steps of signatures alike, in the order in which they came.
 */
export interface SigningPool extends Port, StampingPool, PaperPool {
  /** Never rejects. After `close`, answers `pool_closed`; a document whose thread dies or hangs, `worker_crashed`. */
  sign(task: SignTask): Promise<SignResult>;
  /** Rejects only when the pool is closed, or the thread dies or hangs. */
  verify(path: string, options: VerifyOptions): Promise<VerifyReport>;
  /** Documents accepted and not answered yet, those in hand included. */
  queueDepth(): number;
  /** Finishes what was accepted, then ends the threads; twice is fine. */
  close(): Promise<void>;
}

/** `worker` is the module whose `doGroup` runs in the threads. */
export interface SigningPoolOptions {
  threads: number;
  worker?: URL;
  /** How many small documents a thread takes at once, 16 by itself: with more, the disk is waited for less often. */
  together?: number;
  /** How long one document, or a group at its first try, may keep a thread, in seconds, before the thread is ended. */
  secondsPerDocument?: number;
}

type Answer = Work[keyof Work]["result"];

interface Waiting {
  job: Job;
  small: boolean;
  /** Undefined when its thread died or hung. */
  settle(result: Answer | undefined): void;
}

const closed: StepFailure = { ok: false, code: "pool_closed" };
const crashed: StepFailure = { ok: false, code: "worker_crashed" };

/** A pool of this many threads, started as work comes. */
export function createSigningPool(options: SigningPoolOptions): SigningPool {
  return new Pool(options);
}

class Pool implements SigningPool {
  readonly #millisecondsPerDocument: number;
  readonly #together: number;
  readonly #threads: Threads;
  readonly #homes = new Homes();
  readonly #waiting: Waiting[] = [];
  #depth = 0;
  #dispatching = false;
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor({ threads, worker, together = 16, secondsPerDocument = 60 }: SigningPoolOptions) {
    this.#together = together;
    this.#millisecondsPerDocument = secondsPerDocument * 1000;
    this.#threads = new Threads(threads, worker ?? new URL("./tasks/signing.js", import.meta.url));
  }

  queueDepth(): number {
    return this.#depth;
  }

  sign(task: SignTask): Promise<SignResult> {
    return this.#answered({ name: "sign", of: task });
  }

  prepare(task: SignTask, tokenBytes: number): Promise<Draft | StepFailure> {
    return this.#answered({ name: "prepare", of: { task, tokenBytes } });
  }

  gather(task: SignTask, draft: Draft, token: Uint8Array): Promise<Gathered | StepFailure> {
    return this.#answered({ name: "gather", of: { task, draft, token } });
  }

  archive(
    task: SignTask,
    draft: Draft,
    evidence: readonly ProvenSignature[],
    tokenBytes?: number,
  ): Promise<Draft | StepFailure> {
    const of = { task, draft, evidence, ...(tokenBytes !== undefined && { tokenBytes }) };
    return this.#answered({ name: "archive", of });
  }

  finish(task: SignTask, draft: Draft, token?: Uint8Array): Promise<SignResult | StepFailure> {
    const of = { task, draft, ...(token !== undefined && { token }) };
    return this.#answered({ name: "finish", of });
  }

  stamp(key: KeyMaterial, order: StampOrder): Promise<{ ok: true; token: Uint8Array } | StepFailure> {
    return this.#answered({ name: "stamp", of: { key, order } });
  }

  writePaper(paper: Paper, outPath: string): Promise<{ ok: true; bytes: number } | StepFailure> {
    return this.#answered({ name: "writePaper", of: { paper, outPath } });
  }

  certificatesIn(path: string): Promise<{ ok: true; certificates: Uint8Array[] } | StepFailure> {
    return this.#answered({ name: "certificatesIn", of: { path } });
  }

  async verify(path: string, options: VerifyOptions): Promise<VerifyReport> {
    if (this.#closing !== undefined) throw new Error("the pool is closed");
    const report = await this.#done({ name: "verify", of: { path, options } });
    if (report === undefined) throw new Error("the thread died or hung");
    return report as VerifyReport;
  }

  async #answered<K extends keyof Work>(
    job: Job & { name: K },
  ): Promise<Exclude<Work[K]["result"], StepFailure> | StepFailure> {
    if (this.#closing !== undefined) return closed;
    const result = await this.#done(job);
    return result === undefined ? crashed : (result as Exclude<Work[K]["result"], StepFailure>);
  }

  async #done(job: Job): Promise<Answer | undefined> {
    this.#depth++;
    const small = await isSmall(job);
    const result = await new Promise<Answer | undefined>((settle) => {
      this.#waiting.push({ job, small, settle });
      this.#dispatchSoon();
    });
    this.#depth--;
    if (this.#depth === 0) this.#drained?.();
    return result;
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain().then(() => this.#threads.close());
    return this.#closing;
  }

  async #drain(): Promise<void> {
    if (this.#depth === 0) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  // At the end of this turn of the loop: calls that come in one burst share the threads evenly.
  #dispatchSoon(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    setImmediate(() => {
      this.#dispatching = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      // Another thread than its home serves as well, and only has to read the document anew: none waits for it.
      const thread = this.#threads.free(this.#homes.find(taskOf(first.job)?.sha256));
      if (thread === undefined) return;
      const group = this.#nextGroup();
      this.#threads.take(thread);
      void this.#doGroup(group, thread).finally(() => {
        this.#threads.release(thread);
        this.#dispatch();
      });
    }
  }

  /** In order of arrival; a large document goes alone, for its neighbours would wait for it. */
  #nextGroup(): Waiting[] {
    const fairShare = Math.ceil(this.#waiting.length / this.#threads.freeCount());
    const most = Math.min(this.#together, fairShare);
    const firstLarge = this.#waiting.slice(0, most).findIndex(({ small }) => !small);
    return this.#waiting.splice(0, firstLarge === -1 ? most : Math.max(1, firstLarge));
  }

  /** A group whose thread dies is tried again one by one, once: only the document that kills it is lost. */
  async #doGroup(group: readonly Waiting[], thread: number): Promise<void> {
    const results = await this.#run(group, thread);
    if (results !== undefined) {
      group.forEach((one, i) => {
        const result = results[i];
        if (!one.small) this.#remember(one.job, result, thread);
        one.settle(result);
      });
    } else if (group.length === 1) {
      group[0]?.settle(undefined);
    } else {
      for (const alone of group) await this.#doGroup([alone], thread);
    }
  }

  /** The thread that read or made a large document keeps what that cost. */
  #remember(job: Job, result: Answer | undefined, thread: number): void {
    const read = taskOf(job)?.sha256;
    if (read !== undefined) this.#homes.set(read, thread);
    if (result !== undefined && "sha256" in result) this.#homes.set(result.sha256, thread);
  }

  async #run(group: readonly Waiting[], thread: number): Promise<Answer[] | undefined> {
    const jobs = group.map(({ job }) => job);
    try {
      return await this.#threads.run(thread, "doGroup", jobs, this.#millisecondsPerDocument);
    } catch {
      // Tasks answer with values: what arrives here is the end of a thread.
      return undefined;
    }
  }
}

/** The document that a job signs or helps to sign. */
function taskOf(job: Job): SignTask | undefined {
  if (job.name === "sign") return job.of;
  return "task" in job.of ? job.of.task : undefined;
}

async function isSmall(job: Job): Promise<boolean> {
  const task = taskOf(job);
  if (task?.bytes !== undefined) return task.bytes <= smallDocumentBytes;
  const path = task?.path ?? ("path" in job.of ? job.of.path : undefined);
  if (path === undefined) return true;
  try {
    const found = await stat(path);
    return found.isFile() && found.size <= smallDocumentBytes;
  } catch {
    return true;
  }
}
