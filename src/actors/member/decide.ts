import { lifeOfOtp } from "../otp/numbers.ts";
import { isRightCode, tooManyCodes, unusable, wrongCode } from "../otp/rules.ts";
import type {
  AskForCode,
  MemberCommand,
  RecordCertificate,
  RecordCertificateFailure,
  RecordMemberNotification,
  UseCode,
} from "./commands.ts";
import type { MemberEvent } from "./events.ts";
import { happened, type MemberDecision, refuse } from "./refusals.ts";
import type { MemberActs, MemberOtp } from "./state.ts";

/** The law of a member's codes, and of what they order with them. No clock, no chance, nothing outside. */
export function decide(state: MemberActs, command: MemberCommand): MemberDecision {
  switch (command.type) {
    case "AskForCode":
      return askForCode(state, command);
    case "UseCode":
      return useCode(state, command);
    case "UnlockMember":
      if (!state.locked) return refuse("not_locked");
      return happened({ type: "MemberUnlocked", by: command.by, at: command.at });
    case "RecordCertificate":
    case "RecordCertificateFailure":
      return recordCertificate(state, command);
    case "RecordMemberNotification":
      return recordNotification(state, command);
  }
}

function askForCode(state: MemberActs, command: AskForCode): MemberDecision {
  if (state.locked) return refuse("member_locked");
  const { memberId, firmId, purpose, sessionId, bound, parapheurId, otp, at, personal } = command;
  const tooMany = tooManyCodes(state.otpIssuedAt, at);
  if (tooMany) return refuse(tooMany.refused, tooMany.facts);
  const { id: otpId, salt, mac } = otp;
  const expiresAt = at + lifeOfOtp(command);
  const issued = { memberId, firmId, otpId, purpose, salt, mac, sessionId, bound, expiresAt, at, personal };
  return happened({ type: "CodeIssued", ...issued, ...(parapheurId !== undefined && { parapheurId }) });
}

/** Uses a code: the live one, asked for this purpose, of this session, for these very things, in time, once. */
function useCode(state: MemberActs, command: UseCode): MemberDecision {
  if (state.locked) return refuse("member_locked");
  const why = unusable(state.otp, command);
  if (why) return refuse(why);
  const otp = state.otp as MemberOtp;
  if (otp.purpose !== command.purpose) return refuse("consent_needed");
  if (!isSame(otp.bound, command.bound)) return refuse("bound_changed");
  if (!isRightCode(otp, command)) return fail(state, otp, command);
  const { purpose, at, personal } = command;
  return happened({ type: "CodeUsed", otpId: otp.id, purpose, at, personal }, ordered(otp, at));
}

/** What a code of this purpose orders. */
function ordered({ id, purpose, parapheurId = "", bound }: MemberOtp, at: number): MemberEvent {
  if (purpose === "certificate") return { type: "CertificateOrdered", codeId: id, at };
  return { type: "SessionReleased", parapheurId, otpId: id, digest: bound.join(" "), at };
}

function fail(state: MemberActs, otp: MemberOtp, { at, personal }: UseCode): MemberDecision {
  const events: MemberEvent[] = [{ type: "CodeFailed", otpId: otp.id, at, personal }];
  const { triesLeft, locks } = wrongCode(otp, state.otpFailedAt, at);
  if (locks) events.push({ type: "MemberLocked", at });
  return { happened: events, refused: "otp_wrong", facts: { triesLeft } };
}

function recordCertificate(
  { certificate }: MemberActs,
  command: RecordCertificate | RecordCertificateFailure,
): MemberDecision {
  const { codeId, at } = command;
  if (certificate?.codeId !== codeId || certificate.issued) return refuse("not_ordered");
  return command.type === "RecordCertificate"
    ? happened({ type: "CertificateIssued", codeId, issued: command.issued, at })
    : happened({ type: "CertificateFailed", codeId, code: command.code, at });
}

function recordNotification(state: MemberActs, command: RecordMemberNotification): MemberDecision {
  const { effectId, status, reference, at } = command;
  const known = state.notifications[effectId]?.status;
  // One that failed for good may be tried again by hand, and then arrive.
  if (known === "sent" || known === status) return happened();
  const type = status === "sent" ? "MemberNotified" : "MemberNotNotified";
  return happened({ type, effectId, reference, at });
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}
