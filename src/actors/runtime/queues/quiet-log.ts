import { codeOf } from "../errors.ts";
import type { Log } from "../ports.ts";

const quietMs = 30_000;
const mostKinds = 100;

/**
 * Logs the errors of a queue, each kind once in 30 s with the number held back since. Only the code and the name of
 * an error are said: ioredis puts commands, so passwords, into its errors.
 */
export class QuietLog {
  readonly #log: Log;
  readonly #queue: string;
  readonly #kinds = new Map<string, { saidAt: number; heldBack: number }>();

  constructor(log: Log, queue: string) {
    this.#log = log;
    this.#queue = queue;
  }

  error(error: unknown, message: string): void {
    const name = error instanceof Error ? error.name : typeof error;
    const code = codeOf(error);
    const key = `${message} ${name} ${code}`;
    const kind = this.#kinds.get(key);
    const now = Date.now();
    if (kind && now - kind.saidAt < quietMs) {
      kind.heldBack += 1;
      return;
    }
    if (this.#kinds.size >= mostKinds) this.#kinds.clear();
    this.#kinds.set(key, { saidAt: now, heldBack: 0 });
    this.#log.warn({ queue: this.#queue, error: name, code, heldBack: kind?.heldBack ?? 0 }, message);
  }
}
