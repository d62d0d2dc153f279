import type { ParapheurEvent } from "./events.ts";

/** Why a command was not done. Each has its page in docs/errors.md. */
export type ParapheurRefusalCode =
  | "already_created"
  | "already_signed"
  | "consent_needed"
  | "documents_changed"
  | "not_found"
  | "nothing_failed"
  | "nothing_to_sign"
  | "retry_over"
  | "signature_in_progress"
  | "too_many_documents";

export interface ParapheurDecision {
  happened: ParapheurEvent[];
  refused?: ParapheurRefusalCode;
}

export function happened(...events: ParapheurEvent[]): ParapheurDecision {
  return { happened: events };
}

export function refuse(refused: ParapheurRefusalCode): ParapheurDecision {
  return { happened: [], refused };
}
