import type { GiveConsent, SignDocuments } from "./commands.ts";
import type { Event } from "./events.ts";
import {
  otpFailuresBeforeLock,
  otpFailureWindowMs,
  otpLifeMs,
  otpPauseMs,
  otpsPerWindow,
  otpTries,
  otpWindowMs,
} from "./numbers.ts";
import { type Decision, happened, refuse } from "./refusals.ts";
import { type Collecte, type Otp, type Signatory, wereShown } from "./state.ts";

/** Sends a first or a new code: 60 s between codes, 3 in 30 minutes, and the new one kills the old one. */
export function issueOtp(signatory: Signatory, command: GiveConsent): Decision {
  const last = signatory.otpIssuedAt.at(-1);
  if (last !== undefined && command.at < last + otpPauseMs) {
    return refuse("otp_too_soon", { retryAfterSeconds: secondsUntil(last + otpPauseMs, command.at) });
  }
  const recent = signatory.otpIssuedAt.filter((issued) => command.at < issued + otpWindowMs);
  const oldest = recent[0];
  if (oldest !== undefined && recent.length >= otpsPerWindow) {
    return refuse("otp_too_many", { retryAfterSeconds: secondsUntil(oldest + otpWindowMs, command.at) });
  }
  const { signatoryId, sessionId, documents, consentText, at, otp } = command;
  return happened(
    {
      type: "ConsentGiven",
      signatoryId,
      sessionId,
      documents,
      consentText,
      at,
      personal: { trace: command.personal.trace },
    },
    {
      type: "OtpIssued",
      signatoryId,
      otpId: otp.id,
      salt: otp.salt,
      mac: otp.mac,
      sessionId,
      documents,
      expiresAt: at + otpLifeMs,
      at,
    },
  );
}

/** Uses a code: the live one, of this session, for these very documents, in time, once. */
export function consumeOtp(state: Collecte, signatory: Signatory, command: SignDocuments): Decision {
  const { otp } = signatory;
  if (!otp || otp.id !== command.otpId) return refuse("consent_needed");
  if (otp.sessionId !== command.sessionId) return refuse("session_changed");
  if (command.at >= otp.expiresAt) return refuse("otp_expired");
  if (otp.failures >= otpTries) return refuse("otp_used_up");
  if (!wereShown(state, otp.documents)) return refuse("documents_changed");
  if (!sameInConstantTime(otp.mac, command.mac)) return fail(signatory, otp, command);
  const { signatoryId, at } = command;
  return happened(
    { type: "OtpConsumed", signatoryId, otpId: otp.id, at, personal: { trace: command.personal.trace } },
    { type: "SignatureOrdered", signatoryId, otpId: otp.id, documents: otp.documents, at },
  );
}

function fail(signatory: Signatory, otp: Otp, command: SignDocuments): Decision {
  const { signatoryId, at } = command;
  const events: Event[] = [
    { type: "OtpFailed", signatoryId, otpId: otp.id, at, personal: { trace: command.personal.trace } },
  ];
  const failures = signatory.otpFailedAt.filter((failed) => at < failed + otpFailureWindowMs).length + 1;
  if (failures >= otpFailuresBeforeLock) events.push({ type: "SignatoryLocked", signatoryId, at });
  const triesLeft = otpTries - otp.failures - 1;
  return { happened: events, refused: "otp_wrong", facts: { triesLeft } };
}

/** No early way out, so the time it takes tells nothing of where two digests differ. */
function sameInConstantTime(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}

function secondsUntil(then: number, now: number): number {
  return Math.ceil((then - now) / 1000);
}
