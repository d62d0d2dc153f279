import { Retryable } from "../../src/actors/runtime/errors.ts";
import type { Journal, JournalTransaction } from "../../src/actors/runtime/ports.ts";
import type { HintQueue, Queues } from "../../src/actors/runtime/queues/queues.ts";
import type { Around } from "../../src/around.ts";
import { allPoints, type Failpoint, promptCalls } from "./points.ts";

/** What the process tells its parent. */
export interface Told {
  reached?: string;
  struck?: Failpoint;
  /** When a job began and ended, in epoch, that took longer than `slowMs`. */
  slow?: { from: number; to: number };
}

/** A job begins at least 2 s before the end of its lease, or not at all. One that takes longer may be done twice. */
const slowMs = 1_900;

export interface Failpoints {
  readonly around: Around;
  /** From now on hits of this point are counted; it replaces what was armed before. */
  arm(failpoint: Failpoint | undefined): void;
}

/** Turns each call of a port into two points; at the one that is armed, the process strikes itself, once. */
export function createFailpoints(tell: (told: Told) => void, strike = strikeSelf): Failpoints {
  const reached = new Set<string>();
  let armed: Failpoint | undefined;
  let hits = 0;

  function pass(point: string): void {
    if (!allPoints.has(point)) return;
    if (!reached.has(point)) {
      reached.add(point);
      tell({ reached: point });
    }
    if (armed?.point !== point) return;
    hits += 1;
    if (hits < armed.nth) return;
    const struck = armed;
    armed = undefined;
    tell({ struck });
    strike(struck);
  }

  function watched<T extends object>(name: string, port: T, replaced: Partial<T> = {}): T {
    return new Proxy(port, {
      get(target, property) {
        if (Object.hasOwn(replaced, property)) return replaced[property as keyof T];
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== "function") return member;
        const call = `${name}.${String(property)}`;
        // Bound to the port itself: behind a proxy it would not find its private members.
        return allPoints.has(`${call}.before`) ? between(call, member.bind(target)) : member.bind(target);
      },
    });
  }

  type Call = (...values: unknown[]) => unknown;

  function between(call: string, act: Call): Call {
    if (promptCalls.has(call)) {
      return (...values) => {
        pass(`${call}.before`);
        const answer = act(...values);
        pass(`${call}.after`);
        return answer;
      };
    }
    return async (...values) => {
      pass(`${call}.before`);
      const answer = await act(...values);
      pass(`${call}.after`);
      return answer;
    };
  }

  function timed(act: Call): Call {
    return async (...values) => {
      const from = Date.now();
      try {
        return await act(...values);
      } finally {
        if (Date.now() - from > slowMs) tell({ slow: { from, to: Date.now() } });
      }
    };
  }

  function journal(port: Journal): Journal {
    return watched("journal", {
      ...port,
      transaction: <T>(work: (tx: JournalTransaction) => Promise<T>, lane?: number) =>
        port.transaction(async (tx) => {
          const result = await work(watched("journal", tx));
          pass("journal.commit.before");
          return result;
        }, lane),
    });
  }

  function queue(port: HintQueue): HintQueue {
    const work: HintQueue["work"] = (handler, options) =>
      port.work(timed(between("queues.job", handler as Call)) as typeof handler, options);
    return watched("queues", port, { work });
  }

  const around: Around = (name, port) => {
    if (name === "journal") return journal(port as unknown as Journal) as unknown as typeof port;
    if (name !== "queues") return watched(name, port);
    const queues = port as unknown as Queues;
    return watched<Queues>(name, queues, {
      queue: (of) => queue(queues.queue(of)),
    }) as unknown as typeof port;
  };

  return {
    around,
    arm(failpoint) {
      armed = failpoint;
      hits = 0;
    },
  };
}

/** As a power cut, as a machine that sleeps, or as a server that is away for a moment. */
function strikeSelf({ point, blow }: Failpoint): void {
  switch (blow) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return;
    case "stop":
      process.kill(process.pid, "SIGSTOP");
      return;
    case "throw":
      // What a store may throw by its contract; elsewhere something that nobody foresaw.
      throw /^(journal|reads|documents|directory|keyring)\./.test(point)
        ? new Retryable("store_unavailable")
        : new Error(`the drill broke ${point}`);
  }
}
