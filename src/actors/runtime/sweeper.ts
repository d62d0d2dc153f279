import type { Committer } from "./committer.ts";
import { codeOf } from "./errors.ts";
import type { Clock, Log, Reads } from "./ports.ts";

export interface Sweeper {
  stop(): Promise<void>;
}

export interface SweeperOptions {
  reads: Reads;
  committer: Committer;
  clock: Clock;
  log: Log;
  /** Makes a hint that mail waits in these parts; absent in a process that doesn't decide. */
  wake?(parts: number[]): void;
  /** The mailbox is counted up to this. */
  mailboxLimit: number;
  everyMs: number;
}

/**
 * Makes again every hint that was lost: due effects and leases that ran out are handed on, parts with mail are
 * woken; and counts the mail. Runs at once and then every `everyMs`; a sweep that fails is tried again at the next turn.
 */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { reads, committer, clock, log } = options;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = sweep();

  async function sweep(): Promise<void> {
    try {
      committer.poke();
      const parts = options.wake ? await reads.dueParts(clock.now()) : [];
      if (parts.length > 0) options.wake?.(parts);
      committer.counted(await reads.mailWaiting(options.mailboxLimit));
    } catch (error) {
      log.error({ code: codeOf(error) }, "sweep failed");
    }
    if (stopped) return;
    timer = setTimeout(() => {
      sweeping = sweep();
    }, options.everyMs);
  }

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await sweeping;
    },
  };
}
