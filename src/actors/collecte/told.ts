import type { Collecte, Signatory } from "./state.ts";

/*
 * What has gone to people.
 */

/** Whether a mail or SMS has left, whatever became of it since. */
export function wasSent({ notifications }: Collecte, effectId: string): boolean {
  const status = notifications[effectId]?.status;
  return status === "sent" || status === "delivered";
}

/** Which of the links to the finished documents that went to somebody is alive. */
export function downloadGeneration({ downloads }: Collecte, personId: string): number {
  return downloads?.[personId] ?? 1;
}

/** How many codes were ever sent to them; those of before they were counted are remembered by their times. */
export function codesOf({ codes, otpIssuedAt }: Signatory): number {
  return codes ?? otpIssuedAt.length;
}
