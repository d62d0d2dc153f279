import type { Claimed } from "./claiming.ts";
import { type Committer, createCommitter } from "./committer.ts";
import { createEffectRunner, type EffectRunnerOptions } from "./effect-runner.ts";
import type { Laws } from "./laws.ts";
import type { Clock, Journal, Log, Reads } from "./ports.ts";
import type { Queues, QueueWorker } from "./queues/queues.ts";
import type { Rate } from "./rates.ts";
import { type Sweeper, startSweeper } from "./sweeper.ts";
import { within } from "./within.ts";

export interface RuntimeSettings {
  groupLimit: number;
  queueLimit: number;
  /** By kind, effects in the queue or in hand at once, over all processes. */
  effectsAtOnce: Readonly<Record<string, number>>;
  /** By kind, how often its gateway may be asked, over all processes. */
  rates?: Readonly<Record<string, Rate>>;
  leaseMs: number;
  sweepMs: number;
  /** How many messages may wait in the mailbox table before what would have to wait there is refused. */
  mailboxLimit: number;
  /** Whether this process decides, and whether it acts on effects: both unless said. */
  roles?: { decides: boolean; acts: boolean };
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

export type Effects = Pick<EffectRunnerOptions, "handlers" | "failureCommand" | "delayCommand">;

/** The life of the actors: accepts, drains, hands effects on, sweeps. */
export interface Runtime {
  readonly committer: Committer;
  /**
   * Starts the workers and the sweeper; what waited from before is found by the first sweep. Without `effects`, which
   * a process that acts must have, nobody acts here.
   */
  start(effects?: Effects): Promise<void>;
  /**
   * Lets what is in hand end, commits it, and leaves the rest for the next start. What takes longer than `graceMs`
   * keeps its lease, as after kill -9: nobody can tell whether it has happened. Twice is fine.
   */
  stop(graceMs?: number): Promise<void>;
}

export function createRuntime(options: RuntimeOptions): Runtime {
  const { journal, reads, laws, clock, log, queues, settings } = options;
  const effectJobs = queues.queue("effects");
  const wakeJobs = queues.queue("wake");
  const dueJobs = queues.queue("due");
  const isOwnQueue = queues.kind === "in-process";
  const { decides, acts } = settings.roles ?? { decides: true, acts: true };
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
    mailboxLimit: settings.mailboxLimit,
    decides,
    // Who leases and can't act would wear leases out, and fill Redis, when nobody acts.
    leases: acts,
    handOn,
    // Nobody else reads a queue of this process: the sweeps of the others find their work.
    ...(!isOwnQueue && { onParked: wake, onOrdered: tellOfDue }),
  });

  /** What waits in this process's own queue, by effect id. On Redis any process may have it. */
  const handedOn = new Map<string, Claimed>();

  /** A job that can't be queued is made again when its lease has run out. */
  function handOn(claimed: Claimed[]): void {
    if (isOwnQueue) for (const one of claimed) handedOn.set(one.id, one);
    const jobs = claimed.map(({ id, attempts, kind }) => ({
      name: kind,
      data: { id, attempts },
      // Of one lease there is one job, however often it is added; and on a cluster another try goes to another node.
      options: { jobId: `${id}.${attempts}` },
    }));
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
      wakeJobs.add("wake", { part }, once).catch(() => {
        log.warn({ part }, "wake job not queued");
        // Every sweep comes by here: mail does not wait for a queue that is away.
        if (decides) committer.wake([part]);
      });
    }
  }

  /** Effects were ordered where nobody acts: one hint at a time, whatever was ordered. */
  function tellOfDue(): void {
    const once = { deduplicationId: "due", keepLastIfActive: true };
    dueJobs.add("due", {}, once).catch(() => log.warn({}, "due job not queued"));
  }

  async function workersOf(effects: Effects): Promise<QueueWorker[]> {
    const capped = Object.entries(settings.rates ?? {}).filter(([, { perDay }]) => perDay !== undefined);
    const countedKinds = new Set(capped.map(([kind]) => kind));
    const { leaseMs } = settings;
    const run = createEffectRunner({ reads, committer, clock, log, leaseMs, countedKinds, ...effects });
    const actOn = (job: { id: string; attempts: number }) => {
      // Begun: whatever becomes of it, its lease is no longer to be given back.
      handedOn.delete(job.id);
      return run(job);
    };
    const concurrency = Object.values(settings.effectsAtOnce).reduce((sum, limit) => sum + limit, 0);
    return [
      // Its lease, and not a lock in the queue, says how long an effect is in somebody's hand.
      await effectJobs.work(({ data }) => actOn(data as { id: string; attempts: number }), {
        concurrency,
        givesOnce: true,
      }),
      await dueJobs.work(async () => committer.poke(), { concurrency: 1 }),
    ];
  }

  return {
    committer,
    async start(effects) {
      if (acts && effects) workers.push(...(await workersOf(effects)));
      if (decides) {
        const drained = async ({ data }: { data: unknown }) =>
          committer.wake([(data as { part: number }).part]);
        workers.push(await wakeJobs.work(drained, { concurrency: 1 }));
      }
      const { sweepMs: everyMs, mailboxLimit } = settings;
      const hint = decides ? { wake } : {};
      sweeper = startSweeper({ reads, committer, clock, log, everyMs, mailboxLimit, ...hint });
    },
    async stop(graceMs) {
      committer.hold();
      // All at once: while a slow store keeps the sweep, workers would go on taking jobs.
      const closed = Promise.all([sweeper?.stop(), ...workers.splice(0).map((worker) => worker.close())]);
      await (graceMs === undefined ? closed : within(graceMs, () => closed));
      await giveBack();
      await committer.stop();
    },
  };
}
