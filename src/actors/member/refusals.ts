import type { MemberEvent } from "./events.ts";

/** Why a command was not done. Each has its page in docs/errors.md. */
export type MemberRefusalCode =
  | "bound_changed"
  | "consent_needed"
  | "member_locked"
  | "not_locked"
  | "not_ordered"
  | "otp_expired"
  | "otp_too_many"
  | "otp_too_soon"
  | "otp_used_up"
  | "otp_wrong"
  | "session_changed";

/** A command's answer: what happened, and, when the caller must be told no, why. A wrong code does both. */
export interface MemberDecision {
  happened: MemberEvent[];
  refused?: MemberRefusalCode;
  facts?: Record<string, number>;
}

export function happened(...events: MemberEvent[]): MemberDecision {
  return { happened: events };
}

export function refuse(refused: MemberRefusalCode, facts?: Record<string, number>): MemberDecision {
  return { happened: [], refused, ...(facts && { facts }) };
}
