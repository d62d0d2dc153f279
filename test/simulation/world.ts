import { createHash } from "node:crypto";
import { Faults } from "./faults.ts";
import { sweepMs } from "./names.ts";
import { Random } from "./random.ts";
import { type Timers, withTimers } from "./timers.ts";

/** Whoever has things to do: a process of the engine, that may die or stand still, or the world around. */
export interface Owner {
  readonly name: string;
  isAlive: boolean;
  pausedUntil: number;
}

export interface Task {
  owner: Owner;
  dueAt: number;
  label: string;
  /** Comes again and again whether there is something to do or not: no reason to go on, nor to stop at each turn. */
  isIdle: boolean;
  run(): void;
}

/** A law of the simulation that was broken. */
export interface Violation {
  rule: string;
  detail: string;
}

/** When the histories begin: 30 November 2026, 09:00 UTC. */
const firstInstant = Date.UTC(2026, 10, 30, 9);
const mostSteps = 60_000;

/**
 * The scheduler: whatever waits for a port, a timer or the network is a task here, and one task runs at a time until
 * every promise that it touched has had its say. No real time passes and no real chance is used.
 */
export class World {
  readonly random: Random;
  readonly faults: Faults;
  readonly outside: Owner = { name: "world", isAlive: true, pausedUntil: 0 };
  /** When the store next wants something of an engine, by the engine's clock. */
  storeDue: () => number | undefined = () => undefined;
  /** Called before each step, while faults may happen. */
  onStep: () => void = () => undefined;
  violation: Violation | undefined;
  steps = 0;
  /** The scheduler's own time, which no jump of the clock moves. */
  now = 0;
  #clockOffset = firstInstant;
  latestClock = firstInstant;
  #tasks: Task[] = [];
  #current: Owner = this.outside;
  readonly #lines: string[] = [];
  readonly #faultSteps: number;

  constructor(seed: number, spared: ReadonlySet<number> = new Set()) {
    this.random = new Random(seed);
    this.faults = new Faults(this.random, spared);
    this.#faultSteps = this.random.between(200, 1_500);
  }

  /** The clock on the engine's wall. */
  readonly clock = {
    now: () => {
      const instant = this.now + this.#clockOffset;
      if (instant > this.latestClock) this.latestClock = instant;
      return instant;
    },
  };

  jumpClock(ms: number): void {
    this.#clockOffset += ms;
  }

  schedule(owner: Owner, label: string, delayMs: number, run: () => void, isIdle = false): Task {
    const task = { owner, dueAt: this.now + delayMs, label, isIdle, run };
    if (owner.isAlive) this.#tasks.push(task);
    return task;
  }

  sleep(ms: number, label: string): Promise<void> {
    return new Promise((resolve) => this.schedule(this.outside, label, ms, resolve));
  }

  note(line: string): void {
    this.#lines.push(line);
  }

  violate(rule: string, detail: string): void {
    this.violation ??= { rule, detail };
  }

  get trace(): readonly string[] {
    return this.#lines;
  }

  digest(): string {
    return createHash("sha256").update(this.#lines.join("\n")).digest("hex");
  }

  /** Runs until nobody has anything left to do, or a law is broken. */
  run(): Promise<void> {
    const timers: Timers = {
      soon: (run) => this.schedule(this.#current, "turn", 0, run),
      // Sweeps go on for ever; every other timer is about something that is under way.
      later: (run, ms) => this.schedule(this.#current, "timer", ms, run, ms === sweepMs),
      cancel: (task) => this.cancel(task as Task),
    };
    return withTimers(timers, () => this.#run());
  }

  async #run(): Promise<void> {
    await quiet();
    for (let task = this.#next(); task && !this.violation; task = this.#next()) {
      if (++this.steps > mostSteps) return this.violate("everything ends", `${mostSteps} steps and no end`);
      if (this.steps > this.#faultSteps && !this.faults.areOver) {
        this.note("the faults are over");
        this.faults.end();
      }
      this.#current = task.owner;
      this.note(`${this.now} ${task.owner.name} ${task.label}`);
      task.run();
      await quiet();
      this.#current = this.outside;
      if (!this.faults.areOver) this.onStep();
    }
  }

  #next(): Task | undefined {
    let ready = this.#ready();
    while (ready.length === 0) {
      const then = this.#nextInstant();
      if (then === undefined) return undefined;
      this.now = Math.max(this.now, then);
      ready = this.#ready();
    }
    const task = ready[this.random.chance(0.5) ? 0 : this.random.between(0, ready.length - 1)];
    if (task) this.cancel(task);
    return task;
  }

  #ready(): Task[] {
    const ready: Task[] = [];
    for (const task of this.#tasks) if (instantOf(task) <= this.now) ready.push(task);
    return ready;
  }

  /** Undefined when only idle turns are left and the store wants nothing more. */
  #nextInstant(): number | undefined {
    const due = this.storeDue();
    const wanted = due === undefined ? undefined : due - this.#clockOffset;
    const isOverdue = wanted !== undefined && wanted <= this.now;
    const instants = this.#tasks.filter(({ isIdle }) => !isIdle || isOverdue).map(instantOf);
    if (wanted !== undefined && !isOverdue) instants.push(wanted);
    return instants.length > 0 ? Math.min(...instants) : undefined;
  }

  /** Nothing that a dead owner waited for happens any more. */
  bury(owner: Owner): void {
    owner.isAlive = false;
    this.#tasks = this.#tasks.filter((task) => task.owner !== owner);
  }

  cancel(task: Task): void {
    const place = this.#tasks.indexOf(task);
    if (place >= 0) this.#tasks.splice(place, 1);
  }
}

function instantOf({ dueAt, owner }: Task): number {
  return Math.max(dueAt, owner.pausedUntil);
}

/** Node runs a tick only once no promise has anything left to do. */
function quiet(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
