import { EventEmitter } from "node:events";
import type { KeysMap, StreamReadRaw } from "bullmq";
import type { MemoryQueue } from "./memory-queue.ts";

/** The options of a Queue or a Worker that this backend reads. */
export interface BackendOptions {
  name?: string;
  lockDuration?: number;
  stalledInterval?: number;
  maxStalledCount?: number;
  limiter?: { max: number; duration: number };
  metrics?: { maxDataPoints?: number };
  removeOnComplete?: { count: number } | { age: number; count?: number };
  removeOnFail?: { count: number } | { age: number; count?: number };
}

/** What the connection is for: a worker and a reader of events can be seen by name, a producer can't. */
export type Role = "producer" | "worker" | "reader";

interface Marker {
  member: string;
  score: number;
}

const jobReady: Marker = { member: "0", score: 0 };
/** A worker that is told "never before infinity" does not look for a job on its way out. */
const interrupted: Marker = { member: "", score: Infinity };

/** The half of BullMQ's backend that connects, sleeps and wakes. */
export class InProcessConnection extends EventEmitter {
  readonly queue: MemoryQueue;
  readonly options: BackendOptions;
  readonly keys: KeysMap = {};
  readonly minimumBlockTimeout = 0.001;
  /** No wait here ends by the clock: the queue wakes a worker when there is something to do. */
  readonly maximumBlockTimeout = 3_600;
  closing: Promise<void> | undefined;
  #interrupted = false;
  #wakeWorker: (() => void) | undefined;
  #wakeReader: (() => void) | undefined;
  readonly #readFrom: string;

  constructor(queue: MemoryQueue, options: BackendOptions, role: Role) {
    super();
    this.queue = queue;
    this.options = options;
    this.#readFrom = role === "reader" ? queue.events.listen() : "0";
    if (role === "worker") {
      queue.clients.set(this, this.clientName(options.name ? `:w:${options.name}` : ""));
    } else if (role === "reader") {
      queue.clients.set(this, this.clientName(":qe"));
    }
  }

  async waitUntilReady(): Promise<void> {}

  close(_force = false): Promise<void> {
    this.closing ??= this.disconnect();
    return this.closing;
  }

  async disconnect(): Promise<void> {
    this.queue.clients.delete(this);
    await this.disconnectBlocking();
    this.#wakeReader?.();
  }

  async setName(name: string): Promise<void> {
    if (this.queue.clients.has(this)) this.queue.clients.set(this, name);
  }

  get qualifiedName(): string {
    return this.queue.name;
  }

  toKey(type: string): string {
    return `${this.queue.name}:${type}`;
  }

  parseNodeKey(key: string): { prefix: string; queueName: string; id: string } {
    const colon = key.lastIndexOf(":");
    return { prefix: "", queueName: key.slice(0, colon), id: key.slice(colon + 1) };
  }

  clientName(suffix = ""): string {
    return `${encodeURIComponent(this.queue.name)}${suffix}`;
  }

  /** Lines in the form of Redis' CLIENT LIST, for `getWorkers` and `getQueueEvents`. */
  async getClientList(): Promise<string[]> {
    const lines = [...this.queue.clients.values()].map(
      (name, index) => `id=${index + 1} addr=in-process name=${name}`,
    );
    return [lines.join("\n")];
  }

  /** Sleeps until a job can run: no timeout and no polling, whatever BullMQ asks. */
  waitForJob(_blockTimeout: number): Promise<Marker | null> {
    if (this.closing || this.#interrupted) return Promise.resolve(interrupted);
    if (this.queue.runnable) return Promise.resolve(jobReady);
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakeWorker = undefined;
        resolve(jobReady);
      };
      this.#wakeWorker = () => {
        this.#wakeWorker = undefined;
        this.queue.sleepers.delete(wake);
        resolve(interrupted);
      };
      this.queue.sleepers.add(wake);
    });
  }

  async disconnectBlocking(_wait = true): Promise<void> {
    this.#interrupted = true;
    this.#wakeWorker?.();
  }

  async reconnectBlocking(): Promise<void> {
    this.#interrupted = false;
  }

  /** `$` is the moment when the reader was made: events between that and its first read are not lost. */
  async readEvents(id: string, _blockTimeout: number): Promise<StreamReadRaw> {
    const from = id === "$" ? this.#readFrom : id;
    const found = this.queue.events.after(from);
    if (found || this.closing) return found;
    await new Promise<void>((resolve) => {
      const { sleepers } = this.queue.events;
      sleepers.add(resolve);
      this.#wakeReader = () => {
        sleepers.delete(resolve);
        resolve();
      };
    });
    return this.queue.events.after(from);
  }

  async publishEvent(fields: Record<string, string | number>, maxEvents: number): Promise<string> {
    const { event, ...facts } = fields;
    return this.queue.events.tell(String(event), facts, maxEvents);
  }

  async trimEvents(maxLength: number): Promise<number> {
    return this.queue.events.trim(maxLength);
  }
}
