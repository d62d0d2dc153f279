import { withFailed, withIssued } from "../otp/rules.ts";
import type { MemberEvent } from "./events.ts";
import type { MemberActs } from "./state.ts";

/** The state after an event. Total and pure: the same events always give the same state. */
export function evolve(state: MemberActs, event: MemberEvent): MemberActs {
  switch (event.type) {
    case "CodeIssued": {
      const { memberId, firmId, otpId: id, purpose, salt, mac, sessionId, bound, expiresAt, at } = event;
      const about = event.parapheurId === undefined ? {} : { parapheurId: event.parapheurId };
      const otp = {
        id,
        purpose,
        salt,
        mac,
        sessionId,
        bound,
        ...about,
        issuedAt: at,
        expiresAt,
        failures: 0,
      };
      const otpIssuedAt = withIssued(state.otpIssuedAt, at);
      return { ...state, status: "known", memberId, firmId, otp, otpIssuedAt };
    }
    case "CodeFailed": {
      const otpFailedAt = withFailed(state.otpFailedAt, event.at);
      const { otp } = state;
      return { ...state, otpFailedAt, ...(otp && { otp: { ...otp, failures: otp.failures + 1 } }) };
    }
    case "CodeUsed":
      return withoutCode(state);
    case "SessionReleased":
      return state;
    case "MemberLocked":
      return { ...withoutCode(state), locked: true };
    case "MemberUnlocked":
      return { ...state, locked: false, otpFailedAt: [] };
    case "CertificateOrdered":
      return { ...state, certificate: { codeId: event.codeId, orderedAt: event.at } };
    case "CertificateIssued":
      return withCertificate(state, { issued: event.issued });
    case "CertificateFailed":
      return withCertificate(state, { failed: event.code });
    case "MemberNotified":
      return notified(state, event.effectId, { status: "sent", at: event.at });
    case "MemberNotNotified":
      return notified(state, event.effectId, { status: "failed", at: event.at });
  }
}

function withoutCode({ otp: _used, ...state }: MemberActs): MemberActs {
  return state;
}

function withCertificate(
  state: MemberActs,
  end: { issued: { sha256: string; serialHex: string; notAfter: number } } | { failed: string },
): MemberActs {
  if (!state.certificate) return state;
  const { failed: _before, ...order } = state.certificate;
  return { ...state, certificate: { ...order, ...end } };
}

/** Of the last few only: a member asks for codes for as long as they are one. */
const mostNotifications = 20;

function notified(
  state: MemberActs,
  effectId: string,
  notification: MemberActs["notifications"][string],
): MemberActs {
  const kept = Object.entries(state.notifications).slice(1 - mostNotifications);
  return { ...state, notifications: { ...Object.fromEntries(kept), [effectId]: notification } };
}
