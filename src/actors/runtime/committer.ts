import { type Claimed, type ClaimOptions, createCaps } from "./claiming.ts";
import { Overloaded } from "./errors.ts";
import type { Lease } from "./group.ts";
import { createLane, type Lane } from "./lane.ts";
import type { Laws } from "./laws.ts";
import { MailGauge } from "./mail-gauge.ts";
import { partOf } from "./parts.ts";
import type { Clock, Journal, Log, Mailbox, Message, Outcome } from "./ports.ts";
import type { Settlement } from "./settlement.ts";

export interface CommitterOptions extends ClaimOptions {
  journal: Journal;
  laws: Laws;
  clock: Clock;
  log: Log;
  /** How many messages one transaction takes. */
  groupLimit: number;
  /** How many messages may wait for a group before callers are told to come back. */
  queueLimit: number;
  /** Called after commit with what this group leased. */
  handOn(claimed: Claimed[]): void;
  /** False: accepts and parks, and leaves it to other processes to decide. */
  decides?: boolean;
  /** False: leaves it to other processes to lease. */
  leases?: boolean;
  /** How many messages may wait in the mailbox of all processes; no limit unless said. */
  mailboxLimit?: number;
  /** Called after commit with the parts in which this process parked messages that it won't come back for. */
  onParked?(parts: number[]): void;
  /** Called after commit when effects were ordered that this process does not lease. */
  onOrdered?(): void;
}

/**
 * Group commit: what arrives while one transaction runs forms the next one. `accept` resolves when the message
 * is durable; `settle` when the effect's end is, together with the command that it answered with.
 */
export interface Committer extends Mailbox {
  settle(settlement: Settlement, message?: Message): Promise<Outcome | undefined>;
  /** Prolongs those of these leases that are still living; resolves once that is durable. */
  renew(leases: Lease[]): Promise<void>;
  /** Drains these parts soon. */
  wake(parts: number[]): void;
  /** Leases due effects soon. */
  poke(): void;
  waiting(): number;
  /** How many messages wait in the mailbox of all processes, as a count has just told. */
  counted(mail: number): void;
  /** Kinds of effects of which no more may be done today. */
  capped(): string[];
  /** From now on nothing is leased. */
  hold(): void;
  /** Resolves once all that was accepted is committed; nothing more is leased. */
  stop(): Promise<void>;
}

/**
 * One lane for each transaction that the journal can run at once. A part is always of the same lane, so the messages
 * of an actor are decided in the order in which they came.
 */
export function createCommitter(options: CommitterOptions): Committer {
  const caps = createCaps(options.rates ?? {}, options.log);
  const gauge = new MailGauge(options.mailboxLimit);
  const lanes = Array.from({ length: options.journal.lanes ?? 1 }, (_, number) =>
    createLane(options, { caps, gauge }, number),
  );
  const laneOf = (part: number) => lanes[part % lanes.length] as Lane;
  const waiting = () => lanes.reduce((sum, lane) => sum + lane.waiting(), 0);
  return {
    async accept(message) {
      if (waiting() >= options.queueLimit) throw new Overloaded(1);
      const outcome = await laneOf(partOf(message.actorId)).submit(message);
      return outcome ?? { status: "accepted" };
    },
    settle: (settlement, message) =>
      laneOf(partOf(message?.actorId ?? settlement.id)).submit(message, settlement),
    renew: (leases) => laneOf(0).renew(leases),
    wake(parts) {
      for (const part of parts) laneOf(part).wake(part);
    },
    poke: () => laneOf(0).poke(),
    waiting,
    counted: (mail) => gauge.counted(mail),
    capped: () => caps.reached(),
    hold() {
      for (const lane of lanes) lane.hold();
    },
    async stop() {
      await Promise.all(lanes.map((lane) => lane.stop()));
    },
  };
}
