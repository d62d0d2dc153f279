import { furthestMail } from "../../src/actors/runtime/horizons.ts";
import type { StoredEffect } from "./memory-journal.ts";

/**
 * What fits under the limit: the firms that have the fewest in hand first, then those after the firm that was served
 * last; within a firm the oldest first.
 */
export function claimable(
  rows: StoredEffect[],
  now: number,
  limit: number,
  lastFirm: string,
): StoredEffect[] {
  const held = new Map<string, number>();
  const leased = rows.filter(({ status }) => status === "leased");
  for (const { firmId } of leased) held.set(firmId, (held.get(firmId) ?? 0) + 1);
  const due = rows
    .filter(({ status, dueAt }) => status === "pending" && dueAt <= now)
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
    .slice(0, Math.max(0, limit - leased.length))
    .map(({ row }) => row);
}

export function isDueMail(notBefore: number, now: number): boolean {
  return notBefore <= now || notBefore > furthestMail(now);
}
