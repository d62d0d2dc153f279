import { claimDue } from "./claiming.ts";
import type { CommitterOptions } from "./committer.ts";
import { type Drained, drain } from "./drain.ts";
import { KeyReused, Overloaded } from "./errors.ts";
import type { MailGauge } from "./mail-gauge.ts";
import type { JournalTransaction, Message, Outcome } from "./ports.ts";
import { book, bookRenewals, isUnused, type Settlement } from "./settlement.ts";

/** A message, the end of an effect, or both, and who waits for it to be durable. */
export interface Entry {
  message: Message | undefined;
  settlement: Settlement | undefined;
  resolve(outcome: Outcome | undefined): void;
  reject(error: unknown): void;
}

export interface Lease {
  id: string;
  attempts: number;
}

export interface Renewal {
  leases: Lease[];
  resolve(): void;
  reject(error: unknown): void;
}

/** What one transaction takes on. */
export interface Work {
  group: Entry[];
  renewals: Renewal[];
  wakes: number[];
  /** Looks for due effects of every kind. */
  isSweep: boolean;
  /** Kinds whose rate may allow more by now. */
  looks: string[];
}

/** A mailbox that is full is not emptied in a second. */
const fullMailboxSeconds = 5;

/**
 * All of one transaction: decides the messages of a group and the mail that waits in their parts, books the ends of
 * effects, writes it all, and leases what may be leased then. `claims`: whether this process leases, when it comes to that.
 */
export async function transact(
  tx: JournalTransaction,
  options: CommitterOptions,
  work: Work,
  { gauge, claims }: { gauge: MailGauge; claims: () => boolean },
) {
  const { laws, clock, decides = true } = options;
  const { group, wakes, isSweep, looks } = work;
  const now = clock.now();
  const messages = group.flatMap(({ message }) => (message ? [message] : []));
  const drained = await drain(tx, laws, messages, wakes, now, {
    decides,
    turnsAway: turnsAway(group, gauge),
  });
  const { changes, behind, busy, parked } = drained;
  const ends = group.flatMap(({ settlement }) => (settlement ? [settlement] : []));
  for (const end of ends) book(changes, end);
  const renewed = work.renewals.flatMap((renewal) => renewal.leases);
  bookRenewals(changes, renewed, now + options.leaseMs);
  await tx.write(changes);
  // Only a kind that was ordered, or of which a slot or leave fell free, can have something to lease; a sweep looks
  // at all.
  const moved = new Set([...ends.map(({ of }) => of), ...changes.effects.map(({ kind }) => kind), ...looks]);
  const kinds = Object.keys(options.leaseLimits).filter((kind) => isSweep || moved.has(kind));
  const unused = ends.filter(isUnused).map(({ of }) => of);
  // By a clock that was just read: rates are counted by the order of these claims.
  const claiming = await claimDue(tx, options, claims() ? kinds : [], unused, clock.now());
  const answers = answersTo(group, drained);
  return { answers, changes, behind, busy, parked, claiming };
}

/** What an effect learnt can't be asked for again: there is always room for it. */
function turnsAway(group: Entry[], gauge: MailGauge): (message: Message) => boolean {
  if (!gauge.isFull) return () => false;
  const learnt = new Set(group.flatMap(({ message, settlement }) => (settlement ? [message?.id] : [])));
  return ({ id }) => !learnt.has(id);
}

/** Each entry's outcome, or why it has none: the same id with another request, or no room. */
function answersTo(group: Entry[], { outcomes, receipts, turnedAway }: Drained) {
  const prints = new Map<string, string | null | undefined>();
  return group.map(({ message }) => {
    if (!message) return undefined;
    if (turnedAway.has(message.id)) return new Overloaded(fullMailboxSeconds);
    const known = receipts.get(message.id);
    if (known) prints.set(message.id, known.fingerprint);
    else if (!prints.has(message.id)) prints.set(message.id, message.fingerprint);
    const reused = message.fingerprint !== undefined && prints.get(message.id) !== message.fingerprint;
    return reused ? new KeyReused() : outcomes.get(message.id);
  });
}
