import { isRightCode, tooManyCodes, unusable, wrongCode } from "../otp/rules.ts";
import type { GiveConsent, SignDocuments } from "./commands.ts";
import type { Event } from "./events.ts";
import { lifeOfOtp } from "./numbers.ts";
import { type Decision, happened, refuse } from "./refusals.ts";
import { type Collecte, type Otp, type Signatory, wereShown } from "./state.ts";

/** Sends a first or a new code, if it is not too soon; the new one kills the old one. */
export function issueOtp(signatory: Signatory, command: GiveConsent): Decision {
  const tooMany = tooManyCodes(signatory.otpIssuedAt, command.at);
  if (tooMany) return refuse(tooMany.refused, tooMany.facts);
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
      expiresAt: at + lifeOfOtp(command),
      at,
    },
  );
}

/** Uses a code: the live one, of this session, for these very documents, in time, once. */
export function consumeOtp(state: Collecte, signatory: Signatory, command: SignDocuments): Decision {
  const why = unusable(signatory.otp, command);
  if (why) return refuse(why);
  const otp = signatory.otp as Otp;
  if (!wereShown(state, otp.documents)) return refuse("documents_changed");
  if (!isRightCode(otp, command)) return fail(signatory, otp, command);
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
  const { triesLeft, locks } = wrongCode(otp, signatory.otpFailedAt, at);
  if (locks) events.push({ type: "SignatoryLocked", signatoryId, at });
  return { happened: events, refused: "otp_wrong", facts: { triesLeft } };
}
