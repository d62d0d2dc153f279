import type { Claimed } from "./claiming.ts";
import { type Committer, createCommitter } from "./committer.ts";
import { createEffectRunner, type EffectRunnerOptions } from "./effect-runner.ts";
import type { Laws } from "./laws.ts";
import type { Clock, Journal, Log, Reads } from "./ports.ts";
import type { Queues, QueueWorker } from "./queues/queues.ts";
import type { Rate } from "./rates.ts";
import { type Sweeper, startSweeper } from "./sweeper.ts";

export interface RuntimeSettings {
  groupLimit: number;
  queueLimit: number;
  /** By kind, effects in the queue or in hand at once, over all processes. */
  effectsAtOnce: Readonly<Record<string, number>>;
  /** By kind, how often its gateway may be asked, over all processes. */
  rates?: Readonly<Record<string, Rate>>;
  leaseMs: number;
  sweepMs: number;
}

export interface RuntimeOptions {
  journal: Journal;
  reads: Reads;
  laws: Laws;
  clock: Clock;
  log: Log;
  queues: Queues;
  settings: RuntimeSettings;
}

/** The life of the actors: accepts, drains, hands effects on, sweeps. */
export interface Runtime {
  readonly committer: Committer;
  /** Starts the workers and the sweeper; what waited from before is found by the first sweep. */
  start(effects: Pick<EffectRunnerOptions, "handlers" | "failureCommand">): Promise<void>;
  /** Lets what is in hand end, commits it, and leaves the rest for the next start. Twice is fine. */
  stop(): Promise<void>;
}

export function createRuntime(options: RuntimeOptions): Runtime {
  const { journal, reads, laws, clock, log, queues, settings } = options;
  const effectJobs = queues.queue("effects");
  const wakeJobs = queues.queue("wake");
  const workers: QueueWorker[] = [];
  let sweeper: Sweeper | undefined;

  const committer = createCommitter({
    journal,
    laws,
    clock,
    groupLimit: settings.groupLimit,
    queueLimit: settings.queueLimit,
    log,
    leaseLimits: settings.effectsAtOnce,
    rates: settings.rates ?? {},
    leaseMs: settings.leaseMs,
    handOn,
  });

  /** What waits or runs in this process's own queue, by effect id. On Redis any process may have it. */
  const handedOn = new Map<string, Claimed>();
  const isOwnQueue = queues.kind === "in-process";

  /** A job that can't be queued is made again when its lease has run out. */
  function handOn(claimed: Claimed[]): void {
    if (isOwnQueue) for (const one of claimed) handedOn.set(one.id, one);
    const jobs = claimed.map(({ id, attempts, kind }) => ({ name: kind, data: { id, attempts } }));
    effectJobs.addAll(jobs).catch(() => log.warn({ jobs: jobs.length }, "effect jobs not queued"));
  }

  /**
   * What waited in this process's own queue goes back to the outbox, so that the next start need not wait for leases
   * to run out.
   */
  async function giveBack(): Promise<void> {
    const waiting = [...handedOn.values()];
    handedOn.clear();
    await Promise.all(
      waiting.map(({ id, attempts, kind }) =>
        committer.settle({ kind: "returned", of: kind, id, attempts }).catch(() => undefined),
      ),
    );
  }

  function wake(parts: number[]): void {
    for (const part of parts) {
      const once = { deduplicationId: `part-${part}`, keepLastIfActive: true };
      wakeJobs.add("wake", { part }, once).catch(() => log.warn({ part }, "wake job not queued"));
    }
  }

  return {
    committer,
    async start(effects) {
      const capped = Object.entries(settings.rates ?? {}).filter(([, { perDay }]) => perDay !== undefined);
      const countedKinds = new Set(capped.map(([kind]) => kind));
      const { leaseMs } = settings;
      const run = createEffectRunner({ reads, committer, clock, log, leaseMs, countedKinds, ...effects });
      const actOn = async (job: { id: string; attempts: number }) => {
        await run(job);
        handedOn.delete(job.id);
      };
      workers.push(
        await effectJobs.work(({ data }) => actOn(data as { id: string; attempts: number }), {
          concurrency: Object.values(settings.effectsAtOnce).reduce((sum, limit) => sum + limit, 0),
        }),
        await wakeJobs.work(async ({ data }) => committer.wake([(data as { part: number }).part]), {
          concurrency: 1,
        }),
      );
      sweeper = startSweeper({ reads, committer, clock, log, wake, everyMs: settings.sweepMs });
    },
    async stop() {
      await sweeper?.stop();
      committer.hold();
      for (const worker of workers.splice(0)) await worker.close();
      await giveBack();
      await committer.stop();
    },
  };
}
