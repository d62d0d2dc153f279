import type { Event } from "./events.ts";

/** Why a command was not done. Each has its page in docs/errors.md. */
export type RefusalCode =
  | "already_created"
  | "already_signed"
  | "collecte_ended"
  | "consent_needed"
  | "documents_changed"
  | "draft_changed"
  | "link_dead"
  | "member_address"
  | "no_steps"
  | "no_documents"
  | "nobody_to_remind"
  | "nothing_failed"
  | "not_due"
  | "not_ended"
  | "not_found"
  | "not_launched"
  | "not_ordered"
  | "not_draft"
  | "not_theirs"
  | "order_mismatch"
  | "otp_expired"
  | "otp_too_many"
  | "otp_too_soon"
  | "otp_used_up"
  | "otp_wrong"
  | "out_of_turn"
  | "phone_frozen"
  | "session_changed"
  | "signatory_locked"
  | "signature_in_progress"
  | "too_early"
  | "unknown_signatory";

/** A command's answer: what happened, and, when the caller must be told no, why. A wrong code does both. */
export interface Decision {
  happened: Event[];
  refused?: RefusalCode;
  /** Figures that go with the refusal, such as `triesLeft` or `retryAfterSeconds`. */
  facts?: Record<string, number>;
}

export function happened(...events: Event[]): Decision {
  return { happened: events };
}

export function refuse(refused: RefusalCode, facts?: Record<string, number>): Decision {
  return { happened: [], refused, ...(facts && { facts }) };
}
