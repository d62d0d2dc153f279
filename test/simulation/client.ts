import { KeyReused } from "../../src/actors/runtime/errors.ts";
import type { Outcome } from "../../src/actors/runtime/ports.ts";
import { Door, NotServed, type Request } from "./door.ts";
import type { EngineProcess, Site } from "./engine.ts";

export type Final = Exclude<Outcome, { status: "accepted" }>;

const patienceMs = 10_000;

/** Whoever speaks to the engine over a bad network: asks again with the same id until there is an answer. */
export class Client {
  readonly site: Site;
  readonly #processes: () => EngineProcess[];
  readonly #actors: Map<string, string>;

  /** `actors` gathers which message went to which collecte. */
  constructor(site: Site, processes: () => EngineProcess[], actors: Map<string, string>) {
    this.site = site;
    this.#processes = processes;
    this.#actors = actors;
  }

  /** The outcome of a command, whatever it takes. */
  async insist(messageId: string, actorId: string, request: Request): Promise<Final> {
    const { world, judge } = this.site;
    this.#actors.set(messageId, actorId);
    for (;;) {
      const told = (outcome: Outcome) => judge.told(messageId, actorId, outcome);
      const outcome = await this.#ask(messageId, (door) => request(door), told);
      if (outcome && outcome.status !== "accepted") return outcome;
      const watched = outcome && world.random.chance(0.5) ? await this.#watch(messageId, told) : undefined;
      if (watched) return watched;
      await world.sleep(world.random.between(200, 15_000), `${messageId} is tried again`);
    }
  }

  /**
   * Who was told that a command is durable may rest, and only look now and then what became of it. What was refused for
   * now leaves no receipt: it is to be sent again.
   */
  async #watch(messageId: string, told: (outcome: Outcome) => void): Promise<Final | undefined> {
    const { world, store } = this.site;
    const { receipts, mailbox } = store.tables;
    for (;;) {
      const outcome = receipts.get(messageId)?.outcome;
      if (outcome && outcome.status !== "accepted") {
        told(outcome);
        return outcome;
      }
      if (!mailbox.has(messageId)) return undefined;
      await world.sleep(world.random.between(1_000, 60_000), `${messageId} is looked for`);
    }
  }

  /** Something that is read, whatever it takes. */
  async read<T>(what: string, request: (door: Door) => Promise<T>): Promise<T> {
    const { world } = this.site;
    for (;;) {
      const answer = await this.#ask(what, request, () => undefined);
      if (answer !== undefined) return answer;
      await world.sleep(world.random.between(200, 15_000), `${what} is tried again`);
    }
  }

  /** One try: undefined when nothing is known of what became of it. */
  #ask<T>(
    what: string,
    request: (door: Door) => Promise<T>,
    told: (answer: T) => void,
  ): Promise<T | undefined> {
    const { world } = this.site;
    const open = this.#processes().filter(({ isOpen }) => isOpen);
    return new Promise((resolve) => {
      const patience = world.schedule(world.outside, `${what} is waited for no longer`, patienceMs, () =>
        resolve(undefined),
      );
      if (open.length === 0 || world.faults.strikes("requestLost", what)) return;
      const tries = world.faults.strikes("requestDoubled", what) ? 2 : 1;
      for (let i = 0; i < tries; i++) {
        this.#send(what, world.random.pick(open), request, (answer) => {
          if (answer !== undefined) told(answer);
          world.cancel(patience);
          resolve(answer);
        });
      }
    });
  }

  #send<T>(
    what: string,
    process: EngineProcess,
    request: (door: Door) => Promise<T>,
    answered: (answer: T | undefined) => void,
  ): void {
    const { world } = this.site;
    const back = (answer: T | undefined) => {
      if (world.faults.strikes("answerLost", what)) return;
      world.schedule(world.outside, `${what} is answered`, world.random.pick([0, 1, 10, 500]), () =>
        answered(answer),
      );
    };
    world.schedule(process, `asked ${what}`, world.random.pick([0, 1, 10, 500]), () => {
      if (!process.isOpen) return;
      request(new Door(this.site, process)).then(back, (error: unknown) => {
        if (error instanceof KeyReused) world.violate("a repeated request is the same request", what);
        if (!(error instanceof NotServed)) back(undefined);
      });
    });
  }
}
