import type { Hint, HintQueue, Queues } from "../../../src/actors/runtime/queues/queues.ts";

export interface LossyQueues {
  queues: Queues;
  /** Hints that are added from now on: handed to a worker, lost without a word, or refused. */
  set(fate: "kept" | "lost" | "refused"): void;
}

type Handler = Parameters<HintQueue["work"]>[0];

/** Queues in memory that may lose hints. */
export function lossyQueues(): LossyQueues {
  let fate: "kept" | "lost" | "refused" = "kept";
  const queues = new Map<string, HintQueue>();

  function createQueue(): HintQueue {
    const waiting: Hint[] = [];
    const running = new Set<Promise<void>>();
    let worker: { handler: Handler; concurrency: number } | undefined;

    function next(): void {
      while (worker && running.size < worker.concurrency) {
        const hint = waiting.shift();
        if (!hint) return;
        const run = worker
          .handler({ id: "", ...hint })
          .catch(() => undefined)
          .finally(() => {
            running.delete(run);
            next();
          });
        running.add(run);
      }
    }

    async function addAll(hints: Hint[]): Promise<void> {
      if (fate === "refused") throw new Error("the queue is away");
      if (fate === "kept") waiting.push(...hints);
      queueMicrotask(next);
    }

    return {
      addAll,
      add: (hintName, data) => addAll([{ name: hintName, data }]),
      async work(handler, { concurrency }) {
        worker = { handler, concurrency };
        next();
        return {
          async close() {
            worker = undefined;
            await Promise.all(running);
          },
        };
      },
      counts: () => Promise.reject(new Error("nobody counts here")),
      get bulls(): never {
        throw new Error("there is no BullMQ here");
      },
    };
  }

  return {
    set(next) {
      fate = next;
    },
    queues: {
      kind: "in-process",
      ready: async () => undefined,
      queue(name) {
        const queue = queues.get(name) ?? createQueue();
        queues.set(name, queue);
        return queue;
      },
      close: async () => undefined,
    },
  };
}
