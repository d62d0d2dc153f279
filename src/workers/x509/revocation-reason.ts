import { DerError } from "./der-reader.ts";

/** CRLReason by its number (RFC 5280 §5.3.1); 7 is not used. */
const reasons = [
  "unspecified",
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "certificateHold",
  undefined,
  "removeFromCRL",
  "privilegeWithdrawn",
  "aACompromise",
] as const;

/** Why a certificate was revoked. */
export type RevocationReason = Exclude<(typeof reasons)[number], undefined>;

export const reasonNumber = (reason: RevocationReason): number => reasons.indexOf(reason);

/** The reason with this number; throws a DerError when there is none. */
export function reasonOf(number: number): RevocationReason {
  const reason = reasons[number];
  if (reason === undefined) throw new DerError("no such reason");
  return reason;
}
