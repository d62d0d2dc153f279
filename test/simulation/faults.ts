import type { Random } from "./random.ts";

/** What may go wrong, and how often where it may: of each seed some kinds are left out and some come in swarms. */
const usual = {
  crash: 0.002,
  /** A whole process stands still, as after SIGSTOP. */
  pause: 0.001,
  /** A process is asked to stop, and started again. */
  deploy: 0.001,
  clockJump: 0.0007,
  slow: 0.02,
  storeFails: 0.01,
  /** The transaction is durable and its writer is told that it failed. */
  commitUnknown: 0.01,
  readFails: 0.01,
  hintLost: 0.05,
  hintDoubled: 0.05,
  hintLate: 0.05,
  hintRefused: 0.02,
  queueFlushed: 0.001,
  requestLost: 0.03,
  requestDoubled: 0.05,
  answerLost: 0.03,
  sendFails: 0.1,
  /** Sent, and answered with a failure. */
  sendLies: 0.04,
  sendRefused: 0.01,
  /** A gateway or the pool takes longer than any lease lasts. */
  actLasts: 0.15,
  signFails: 0.08,
  signRefused: 0.005,
  /** A TSA that is away, refuses, or whose lie is found out by its client; and one whose lie is not. */
  tsaFails: 0.2,
  tsaLies: 0.01,
  /** Authorities that are away; and that answer with nothing. */
  evidenceFails: 0.1,
  evidenceMissing: 0.01,
  /** A mail or an SMS that comes back later. */
  bounces: 0.1,
  /** Where evidence is made, delivered to, purged or forgotten. */
  upkeepFails: 0.15,
  upkeepRefused: 0.01,
  blobFails: 0.02,
  directoryFails: 0.02,
  lawThrows: 0.05,
  poison: 0.08,
} as const;

export type FaultKind = keyof typeof usual;

export interface Fault {
  /** Its place among all faults of the history. */
  index: number;
  kind: FaultKind;
  where: string;
}

/** Draws the faults of one history. */
export class Faults {
  readonly happened: Fault[] = [];
  readonly #random: Random;
  readonly #rates = new Map<FaultKind, number>();
  readonly #spared: ReadonlySet<number>;
  #count = 0;
  #over = false;

  /** `spared` are places of faults that are drawn and don't happen: this is how a failing history is made smaller. */
  constructor(random: Random, spared: ReadonlySet<number>) {
    this.#random = random;
    this.#spared = spared;
    for (const [kind, rate] of Object.entries(usual)) {
      this.#rates.set(kind as FaultKind, rate * random.pick([0, 1, 1, 3]));
    }
  }

  get areOver(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
  }

  strikes(kind: FaultKind, where: string): boolean {
    if (this.#over || !this.#random.chance(this.#rates.get(kind) ?? 0)) return false;
    const index = this.#count++;
    if (this.#spared.has(index)) return false;
    this.happened.push({ index, kind, where });
    return true;
  }
}
