import { createPrivateKey } from "node:crypto";
import { CliFault } from "../fault.ts";

/** The private key of a PEM text as PKCS#8, in DER. Throws a `CliFault`. */
export function pkcs8Of(pem: string, password?: string): Uint8Array {
  try {
    const key = createPrivateKey({ key: pem, ...(password !== undefined && { passphrase: password }) });
    return key.export({ type: "pkcs8", format: "der" });
  } catch (cause) {
    throw new CliFault("--key: no private key in PEM that can be read with this password", { cause });
  }
}
