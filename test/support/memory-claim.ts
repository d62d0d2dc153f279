import { furthestEffect, furthestLease, furthestMail } from "../../src/actors/runtime/horizons.ts";
import { released } from "../../src/actors/runtime/lapses.ts";
import type { StoredEffect } from "./memory-journal.ts";

/**
 * What fits under the limits: the firms that have the fewest in hand first, then those after the firm that was served
 * last; within a firm the oldest first.
 */
export function claimable(
  rows: StoredEffect[],
  now: number,
  { limit, most }: { limit: number; most: number },
  lastFirm: string,
): StoredEffect[] {
  const held = new Map<string, number>();
  const leased = rows.filter(({ status }) => status === "leased");
  for (const { firmId } of leased) held.set(firmId, (held.get(firmId) ?? 0) + 1);
  const due = rows
    .filter(({ status, dueAt }) => status === "pending" && isDueEffect(dueAt, now))
    .sort((one, other) => one.dueAt - other.dueAt || one.seq - other.seq)
    .map((row) => {
      const turn = (held.get(row.firmId) ?? 0) + 1;
      held.set(row.firmId, turn);
      return { row, turn };
    });
  const wasServed = (firmId: string) => Number(firmId <= lastFirm);
  return due
    .sort(
      (one, other) =>
        one.turn - other.turn ||
        wasServed(one.row.firmId) - wasServed(other.row.firmId) ||
        (one.row.firmId < other.row.firmId ? -1 : 1),
    )
    .slice(0, Math.min(most, Math.max(0, limit - leased.length)))
    .map(({ row }) => row);
}

/** Leases that ran out, or end later than any may, and what becomes of their effects. */
export function lapsed(rows: StoredEffect[], now: number) {
  return rows.flatMap((row) => {
    const leaseUntil = row.leaseUntil ?? 0;
    if (row.status !== "leased" || (leaseUntil > now && leaseUntil <= furthestLease(now))) return [];
    return [{ row, ...released({ ...row, leaseUntil }, now) }];
  });
}

export function isDueEffect(dueAt: number, now: number): boolean {
  return dueAt <= now || dueAt > furthestEffect(now);
}

export function isDueMail(notBefore: number, now: number): boolean {
  return notBefore <= now || notBefore > furthestMail(now);
}
