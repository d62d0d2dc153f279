import { DateTime } from "luxon";
import { longestLeaseMs } from "./horizons.ts";
import type { Instant } from "./ports.ts";

/** How often a gateway may be asked; whole numbers. */
export interface Rate {
  perSecond?: number;
  /** In one calendar day of Paris. */
  perDay?: number;
}

/** What is left of a rate. The same for all processes: it is a row. */
export interface Bucket {
  /** Thousandths of a token, so that each millisecond adds a whole number of them; a token is leave to ask once. */
  thousandths: number;
  refilledAt: Instant;
  /** `yyyy-mm-dd` in Paris. */
  day: string;
  dayCount: number;
}

const whole = 1_000;
const shortestLookMs = 20;
const longestLookMs = 1_000;
/** A clock that is behind by less is another process's, and its time has been counted already. */
const skewMs = 10_000;

/**
 * The bucket as it is now: filled up to one second's worth. A clock that was set back brings nothing and blocks for 10 s
 * at most; one that was set forward brings one second's worth, and one day's.
 */
export function refilled(bucket: Bucket | undefined, rate: Rate, now: Instant): Bucket {
  const today = dayOf(now);
  const most = mostThousandths(rate);
  if (!bucket) return { thousandths: most, refilledAt: now, day: today, dayCount: 0 };
  const elapsedMs = now - bucket.refilledAt;
  const gained = Math.max(0, elapsedMs) * (rate.perSecond ?? 0);
  const isBehind = elapsedMs < 0 && elapsedMs >= -skewMs;
  return {
    thousandths: Math.min(most, bucket.thousandths + gained),
    refilledAt: isBehind ? bucket.refilledAt : now,
    ...countOn(bucket, today, dayOf(now + skewMs)),
  };
}

/** How many may be asked for now. */
export function allowance({ thousandths, dayCount }: Bucket, rate: Rate): number {
  const bySecond = rate.perSecond === undefined ? Number.MAX_SAFE_INTEGER : Math.floor(thousandths / whole);
  return Math.min(bySecond, leftToday(dayCount, rate));
}

/** A bucket that a later clock wrote must be kept as it is now, or it would fill only when that time comes again. */
export function wasSetBack(bucket: Bucket, kept: Bucket | undefined): boolean {
  return kept !== undefined && (bucket.refilledAt < kept.refilledAt || bucket.day < kept.day);
}

export function hasReachedCap({ dayCount }: Bucket, rate: Rate): boolean {
  return leftToday(dayCount, rate) === 0;
}

export function spent(bucket: Bucket, rate: Rate, count: number): Bucket {
  const thousandths = rate.perSecond === undefined ? bucket.thousandths : bucket.thousandths - count * whole;
  return { ...bucket, thousandths, dayCount: bucket.dayCount + count };
}

/** Leave that was not used. Near the beginning of a day it may have been the day before's, which nobody needs back. */
export function givenBack(bucket: Bucket, rate: Rate, count: number, now: Instant): Bucket {
  const isOfToday = dayOf(now - longestLeaseMs) === bucket.day;
  return {
    ...bucket,
    thousandths: Math.min(mostThousandths(rate), bucket.thousandths + count * whole),
    dayCount: isOfToday ? Math.max(0, bucket.dayCount - count) : bucket.dayCount,
  };
}

/** After how long an empty bucket is worth another look. */
export function lookAgainMs({ perSecond = 1 }: Rate): number {
  return Math.min(longestLookMs, Math.max(shortestLookMs, Math.ceil(1_000 / perSecond)));
}

export function dayOf(at: Instant): string {
  return DateTime.fromMillis(at, { zone: "Europe/Paris" }).toISODate() ?? "";
}

function mostThousandths({ perSecond = 0 }: Rate): number {
  return perSecond * whole;
}

function leftToday(dayCount: number, { perDay = Number.MAX_SAFE_INTEGER }: Rate): number {
  return Math.max(0, perDay - dayCount);
}

/** Only a later day begins at nothing: a clock that is set back over midnight, and forth, would double the day's count. */
function countOn({ day, dayCount }: Bucket, today: string, soon: string): Pick<Bucket, "day" | "dayCount"> {
  if (today > day) return { day: today, dayCount: 0 };
  return { day: soon < day ? today : day, dayCount };
}
