import type { FaultKind } from "./faults.ts";
import type { Owner, World } from "./world.ts";

/** Whoever can be killed where they wait. */
export interface Mortal extends Owner {
  crash(where: string): void;
}

export interface PortOptions {
  /** What may fail before the work, and after it although it was done. */
  before?: FaultKind;
  after?: FaultKind;
  /** The owner can't die between the work and what follows it in the same step. */
  isHeld?: boolean;
  /** What the caller is told then. */
  failure?: () => Error;
  /** Told when the call takes unusually long. */
  onSlow?: (ms: number) => void;
  /** How long the call takes at least. */
  leastMs?: number;
}

const usualDelays = [0, 0, 0, 1, 2, 5, 20, 100];
const longestUsualDelay = Math.max(...usualDelays);
const slowDelays = [500, 3_000, 20_000, 65_000, 200_000];

export function delayOf(world: World, where: string): number {
  return world.random.pick(world.faults.strikes("slow", where) ? slowDelays : usualDelays);
}

/**
 * One await of a port: the call waits its turn, its owner may die before or after the work, the work may fail, and
 * the answer waits its turn as well.
 */
export function port<T>(
  world: World,
  owner: Mortal,
  where: string,
  work: () => T | Promise<T>,
  { before, after, isHeld = false, failure = networkFailure, onSlow, leastMs = 0 }: PortOptions = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const { faults } = world;
    const turn = async () => {
      if (faults.strikes("crash", `before ${where}`)) return owner.crash(where);
      if (before && faults.strikes(before, where)) return reject(failure());
      try {
        const result = await work();
        if (!isHeld && faults.strikes("crash", `after ${where}`)) return owner.crash(where);
        if (!after || !faults.strikes(after, where)) return resolve(result);
        world.schedule(owner, `${where} answers a failure`, delayOf(world, where), () => reject(failure()));
      } catch (error) {
        reject(error);
      }
    };
    const delay = delayOf(world, where);
    if (delay > longestUsualDelay) onSlow?.(delay);
    world.schedule(owner, where, leastMs + delay, () => void turn());
  });
}

/** A failure of no family that the engine knows. */
export function networkFailure(): Error {
  return Object.assign(new Error("connection lost"), { code: "ECONNRESET" });
}

const longActs = [15_000, 45_000, 150_000];

/** How much longer than usual an act takes. */
export function lengthOf(world: World, what: string): number {
  return world.faults.strikes("actLasts", what) ? world.random.pick(longActs) : 0;
}
