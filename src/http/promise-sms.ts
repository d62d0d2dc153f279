import { DateTime } from "luxon";
import type { Door } from "./door.ts";
import { Problem } from "./problem.ts";

/**
 * Says no before a code is promised that could not be sent: who waits for it would ask again and again. Throws
 * `sms_number_cap` or `sms_firm_cap`. The sending itself counts, and is the one that decides.
 */
export async function promiseSms(
  { smsBudget }: Pick<Door, "smsBudget">,
  firmId: string,
  phone: string | undefined,
  now: number,
): Promise<void> {
  const refusal = phone === undefined ? undefined : await smsBudget.refusal(firmId, phone, now);
  if (refusal) throw new Problem(refusal, { facts: { retryAfterSeconds: secondsToMidnight(now) } });
}

/** Of Paris, where days of SMS are counted. */
function secondsToMidnight(now: number): number {
  const tomorrow = DateTime.fromMillis(now, { zone: "Europe/Paris" }).plus({ days: 1 }).startOf("day");
  return Math.ceil((tomorrow.toMillis() - now) / 1000);
}
