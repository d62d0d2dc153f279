import { setTimeout as pause } from "node:timers/promises";
import type { AofRedis } from "./aof-redis.ts";
import type { EngineProcess } from "./engine-process.ts";
import type { Strike } from "./evidence.ts";
import type { Fault } from "./plan.ts";

/** How often what was done; `missed`: points that nobody came to in time. */
export interface Deeds {
  kills: number;
  stops: number;
  throws: number;
  flushes: number;
  aofCuts: number;
  missed: number;
}

export const noDeeds = (): Deeds => ({ kills: 0, stops: 0, throws: 0, flushes: 0, aofCuts: 0, missed: 0 });

export interface Sabotage {
  engines: readonly EngineProcess[];
  redis: AofRedis | undefined;
  note(line: string): void;
  onKilledAt(point: string): void;
  /** True once there is nothing left to disturb. */
  isOver(): boolean;
}

const patienceMs = 2_000;
/** After a thrown error, or a flush, doubles may come until what was in hand then has ended. */
const echoMs = 4_000;

/** Does one thing after the other, and mends each before the next. */
export class Saboteur {
  readonly deeds: Deeds = noDeeds();
  readonly strikes: Strike[] = [];
  readonly #sabotage: Sabotage;
  #struckAt = 0;

  constructor(sabotage: Sabotage) {
    this.#sabotage = sabotage;
  }

  async strike(faults: readonly Fault[]): Promise<void> {
    for (const fault of faults) {
      await pause(fault.afterMs);
      if (this.#sabotage.isOver()) {
        this.deeds.missed += 1;
        continue;
      }
      this.#sabotage.note(`fault ${JSON.stringify(fault)}`);
      this.#struckAt = Date.now();
      const echo = await this.#commit(fault);
      if (echo !== undefined) this.strikes.push({ from: this.#struckAt, to: Date.now() + echo });
      this.#sabotage.note(`${fault.kind} is over`);
    }
  }

  /** Undefined: nothing happened. */
  async #commit(fault: Fault): Promise<number | undefined> {
    const { engines, redis } = this.#sabotage;
    switch (fault.kind) {
      case "failpoint":
        return this.#failpoint(fault);
      case "kill": {
        const engine = engines[fault.engine] as EngineProcess;
        await engine.signal("SIGKILL");
        this.deeds.kills += 1;
        await this.#revive(engine, fault.downMs);
        return 0;
      }
      case "stop":
        await this.#sleep(engines[fault.engine] as EngineProcess, fault.stopMs);
        return echoMs;
      case "flush":
        await redis?.flushAll();
        this.deeds.flushes += 1;
        return echoMs;
      case "aof":
        await redis?.cutTail(fault.share);
        this.deeds.aofCuts += 1;
        return echoMs;
    }
  }

  /** All engines are armed, and the first that comes there is struck: it would take long with one of two. */
  async #failpoint({ failpoint, downMs }: Fault & { kind: "failpoint" }): Promise<number | undefined> {
    const { engines, isOver, onKilledAt } = this.#sabotage;
    for (const engine of engines) engine.arm(failpoint);
    const isStruck = () => engines.some(({ hasStruck }) => hasStruck);
    for (const end = Date.now() + patienceMs; !isStruck() && !isOver() && Date.now() < end; ) await pause(10);
    const struck = engines.filter(({ hasStruck }) => hasStruck);
    for (const engine of engines) if (!engine.hasStruck) engine.arm(undefined);
    if (struck.length === 0) {
      this.deeds.missed += 1;
      return undefined;
    }
    this.#struckAt = Date.now();
    switch (failpoint.blow) {
      case "kill":
        this.deeds.kills += struck.length;
        onKilledAt(failpoint.point);
        await Promise.all(struck.map((engine) => this.#revive(engine, downMs)));
        return 0;
      case "stop":
        await Promise.all(struck.map((engine) => this.#sleep(engine, stopAtPointMs)));
        return echoMs;
      case "throw":
        this.deeds.throws += struck.length;
        return echoMs;
    }
  }

  async #revive(engine: EngineProcess, downMs: number): Promise<void> {
    await engine.ended();
    await pause(downMs);
    await engine.start();
  }

  async #sleep(engine: EngineProcess, ms: number): Promise<void> {
    await engine.signal("SIGSTOP");
    this.deeds.stops += 1;
    await pause(ms);
    await engine.signal("SIGCONT");
  }
}

/** Longer than the lease of the drill's engines. */
const stopAtPointMs = 3_500;
