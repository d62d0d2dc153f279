import { consentSentences } from "../actors/collecte/consent.ts";
import { otpPauseMs, otpsPerWindow, otpWindowMs } from "../actors/collecte/numbers.ts";
import type { Collecte, Signatory } from "../actors/collecte/state.ts";
import type { Firm } from "../actors/runtime/ports.ts";
import type { Session } from "../actors/runtime/secrets.ts";
import { nameOf } from "./collecte-view.ts";
import { iso } from "./instants.ts";
import { shownReflection } from "./people-view.ts";
import type { Reader } from "./route.ts";

/** What a signatory, or a reader of finished documents, sees. */
export function shownSigning({ session, view }: Reader, firm: Firm | undefined, now: number) {
  const { state } = view;
  const signatory = state.signatories[session.personId];
  const signing = session.purpose === "sign";
  return {
    purpose: session.purpose,
    title: state.personal.title,
    message: state.personal.message ?? "",
    firm: { name: firm?.name ?? "" },
    language: state.language,
    state: state.status,
    ...(state.expiresAt !== undefined && { expiresAt: iso(state.expiresAt) }),
    ...(signatory && { signatory: shownSelf(state, signatory) }),
    documents: state.documents.map(({ id, pages, bytes, head }) => ({
      id,
      ...nameOf(state, id),
      pages,
      bytes,
      sha256: head,
    })),
    ...(signing && { consentText: consentSentences[state.language] }),
    ...(signing && signatory && shownOtp(signatory, session, now)),
  };
}

/** The last two digits of the phone that codes are sent to. */
export function phoneEnd(state: Collecte, personId: string): string {
  return state.personal.people[personId]?.phone?.slice(-2) ?? "";
}

function shownSelf(state: Collecte, signatory: Signatory) {
  const person = state.personal.people[signatory.id];
  return {
    id: signatory.id,
    firstName: person?.firstName ?? "",
    lastName: person?.lastName ?? "",
    phoneEnd: phoneEnd(state, signatory.id),
    status: signatory.status,
    ...shownReflection(state, signatory),
  };
}

function shownOtp({ otp, otpIssuedAt }: Signatory, session: Session, now: number) {
  if (!otp || otp.sessionId !== session.sessionId || now >= otp.expiresAt) return {};
  const recent = otpIssuedAt.filter((issued) => now < issued + otpWindowMs);
  const oldest = recent.length >= otpsPerWindow ? recent[0] : undefined;
  const canResendAt = Math.max(otp.issuedAt + otpPauseMs, oldest === undefined ? 0 : oldest + otpWindowMs);
  return { otp: { id: otp.id, expiresAt: iso(otp.expiresAt), canResendAt: iso(canResendAt) } };
}
