import { type Caps, type Claimed, type ClaimOptions, claimDue, createCaps } from "./claiming.ts";
import { drain } from "./drain.ts";
import { codeOf, KeyReused, Overloaded, VersionConflict } from "./errors.ts";
import type { Laws } from "./laws.ts";
import { MailGauge } from "./mail-gauge.ts";
import { partOf } from "./parts.ts";
import type { Clock, Journal, JournalTransaction, Log, Mailbox, Message, Outcome } from "./ports.ts";
import { book, bookRenewals, type Settlement } from "./settlement.ts";

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

interface Entry {
  message: Message | undefined;
  settlement: Settlement | undefined;
  resolve(outcome: Outcome | undefined): void;
  reject(error: unknown): void;
}

interface Lease {
  id: string;
  attempts: number;
}

interface Renewal {
  leases: Lease[];
  resolve(): void;
  reject(error: unknown): void;
}

/** What one transaction takes on. */
interface Work {
  group: Entry[];
  renewals: Renewal[];
  wakes: number[];
  /** Looks for due effects of every kind. */
  isSweep: boolean;
  /** Kinds whose rate may allow more by now. */
  looks: string[];
}

const conflictTries = 10;
/** What another transaction held is asked for again after a pause that doubles up to the longest. */
const shortestPauseMs = 5;
const longestPauseMs = 320;
/** A mailbox that is full is not emptied in a second. */
const fullMailboxSeconds = 5;

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

interface Lane {
  submit(message: Message | undefined, settlement?: Settlement): Promise<Outcome | undefined>;
  renew(leases: Lease[]): Promise<void>;
  wake(part: number): void;
  poke(): void;
  waiting(): number;
  hold(): void;
  stop(): Promise<void>;
}

