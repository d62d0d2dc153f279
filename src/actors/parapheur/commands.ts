import type { Choice, Instant, LeftOut, Trace } from "./state.ts";

/** A member has read, and ticked the consent: what a code will be asked for. */
export interface OpenSession {
  type: "OpenSession";
  firmId: string;
  memberId: string;
  digest: string;
  consentText: string;
  choices: Choice[];
  leftOut: LeftOut[];
  at: Instant;
  personal: { trace: Trace };
}

/** The code of this session was right. */
export interface SignSession {
  type: "SignSession";
  digest: string;
  otpId: string;
  at: Instant;
}

/** The member has what failed tried again. */
export interface RetrySession {
  type: "RetrySession";
  places: number[];
  at: Instant;
}

/** All acts of a round were handed to their collectes. */
export interface RecordRound {
  type: "RecordRound";
  round: number;
  /** By place; all others were taken. */
  refused: Record<number, string>;
  at: Instant;
}

/** A round could not be handed over: none of its acts is known to be done. */
export interface RecordRoundFailure {
  type: "RecordRoundFailure";
  round: number;
  code: string;
  at: Instant;
}

export type ParapheurCommand = OpenSession | SignSession | RetrySession | RecordRound | RecordRoundFailure;
