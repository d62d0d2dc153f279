import { stat } from "node:fs/promises";
import type { SignResult, SignTask, StepFailure } from "../actors/runtime/ports.ts";
import { type AskedWork, askedWork } from "./asked-work.ts";
import { Homes } from "./homes.ts";
import { smallDocumentBytes } from "./open-document.ts";
import type { Job, Work } from "./tasks/signing.ts";
import { Threads } from "./threads.ts";
import type { VerifyOptions, VerifyReport } from "./verify-document.ts";
import { WaitingLanes } from "./waiting-lanes.ts";

/**
 * Signs and checks in worker threads. What waits for a thread goes to it together, up to 16 documents: signatures and
 * steps of signatures alike, in the order in which they came.
 */
export interface SigningPool extends AskedWork {
  /** Never rejects. After `close`, answers `pool_closed`; a document whose thread dies or hangs, `worker_crashed`. */
  sign(task: SignTask): Promise<SignResult>;
  /** The same work where nobody waits for it: it lets all other go first, and has a turn now and then. */
  readonly upkeep: AskedWork;
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
  const pool = new Pool(options);
  return {
    ...pool.asked(false),
    upkeep: pool.asked(true),
    verify: (path, how) => pool.verify(path, how),
    queueDepth: () => pool.queueDepth(),
    close: () => pool.close(),
  };
}

class Pool {
  readonly #millisecondsPerDocument: number;
  readonly #together: number;
  readonly #threads: Threads;
  readonly #homes = new Homes();
  readonly #waiting = new WaitingLanes<Waiting>();
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

  async verify(path: string, options: VerifyOptions): Promise<VerifyReport> {
    if (this.#closing !== undefined) throw new Error("the pool is closed");
    const report = await this.#done({ name: "verify", of: { path, options } });
    if (report === undefined) throw new Error("the thread died or hung");
    return report as VerifyReport;
  }

  asked(isUpkeep: boolean): AskedWork {
    return askedWork(async (job) => {
      if (this.#closing !== undefined) return closed;
      return (await this.#done(job, isUpkeep)) ?? crashed;
    });
  }

  async #done(job: Job, isUpkeep = false): Promise<Answer | undefined> {
    this.#depth++;
    const small = await isSmall(job);
    const result = await new Promise<Answer | undefined>((settle) => {
      this.#waiting.push({ job, small, settle }, isUpkeep);
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
      const first = this.#waiting.first();
      if (first === undefined) return;
      // Another thread than its home serves as well, and only has to read the document anew: none waits for it.
      const thread = this.#threads.free(this.#homes.find(taskOf(first.job)?.sha256));
      if (thread === undefined) return;
      const group = this.#waiting.next(this.#together, this.#threads.freeCount());
      this.#threads.take(thread);
      void this.#doGroup(group, thread).finally(() => {
        this.#threads.release(thread);
        this.#dispatch();
      });
    }
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
