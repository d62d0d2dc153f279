import type { MemberCommand } from "./commands.ts";
import type { MemberEvent } from "./events.ts";
import type { MemberActs } from "./state.ts";

/** What must happen in the outside world. Ids only: who and where is read when it is done. */
export type MemberEffect =
  | {
      kind: "sms";
      notice: "otp";
      to: string;
      otpId: string;
      language: "fr" | "en";
      sealedCode: string;
    }
  | { kind: "certify"; codeId: string; orderedAt: number };

/** What an event calls for. */
export function effectsOf(event: MemberEvent, _after: MemberActs, command: MemberCommand): MemberEffect[] {
  if (event.type === "CertificateOrdered")
    return [{ kind: "certify", codeId: event.codeId, orderedAt: event.at }];
  if (event.type !== "CodeIssued" || command.type !== "AskForCode") return [];
  const { language, otp, memberId: to } = command;
  return [{ kind: "sms", notice: "otp", to, otpId: otp.id, language, sealedCode: otp.sealedCode }];
}
