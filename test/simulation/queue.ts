import type { Hint, HintQueue } from "../../src/actors/runtime/queues/queues.ts";
import { delayOf, type Mortal, networkFailure, port } from "./port.ts";
import type { World } from "./world.ts";

interface Job extends Hint {
  startsAt: number;
}

type Handler = Parameters<HintQueue["work"]>[0];

interface Crew {
  owner: Mortal;
  handler: Handler;
  free: number;
  active: Set<Job>;
}

/**
 * One queue that all processes share, as on Redis, with the deduplication of BullMQ. It loses, doubles, delays and
 * reorders its jobs; those of a dead process are lost or run again.
 */
export class SharedQueue {
  readonly name: string;
  readonly #world: World;
  readonly #keepsLast: boolean;
  readonly #onDouble: (hint: Hint) => void;
  #waiting: Job[] = [];
  #crews: Crew[] = [];
  /** Deduplication ids of jobs that wait or run, with the hint that came last while one ran. */
  readonly #held = new Map<string, { isActive: boolean; last?: Hint }>();

  constructor(name: string, world: World, options: { keepsLast: boolean; onDouble: (hint: Hint) => void }) {
    this.name = name;
    this.#world = world;
    this.#keepsLast = options.keepsLast;
    this.#onDouble = options.onDouble;
  }

  /** The queue as one process sees it. */
  seenBy(owner: Mortal, around: (handler: Handler) => Handler = (handler) => handler): HintQueue {
    const addAll = (hints: Hint[]) => {
      const take = () => {
        for (const hint of hints) this.#take(hint);
      };
      return port(this.#world, owner, `${this.name}.add`, take, {
        before: "hintRefused",
        after: "hintRefused",
      });
    };
    return {
      addAll,
      add: (name, data, options = {}) => addAll([{ name, data, options }]),
      work: async (handler, { concurrency }) => {
        const crew: Crew = { owner, handler: around(handler), free: concurrency, active: new Set() };
        this.#crews.push(crew);
        this.#dispatch();
        return {
          close: async () => {
            crew.free = Number.NEGATIVE_INFINITY;
            while (crew.active.size > 0)
              await port(this.#world, owner, `${this.name}.close`, () => undefined);
          },
        };
      },
      counts: () => Promise.reject(networkFailure()),
      get bulls(): never {
        throw new Error("there is no BullMQ here");
      },
    };
  }

  /** All jobs are gone; those that run go on. */
  flush(): void {
    this.#waiting = [];
    this.#held.clear();
  }

  /** What a dead process had in hand is lost, or found stalled and run again. */
  bury(owner: Mortal): void {
    const dead = this.#crews.filter((crew) => crew.owner === owner);
    this.#crews = this.#crews.filter((crew) => crew.owner !== owner);
    for (const job of dead.flatMap(({ active }) => [...active])) {
      this.#release(job);
      if (this.#world.random.chance(0.5)) this.#take(job);
    }
    this.#dispatch();
  }

  #take(hint: Hint): void {
    const { faults } = this.#world;
    const where = `${this.name} ${JSON.stringify(hint.data)}`;
    if (faults.strikes("hintLost", where)) return;
    const id = hint.options?.deduplicationId;
    const held = id === undefined ? undefined : this.#held.get(id);
    if (held) {
      if (held.isActive && this.#keepsLast && hint.options?.keepLastIfActive) held.last = hint;
      return;
    }
    if (id !== undefined) this.#held.set(id, { isActive: false });
    this.#push(
      hint,
      faults.strikes("hintLate", where) ? this.#world.random.pick([1_000, 30_000, 90_000]) : 0,
    );
    if (id !== undefined || !faults.strikes("hintDoubled", where)) return;
    this.#onDouble(hint);
    this.#push(hint, this.#world.random.pick([0, 0, 10, 5_000, 70_000]));
  }

  #push(hint: Hint, delayMs: number): void {
    const job = { ...hint, startsAt: this.#world.now + delayMs };
    this.#waiting.push(job);
    this.#world.schedule(this.#world.outside, `${this.name} has a job`, delayMs, () => this.#dispatch());
  }

  #dispatch(): void {
    const { random, now } = this.#world;
    for (;;) {
      const due = this.#waiting.filter(({ startsAt }) => startsAt <= now);
      const free = this.#crews.filter((crew) => crew.free > 0);
      if (due.length === 0 || free.length === 0) return;
      const job = random.chance(0.7) ? (due[0] as Job) : random.pick(due);
      this.#waiting = this.#waiting.filter((one) => one !== job);
      this.#start(random.pick(free), job);
    }
  }

  #start(crew: Crew, job: Job): void {
    crew.free -= 1;
    crew.active.add(job);
    const held = this.#held.get(job.options?.deduplicationId ?? "");
    if (held) held.isActive = true;
    const { name, data } = job;
    const where = `${this.name} job ${JSON.stringify(data)}`;
    const end = () =>
      this.#world.schedule(crew.owner, `${where} ends`, delayOf(this.#world, where), () => {
        crew.free += 1;
        crew.active.delete(job);
        this.#release(job);
        this.#dispatch();
      });
    this.#world.schedule(crew.owner, where, delayOf(this.#world, where), () => {
      crew.handler({ id: "", name, data }).then(end, end);
    });
  }

  #release(job: Job): void {
    const id = job.options?.deduplicationId;
    if (id === undefined) return;
    const last = this.#held.get(id)?.last;
    this.#held.delete(id);
    if (last) this.#take(last);
  }
}
