import { DateTime } from "luxon";
import type { FirmSettings } from "../actors/runtime/ports.ts";
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

/** What the firm has chosen for the life of a code that is asked for now. */
export function strictnessOf(settings: FirmSettings | undefined): { isStrict?: true } {
  return settings?.strictCodes === true ? { isStrict: true } : {};
}

/** Of Paris, where days of SMS are counted. */
function secondsToMidnight(now: number): number {
  const tomorrow = DateTime.fromMillis(now, { zone: "Europe/Paris" }).plus({ days: 1 }).startOf("day");
  return Math.ceil((tomorrow.toMillis() - now) / 1000);
}