function createLane(
  options: CommitterOptions,
  { caps, gauge }: { caps: Caps; gauge: MailGauge },
  number: number,
): Lane {
  const { journal, laws, clock, decides = true, leases = true } = options;
  let entries: Entry[] = [];
  let renewals: Renewal[] = [];
  let parts = new Set<number>();
  let looks = new Set<string>();
  let poked = false;
  let running: Promise<void> | undefined;
  let stopping = false;
  let pauseMs = shortestPauseMs;
  let again: NodeJS.Timeout | undefined;
  const missed = { parts: new Set<number>(), isSweep: false };
  const throttles = new Map<string, NodeJS.Timeout>();
  const hasWork = () =>
    entries.length > 0 || renewals.length > 0 || parts.size > 0 || (!stopping && (poked || looks.size > 0));

  function submit(message: Message | undefined, settlement?: Settlement): Promise<Outcome | undefined> {
    return new Promise((resolve, reject) => {
      entries.push({ message, settlement, resolve, reject });
      start();
    });
  }

  function start(): void {
    running ??= run().finally(() => {
      running = undefined;
      if (hasWork()) start();
    });
  }

  async function run(): Promise<void> {
    // Everything that the current turn of the event loop brings belongs to the first group.
    await new Promise(setImmediate);
    while (hasWork()) {
      const group = entries.slice(0, options.groupLimit);
      entries = entries.slice(options.groupLimit);
      // Leases are prolonged before all that waits: behind a long queue they would run out.
      const work = { group, renewals, wakes: [...parts], isSweep: poked, looks: [...looks] };
      renewals = [];
      parts = new Set();
      looks = new Set();
      poked = false;
      await commit(work);
    }
  }

  /** Comes back for what another transaction held; who holds a part does not see the mail that was parked meanwhile. */
  function comeBack(busy: number[], isSweep: boolean): void {
    if (busy.length === 0 && !isSweep) {
      pauseMs = shortestPauseMs;
      return;
    }
    for (const part of busy) missed.parts.add(part);
    missed.isSweep ||= isSweep;
    if (again || stopping) return;
    again = setTimeout(() => {
      again = undefined;
      for (const part of missed.parts) parts.add(part);
      poked ||= missed.isSweep;
      missed.parts.clear();
      missed.isSweep = false;
      start();
    }, pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }

  /** Looks again at kinds whose rate is used up, when there is leave for more; nobody else would soon. */
  function throttle(kinds: ReadonlyMap<string, number>): void {
    for (const [kind, afterMs] of kinds) {
      if (stopping || throttles.has(kind)) continue;
      const look = () => {
        throttles.delete(kind);
        looks.add(kind);
        start();
      };
      throttles.set(kind, setTimeout(look, afterMs));
    }
  }

  async function commit(work: Work): Promise<void> {
    const { group } = work;
    try {
      const { answers, changes, behind, busy, parked, claiming } = await attempt(work);
      gauge.moved(changes);
      for (const renewal of work.renewals) renewal.resolve();
      for (const [i, entry] of group.entries()) {
        const answer = answers[i];
        if (answer instanceof Error) entry.reject(answer);
        else entry.resolve(answer);
      }
      if (!stopping) for (const part of behind) parts.add(part);
      if (claiming.claimed.length > 0) options.handOn(claiming.claimed);
      if (parked.size > 0 && (stopping || !decides)) options.onParked?.([...parked]);
      if (changes.effects.length > 0 && !leases) options.onOrdered?.();
      caps.note(claiming.buckets);
      throttle(claiming.throttled);
      comeBack(busy, claiming.isMissed);
    } catch (error) {
      options.log.error({ code: codeOf(error), count: group.length }, "a group was not committed");
      for (const entry of [...group, ...work.renewals]) entry.reject(error);
    }
  }

  async function attempt(work: Work) {
    for (let tries = 1; ; tries++) {
      try {
        return await journal.transaction((tx) => transact(tx, work), number);
      } catch (error) {
        if (!(error instanceof VersionConflict) || tries === conflictTries) throw error;
      }
    }
  }

  async function transact(tx: JournalTransaction, work: Work) {
    const { group, wakes, isSweep, looks } = work;
    const now = clock.now();
    const messages = group.flatMap(({ message }) => (message ? [message] : []));
    const drained = await drain(tx, laws, messages, wakes, now, { decides, turnsAway: turnsAway(group) });
    const { outcomes, receipts, changes, behind, busy, parked, turnedAway } = drained;
    const ends = group.flatMap(({ settlement }) => (settlement ? [settlement] : []));
    for (const end of ends) book(changes, end);
    const renewed = work.renewals.flatMap((renewal) => renewal.leases);
    bookRenewals(changes, renewed, now + options.leaseMs);
    await tx.write(changes);
    // Only a kind that was ordered, or of which a slot or leave fell free, can have something to lease; a sweep looks
    // at all.
    const moved = new Set([
      ...ends.map(({ of }) => of),
      ...changes.effects.map(({ kind }) => kind),
      ...looks,
    ]);
    const kinds = Object.keys(options.leaseLimits).filter((kind) => isSweep || moved.has(kind));
    const returned = ends.flatMap((end) => (end.kind === "returned" ? [end.of] : []));
    // By a clock that was just read: rates are counted by the order of these claims.
    const claiming = await claimDue(tx, options, stopping || !leases ? [] : kinds, returned, clock.now());
    const prints = new Map<string, string | null | undefined>();
    const answers = group.map(({ message }) => {
      if (!message) return undefined;
      if (turnedAway.has(message.id)) return new Overloaded(fullMailboxSeconds);
      const known = receipts.get(message.id);
      if (known) prints.set(message.id, known.fingerprint);
      else if (!prints.has(message.id)) prints.set(message.id, message.fingerprint);
      const reused = message.fingerprint !== undefined && prints.get(message.id) !== message.fingerprint;
      return reused ? new KeyReused() : outcomes.get(message.id);
    });
    return { answers, changes, behind, busy, parked, claiming };
  }

  /** What an effect learnt can't be asked for again: there is always room for it. */
  function turnsAway(group: Entry[]): (message: Message) => boolean {
    if (!gauge.isFull) return () => false;
    const learnt = new Set(group.flatMap(({ message, settlement }) => (settlement ? [message?.id] : [])));
    return ({ id }) => !learnt.has(id);
  }

  return {
    submit,
    renew: (leases) =>
      new Promise((resolve, reject) => {
        renewals.push({ leases, resolve, reject });
        start();
      }),
    wake(part) {
      if (!decides) return;
      parts.add(part);
      start();
    },
    poke() {
      if (!leases) return;
      poked = true;
      if (!stopping) start();
    },
    waiting: () => entries.length,
    hold() {
      stopping = true;
    },
    async stop() {
      stopping = true;
      poked = false;
      clearTimeout(again);
      for (const timer of throttles.values()) clearTimeout(timer);
      while (running !== undefined) await running;
    },
  };
}
