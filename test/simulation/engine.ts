import { collecteDecider } from "../../src/actors/collecte/decider.ts";
import { sweepDueTimers } from "../../src/actors/cron/due-timers.ts";
import { startTimetable, type Timetable } from "../../src/actors/cron/timetable.ts";
import {
  createEffects,
  delayCommand,
  type EffectHandlers,
  failureCommand,
} from "../../src/actors/effects/effects.ts";
import { type Laws, lawsOf } from "../../src/actors/runtime/laws.ts";
import type { Log, Reads } from "../../src/actors/runtime/ports.ts";
import type { Queues } from "../../src/actors/runtime/queues/queues.ts";
import type { Rate } from "../../src/actors/runtime/rates.ts";
import { createRuntime, type Runtime } from "../../src/actors/runtime/runtime.ts";
import type { Secrets } from "../../src/actors/runtime/secrets.ts";
import { poison, sweepMs } from "./names.ts";
import { type Outside, reachOf } from "./outside.ts";
import type { Plant } from "./plants.ts";
import type { Mortal } from "./port.ts";
import type { SharedQueue } from "./queue.ts";
import { calendarOf, journalOf, readsOf, type SharedStore } from "./store.ts";
import { upkeepOf } from "./upkeep.ts";
import type { World } from "./world.ts";

export const effectKinds = ["mail", "sms", "sign", "seal", "evidence", "deliver", "purge", "forget"] as const;
const cronMs = 60_000;
const cronLeaseMs = 30_000;

export interface EngineSettings {
  groupLimit: number;
  queueLimit: number;
  mailboxLimit: number;
  effectsAtOnce: number;
  leaseMs: number;
  rates: Readonly<Record<string, Rate>>;
}

/** All that the processes share. */
export interface Site extends SharedStore {
  outside: Outside;
  secrets: Secrets;
  queues: { wake: SharedQueue; effects: SharedQueue; due: SharedQueue };
  settings: EngineSettings;
}

/** What one process does. */
export interface Roles {
  serves: boolean;
  decides: boolean;
  acts: boolean;
  sweeps: boolean;
}

/** One process of the engine, from its start to its stop or death: a process that starts again is a new one. */
export class EngineProcess implements Mortal {
  readonly name: string;
  isAlive = true;
  pausedUntil = 0;
  /** Takes requests: not while it starts or stops. */
  isOpen = false;
  /** Has started, and was not asked to stop. */
  isUp = false;
  readonly runtime: Runtime;
  readonly reads: Reads;
  readonly #site: Site;
  readonly #laws: Laws;
  readonly #roles: Roles;
  readonly #onEnd: () => void;
  #timetable: Timetable | undefined;

  constructor(name: string, site: Site, roles: Roles, onEnd: () => void) {
    this.name = name;
    this.#roles = roles;
    this.#site = site;
    this.#onEnd = onEnd;
    const { world, judge, settings } = site;
    this.#laws = lawsOf({ ...collecteDecider, ...site.plant.law, decide: fragile(world, site.plant) });
    this.reads = readsOf(site, this, (id) => judge.reads(id, name));
    this.runtime = createRuntime({
      journal: journalOf(site, this),
      reads: this.reads,
      laws: this.#laws,
      clock: world.clock,
      log: silent,
      queues: this.#queues(),
      settings: {
        ...settings,
        effectsAtOnce: Object.fromEntries(effectKinds.map((kind) => [kind, settings.effectsAtOnce])),
        sweepMs,
        roles: { decides: roles.decides, acts: roles.acts },
      },
    });
  }

  start(): void {
    const { world, outside, judge, secrets } = this.#site;
    const begin = async () => {
      const effects = createEffects({
        ...reachOf(world, outside, judge, this),
        evidence: { make: async () => ({ sha256: "e".repeat(64), bytes: 1, level: "B-T" }) },
        secrets,
        clock: world.clock,
        settings: { baseUrl: "https://sign.example.com", mailDomain: "mail.example.com" },
      });
      const handlers = this.#handlers({ ...effects, ...upkeepOf(world, outside, this) });
      await this.runtime.start({ handlers, failureCommand, delayCommand });
      this.isUp = true;
      this.isOpen = this.#roles.serves;
      if (this.#roles.sweeps) this.#tick();
    };
    world.schedule(this, "starts", 0, () => void begin());
  }

  /** Ends in good order. */
  stop(): void {
    this.isOpen = false;
    this.isUp = false;
    const { world } = this.#site;
    const end = async () => {
      await this.#timetable?.stop();
      await this.runtime.stop();
      if (!this.isAlive) return;
      world.bury(this);
      this.#onEnd();
    };
    world.schedule(this, "stops", 0, () => void end());
  }

  crash(where: string): void {
    if (!this.isAlive) return;
    const { world, judge, queues } = this.#site;
    world.note(`  ${this.name} is killed: ${where}`);
    judge.killed(this.name);
    world.bury(this);
    this.isOpen = false;
    this.isUp = false;
    for (const queue of Object.values(queues)) queue.bury(this);
    this.#onEnd();
  }

  #tick(): void {
    const { world, store } = this.#site;
    const { reads } = this;
    const mailbox = this.runtime.committer;
    const run = (now: number) => sweepDueTimers({ reads, mailbox, laws: this.#laws }, now);
    const begin = () => {
      if (!this.isUp) return;
      this.#timetable = startTimetable({
        calendar: calendarOf(world, this, store.calendar),
        sweeps: [{ name: "timers", everyMs: cronMs, run }],
        clock: world.clock,
        log: silent,
        newHolder: () => `${this.name} ${world.steps}`,
        leaseMs: cronLeaseMs,
        tickMs: sweepMs,
      });
    };
    world.schedule(this, "cron", world.random.between(0, cronMs), begin, true);
  }

  #handlers(effects: EffectHandlers): EffectHandlers {
    const { plant } = this.#site;
    const settle = (id: string, of: string) => this.runtime.committer.settle({ kind: "settled", of, id });
    if (!plant.beforeActing) return effects;
    return Object.fromEntries(
      Object.entries(effects).map(([kind, handler]) => [
        kind,
        async (effect) => {
          await plant.beforeActing?.((id) => settle(id, kind), effect.row.id);
          return handler(effect);
        },
      ]),
    );
  }

  #queues(): Queues {
    const { queues, judge, plant } = this.#site;
    const effects = queues.effects.seenBy(this, (handler) => async (job) => {
      const { id, attempts } = job.data as { id: string; attempts: number };
      plant.takes?.(this, id, attempts);
      const isFirst = judge.takes(id, this.name, attempts);
      try {
        await handler(job);
      } finally {
        if (isFirst) judge.letsGo(id, this.name);
      }
    });
    const hints = { effects, wake: queues.wake.seenBy(this), due: queues.due.seenBy(this) };
    return {
      kind: "redis",
      ready: async () => undefined,
      queue: (name) => hints[name as keyof typeof hints],
      close: async () => undefined,
    };
  }
}

/** The law, that throws at poison, and now and then at anything. */
function fragile(world: World, plant: Plant): typeof collecteDecider.decide {
  const { decide } = { ...collecteDecider, ...plant.law };
  return (state, command) => {
    if ("personal" in command && "trace" in command.personal && command.personal.trace.userAgent === poison)
      throw new Error("poison");
    if (world.faults.strikes("lawThrows", command.type)) throw new Error("the law broke");
    return decide(state, command);
  };
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
