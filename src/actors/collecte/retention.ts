import { monthsAfter } from "./calendar.ts";
import { evidenceYears, purgeWarningMs, retentionMonths } from "./numbers.ts";
import type { Collecte, Instant } from "./state.ts";

/** Until when the documents are kept after the end. */
export function keptUntil({ endedAt }: Pick<Collecte, "endedAt">): Instant | undefined {
  return endedAt === undefined ? undefined : monthsAfter(endedAt, retentionMonths);
}

/** When their purge is to begin. */
export function purgeAt(state: Collecte): Instant | undefined {
  return state.purgingAt === undefined ? keptUntil(state) : undefined;
}

/** When the preparer is told that documents which are to leave before have not. */
export function announceAt(state: Collecte): Instant | undefined {
  const { terms, status, deliveredAt, purgeAnnouncedAt } = state;
  const purge = purgeAt(state);
  if (purge === undefined || !terms?.delivery || status !== "completed") return undefined;
  if (deliveredAt !== undefined || purgeAnnouncedAt !== undefined) return undefined;
  return purge - purgeWarningMs;
}

/** When the evidence file and all that is said about people are given up, once the documents are gone. */
export function forgetAt({ status, endedAt, forgottenAt, terms }: Collecte): Instant | undefined {
  if (status !== "purged" || endedAt === undefined || forgottenAt !== undefined) return undefined;
  return monthsAfter(endedAt, 12 * (terms?.evidenceYears ?? evidenceYears));
}
