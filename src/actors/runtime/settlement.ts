import type { Changes } from "./ports.ts";

/** What the end of an effect changes in the outbox; `of` is its kind. */
export type Settlement =
  | { kind: "settled"; id: string; of: string }
  /** `isUnused`: its gateway was not asked. */
  | ({ kind: "postponed"; of: string; isUnused?: boolean } & Changes["postponed"][number])
  | { kind: "returned"; of: string; id: string; attempts: number }
  | ({ kind: "buried"; of: string } & Changes["buried"][number]);

export function book(changes: Changes, settlement: Settlement): void {
  switch (settlement.kind) {
    case "settled":
      changes.settled.push(settlement.id);
      break;
    case "postponed":
      changes.postponed.push(settlement);
      break;
    case "returned":
      changes.returned.push(settlement);
      break;
    case "buried":
      changes.buried.push(settlement);
      break;
  }
}

/** Whether the lease ends without its gateway having been asked: then the leave to ask it is given back. */
export function isUnused(settlement: Settlement): boolean {
  return settlement.kind === "returned" || (settlement.kind === "postponed" && settlement.isUnused === true);
}

/**
 * Prolongs leases, those left out that end in the same group: one statement must not touch a row twice, or which of
 * the two happens is anybody's guess.
 */
export function bookRenewals(
  changes: Changes,
  leases: { id: string; attempts: number }[],
  leaseUntil: number,
): void {
  const { settled, postponed, returned, buried } = changes;
  const ended = new Set([...settled, ...[...postponed, ...returned, ...buried].map(({ id }) => id)]);
  const renewed = new Map(leases.map((lease) => [lease.id, lease]));
  for (const { id, attempts } of renewed.values())
    if (!ended.has(id)) changes.renewed.push({ id, attempts, leaseUntil });
}
