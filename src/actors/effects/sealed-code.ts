import { Terminal } from "../runtime/errors.ts";
import type { Instant } from "../runtime/ports.ts";
import type { Secrets } from "../runtime/secrets.ts";
import { otpReference, otpSms } from "./templates/otp-sms.ts";
import type { Language } from "./templates/text.ts";

/** A one-time code as it was ordered, whoever's law ordered it. */
interface OrderedCode {
  order: { otpId: string; sealedCode: string };
  otp: { issuedAt: Instant; expiresAt: Instant };
  firmName: string;
  language: Language;
}

/** The text that brings a one-time code to its phone. Throws `Terminal("otp_unreadable")`. */
export function codeSms(
  secrets: Pick<Secrets, "openCode">,
  { order, otp, firmName, language }: OrderedCode,
): string {
  return otpSms({
    language,
    firmName,
    code: codeIn(secrets, order.sealedCode),
    reference: otpReference(order.otpId),
    lifeMs: otp.expiresAt - otp.issuedAt,
  });
}

function codeIn(secrets: Pick<Secrets, "openCode">, sealedCode: string): string {
  try {
    return secrets.openCode(sealedCode);
  } catch (cause) {
    // Another master secret, or a row that was tampered with: no later try opens it.
    throw new Terminal("otp_unreadable", { cause });
  }
}
