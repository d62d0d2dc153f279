import {
  otpFailuresBeforeLock,
  otpFailureWindowMs,
  otpPauseMs,
  otpsPerWindow,
  otpTries,
  otpWindowMs,
} from "./numbers.ts";

/** A one-time code that was sent and not used. The code itself is nowhere: only its keyed digest. */
export interface KeptOtp {
  id: string;
  /** HMAC-SHA-256 (hex) of salt and code under a pepper that is not in the database. */
  mac: string;
  sessionId: string;
  expiresAt: number;
  failures: number;
}

/** What was typed, as far as it can be compared. */
export interface OtpTry {
  otpId: string;
  mac: string;
  sessionId: string;
  at: number;
}

export interface TooMany {
  refused: "otp_too_soon" | "otp_too_many";
  facts: { retryAfterSeconds: number };
}

/** Why no code may be issued yet to who got codes at these times: 60 s between codes, 3 in 30 minutes. */
export function tooManyCodes(issuedAt: readonly number[], at: number): TooMany | undefined {
  const last = issuedAt.at(-1);
  if (last !== undefined && at < last + otpPauseMs)
    return { refused: "otp_too_soon", facts: { retryAfterSeconds: secondsUntil(last + otpPauseMs, at) } };
  const recent = issuedAt.filter((issued) => at < issued + otpWindowMs);
  const oldest = recent[0];
  if (oldest === undefined || recent.length < otpsPerWindow) return undefined;
  return { refused: "otp_too_many", facts: { retryAfterSeconds: secondsUntil(oldest + otpWindowMs, at) } };
}

/** When codes were issued, with one more: as far back as it counts. */
export function withIssued(issuedAt: readonly number[], at: number): number[] {
  return [...since(issuedAt, at - otpWindowMs), at];
}

/** When wrong codes were typed, with one more: as far back as it counts. */
export function withFailed(failedAt: readonly number[], at: number): number[] {
  return [...since(failedAt, at - otpFailureWindowMs), at];
}

/** Why this code can't be used, whatever was typed: another one is live, another session's, over, or tried too often. */
export function unusable(
  otp: KeptOtp | undefined,
  { otpId, sessionId, at }: OtpTry,
): "consent_needed" | "session_changed" | "otp_expired" | "otp_used_up" | undefined {
  if (!otp || otp.id !== otpId) return "consent_needed";
  if (otp.sessionId !== sessionId) return "session_changed";
  if (at >= otp.expiresAt) return "otp_expired";
  return otp.failures >= otpTries ? "otp_used_up" : undefined;
}

/** Whether it is the code; in a time that tells nothing of where two digests differ. */
export function isRightCode(otp: KeptOtp, { mac }: OtpTry): boolean {
  if (otp.mac.length !== mac.length) return false;
  let difference = 0;
  for (let i = 0; i < mac.length; i++) difference |= otp.mac.charCodeAt(i) ^ mac.charCodeAt(i);
  return difference === 0;
}

/** What a wrong code costs who failed at these times before: the 10th in 24 hours locks. */
export function wrongCode(
  otp: KeptOtp,
  failedAt: readonly number[],
  at: number,
): { triesLeft: number; locks: boolean } {
  const failures = failedAt.filter((failed) => at < failed + otpFailureWindowMs).length + 1;
  return { triesLeft: otpTries - otp.failures - 1, locks: failures >= otpFailuresBeforeLock };
}

function secondsUntil(then: number, now: number): number {
  return Math.ceil((then - now) / 1000);
}

function since(instants: readonly number[], start: number): number[] {
  return instants.filter((instant) => instant > start);
}
