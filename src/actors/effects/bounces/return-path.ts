import { timingSafeEqual } from "node:crypto";
import type { Secrets } from "../../runtime/secrets.ts";

/** 64 bits of HMAC: with ids it stays below the 64 octets of a local part (RFC 5321, 4.5.3.1.1). */
const proofChars = 16;
const form = /^bounce\+([a-z0-9_.-]{3,80})\+([0-9a-f]{16})$/;

/**
 * Where a mail that can't be delivered comes back to: `bounce+{effect}+{proof}@{domain}` (VERP). The proof shows that
 * we made the address: nobody else can say of a mail that it came back.
 */
export function returnPathOf(secrets: Pick<Secrets, "tag">, effectId: string, domain: string): string {
  return `bounce+${effectId}+${proofOf(secrets, effectId)}@${domain}`;
}

/** The effect whose mail went out under this address; undefined when it is none of ours. Servers may change the case. */
export function effectOfReturn(
  secrets: Pick<Secrets, "tag">,
  address: string,
  domain: string,
): string | undefined {
  const at = address.lastIndexOf("@");
  if (address.slice(at + 1).toLowerCase() !== domain) return undefined;
  const [, effectId, proof] = form.exec(address.slice(0, at).toLowerCase()) ?? [];
  if (effectId === undefined || proof === undefined) return undefined;
  const expected = Buffer.from(proofOf(secrets, effectId));
  return timingSafeEqual(expected, Buffer.from(proof)) ? effectId : undefined;
}

function proofOf(secrets: Pick<Secrets, "tag">, effectId: string): string {
  return secrets.tag("bounce-address", effectId.toLowerCase()).slice(0, proofChars);
}
