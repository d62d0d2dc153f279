import { Terminal } from "../runtime/errors.ts";
import type { Secrets } from "../runtime/secrets.ts";

/** The one-time code of an order. Throws `Terminal("otp_unreadable")`. */
export function codeIn(secrets: Pick<Secrets, "openCode">, sealedCode: string): string {
  try {
    return secrets.openCode(sealedCode);
  } catch (cause) {
    // Another master secret, or a row that was tampered with: no later try opens it.
    throw new Terminal("otp_unreadable", { cause });
  }
}
