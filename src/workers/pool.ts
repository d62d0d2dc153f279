import { stat } from "node:fs/promises";
import type {
  Draft,
  Gathered,
  KeyMaterial,
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
import type { StepTasks } from "./tasks/signing.ts";
import { Threads } from "./threads.ts";
import type { VerifyOptions, VerifyReport } from "./verify-document.ts";

/** Signs and checks in worker threads. Documents that wait for a thread go to it together, up to 16. */
export interface SigningPool extends Port, StampingPool {
  /** Never rejects. After `close`, answers `pool_closed`; a document whose thread dies or hangs, `worker_crashed`. */
  sign(task: SignTask): Promise<SignResult>;
  /** Rejects only when the pool is closed or the thread dies. */
  verify(path: string, options: VerifyOptions): Promise<VerifyReport>;
  /** Documents accepted and not answered yet, those in hand included. */
  queueDepth(): number;
  /** Finishes what was accepted, then ends the threads; twice is fine. */
  close(): Promise<void>;
}

/** `worker` is the module whose `signGroup` and `verify` run in the threads. */
export interface SigningPoolOptions {
  threads: number;
  worker?: URL;
  /** How many small documents a thread takes at once, 16 by itself: with more, the disk is waited for less often. */
  together?: number;
  /** How long one document may take, in seconds, before its thread is ended. */
  secondsPerDocument?: number;
}

interface Waiting {
  task: SignTask;
  small: boolean;
  settle(result: SignResult): void;
}

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

  async sign(task: SignTask): Promise<SignResult> {
    if (this.#closing !== undefined) return { ok: false, code: "pool_closed" };
    this.#depth++;
    const small = task.bytes === undefined ? await isSmall(task.path) : task.bytes <= smallDocumentBytes;
    const result = await new Promise<SignResult>((settle) => {
      this.#waiting.push({ task, small, settle });
      this.#dispatchSoon();
    });
    this.#leave();
    return result;
  }

  prepare(task: SignTask, tokenBytes: number): Promise<Draft | StepFailure> {
    return this.#step("prepare", { task, tokenBytes });
  }

  gather(task: SignTask, draft: Draft, token: Uint8Array): Promise<Gathered | StepFailure> {
    return this.#step("gather", { task, draft, token });
  }

  archive(
    task: SignTask,
    draft: Draft,
    evidence: readonly ProvenSignature[],
    tokenBytes?: number,
  ): Promise<Draft | StepFailure> {
    const of = { task, draft, evidence, ...(tokenBytes !== undefined && { tokenBytes }) };
    return this.#step("archive", of);
  }

  async finish(task: SignTask, draft: Draft, token?: Uint8Array): Promise<SignResult | StepFailure> {
    const of = { task, draft, ...(token !== undefined && { token }) };
    const result = await this.#step<"finish", SignResult>("finish", of);
    const home = this.#homes.find(task.sha256);
    if (result.ok && home !== undefined) this.#homes.set(result.sha256, home);
    return result;
  }

  /** One document's step; like `sign`, it never rejects. */
  async #step<K extends keyof StepTasks, T>(name: K, of: StepTasks[K]): Promise<T | StepFailure> {
    if (this.#closing !== undefined) return { ok: false, code: "pool_closed" };
    this.#depth++;
    try {
      const signal = AbortSignal.timeout(this.#millisecondsPerDocument);
      // Every step reads the document: the thread that did so last keeps what that costs.
      const { sha256, bytes = 0 } = of.task;
      const thread = this.#threads.free(this.#homes.find(sha256)) ?? this.#threads.leastBusy();
      if (sha256 !== undefined && bytes > smallDocumentBytes) this.#homes.set(sha256, thread);
      return await this.#threads.run(of, { name, signal, thread });
    } catch {
      return crashed;
    } finally {
      this.#leave();
    }
  }

  async stamp(key: KeyMaterial, order: StampOrder): Promise<{ ok: true; token: Uint8Array } | StepFailure> {
    if (this.#closing !== undefined) return { ok: false, code: "pool_closed" };
    this.#depth++;
    try {
      const signal = AbortSignal.timeout(this.#millisecondsPerDocument);
      return await this.#threads.run({ key, order }, { name: "stamp", signal });
    } catch {
      return crashed;
    } finally {
      this.#leave();
    }
  }

  async verify(path: string, options: VerifyOptions): Promise<VerifyReport> {
    if (this.#closing !== undefined) throw new Error("the pool is closed");
    this.#depth++;
    try {
      return await this.#threads.run({ path, options }, { name: "verify" });
    } finally {
      this.#leave();
    }
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

  #leave(): void {
    this.#depth--;
    if (this.#depth === 0) this.#drained?.();
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
      const thread = this.#threads.free(this.#homes.find(first.task.sha256));
      if (thread === undefined) return;
      const group = this.#nextGroup();
      void this.#signGroup(group, thread).finally(() => this.#dispatch());
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
  async #signGroup(group: readonly Waiting[], thread: number): Promise<void> {
    const results = await this.#run(group, thread);
    if (results !== undefined) {
      group.forEach(({ small, settle }, i) => {
        const result = results[i] ?? crashed;
        if (result.ok && !small) this.#homes.set(result.sha256, thread);
        settle(result);
      });
    } else if (group.length === 1) {
      group[0]?.settle(crashed);
    } else {
      for (const alone of group) await this.#signGroup([alone], thread);
    }
  }

  async #run(group: readonly Waiting[], thread: number): Promise<SignResult[] | undefined> {
    const signal = AbortSignal.timeout(this.#millisecondsPerDocument * group.length);
    try {
      const tasks = group.map(({ task }) => task);
      return await this.#threads.run(tasks, { name: "signGroup", signal, thread });
    } catch {
      // Tasks answer with values: what arrives here is the end of a thread, or our own signal.
      return undefined;
    }
  }
}

const crashed: StepFailure = { ok: false, code: "worker_crashed" };

async function isSmall(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size <= smallDocumentBytes;
  } catch {
    return true;
  }
}
