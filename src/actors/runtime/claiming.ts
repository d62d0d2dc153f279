import type { Instant, JournalTransaction, Log } from "./ports.ts";
import {
  allowance,
  type Bucket,
  givenBack,
  hasReachedCap,
  lookAgainMs,
  type Rate,
  refilled,
  spent,
  wasSetBack,
} from "./rates.ts";

/** An effect that was leased and is to be handed on. */
export interface Claimed {
  id: string;
  attempts: number;
  kind: string;
}

export interface ClaimOptions {
  /** By kind of effect, how many may be leased at once, over all processes: slow mail can't delay a code. */
  leaseLimits: Readonly<Record<string, number>>;
  /** By kind, how many may be leased in a time, over all processes; a kind that is not named has no limit. */
  rates?: Readonly<Record<string, Rate>>;
  leaseMs: number;
}

export interface Claiming {
  claimed: Claimed[];
  /** Another transaction was claiming one of the kinds. */
  isMissed: boolean;
  /** Kinds whose rate is used up for now, and after how long they are worth another look. */
  throttled: Map<string, number>;
  /** Of the kinds that have a rate and were looked at: what is left of it. */
  buckets: Map<string, Bucket>;
}

/**
 * Leases what is due of these kinds. A lease is leave to ask the gateway once, and one transaction at a time claims a
 * kind, so a rate that is kept here is kept over all processes. `returned` are the kinds of leases that end in this
 * transaction unused.
 */
export async function claimDue(
  tx: JournalTransaction,
  { leaseLimits, rates = {}, leaseMs }: ClaimOptions,
  kinds: string[],
  returned: string[],
  now: Instant,
): Promise<Claiming> {
  const unused = countOf(returned.filter((kind) => rates[kind]));
  const wanted = [...new Set([...kinds, ...unused.keys()])];
  const held = await tx.holdKinds(wanted);
  const taking = kinds.filter((kind) => held.has(kind));
  const isMissed = taking.length < kinds.length;
  const lapsed = taking.length > 0 ? await tx.release(taking, now) : [];
  // Only before an act of a kind with a daily cap is its lease always marked as begun.
  for (const { kind, isBegun } of lapsed)
    if (!isBegun && rates[kind]?.perDay !== undefined) unused.set(kind, (unused.get(kind) ?? 0) + 1);

  const rated = [...held].flatMap((kind) => {
    const rate = rates[kind];
    return rate ? [{ kind, rate }] : [];
  });
  const kept: ReadonlyMap<string, Bucket> =
    rated.length > 0 ? await tx.buckets(rated.map(({ kind }) => kind)) : new Map();
  const buckets = new Map<string, Bucket>();
  const most: Record<string, number> = {};
  for (const { kind, rate } of rated) {
    const full = refilled(kept.get(kind), rate, now);
    const back = unused.get(kind);
    const bucket = back === undefined ? full : givenBack(full, rate, back, now);
    buckets.set(kind, bucket);
    most[kind] = allowance(bucket, rate);
  }
  const open = taking.filter((kind) => (most[kind] ?? 1) > 0);
  const limits = Object.fromEntries(open.map((kind) => [kind, leaseLimits[kind] ?? 0]));
  const claimed = open.length > 0 ? await tx.claim(limits, now, leaseMs, most) : [];

  const taken = countOf(claimed.map(({ kind }) => kind));
  const throttled = new Map<string, number>();
  const changed = new Map<string, Bucket>();
  for (const { kind, rate } of rated) {
    const count = taken.get(kind) ?? 0;
    const left = spent(buckets.get(kind) as Bucket, rate, count);
    buckets.set(kind, left);
    if (count > 0 || unused.has(kind) || wasSetBack(left, kept.get(kind))) changed.set(kind, left);
    const isUsedUp = taking.includes(kind) && count === most[kind];
    if (isUsedUp && !hasReachedCap(left, rate)) throttled.set(kind, lookAgainMs(rate));
  }
  if (changed.size > 0) await tx.keepBuckets(changed);
  return { claimed, isMissed, throttled, buckets };
}

/** Which kinds have reached their daily cap, as far as this process has seen. */
export interface Caps {
  note(buckets: ReadonlyMap<string, Bucket>): void;
  reached(): string[];
}

/** Warns once a day and kind. */
export function createCaps(rates: Readonly<Record<string, Rate>>, log: Log): Caps {
  const warned = new Map<string, string>();
  let reached = new Set<string>();
  return {
    note(buckets) {
      const next = new Set(reached);
      for (const [kind, bucket] of buckets) {
        const rate = rates[kind] ?? {};
        if (!hasReachedCap(bucket, rate)) next.delete(kind);
        else next.add(kind);
        if (!next.has(kind) || warned.get(kind) === bucket.day) continue;
        warned.set(kind, bucket.day);
        log.warn({ kind, perDay: rate.perDay }, "the day's cap is reached: the rest waits for the next day");
      }
      reached = next;
    },
    reached: () => [...reached],
  };
}

function countOf(kinds: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
