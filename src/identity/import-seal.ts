import { createPrivateKey, createPublicKey } from "node:crypto";
import type { Clock, TokenKeySpec } from "../actors/runtime/ports.ts";
import type { NewKey } from "../store/key-rows.ts";
import { loadKey, SignerRefused } from "../workers/signer-keys.ts";
import { openPkcs12 } from "../workers/x509/pkcs12.ts";
import { type BroughtCertificate, broughtCertificate } from "./brought-certificate.ts";

/** A seal's key as the keyring takes it. */
export interface ImportedSeal {
  key: NewKey;
  brought: BroughtCertificate;
}

/**
 * A firm's own key and certificate from a PKCS#12 container; `moreDer` are certificates that it lacks. Throws
 * `Pkcs12Refused`, `BroughtRefused`, `SignerRefused`.
 */
export function sealFromPkcs12(
  bytes: Uint8Array,
  password: string,
  moreDer: readonly Uint8Array[],
  clock: Clock,
): ImportedSeal {
  const { pkcs8, certificatesDer } = openPkcs12(bytes, password);
  const publicKey = publicKeyOf(pkcs8);
  const all = [...certificatesDer, ...moreDer];
  const at = new Date(clock.now());
  const brought = broughtCertificate(all, (certificate) => certificate.publicKey.equals(publicKey), at);
  return { brought, key: { pkcs8, ...columnsOf(brought) } };
}

/** A key that stays in its token, with its certificate, which comes first, and the certificates above. Throws `TokenFailure` too. */
export function sealFromToken(
  spec: TokenKeySpec,
  certificatesDer: readonly Uint8Array[],
  clock: Clock,
): ImportedSeal {
  const [own] = certificatesDer;
  const at = new Date(clock.now());
  const brought = broughtCertificate(
    certificatesDer,
    ({ der }) => own !== undefined && Buffer.compare(der, own) === 0,
    at,
  );
  const key = { pkcs11: spec, ...columnsOf(brought) };
  // Opened once now: a wrong PIN, label or certificate is found here, not with the first document.
  loadKey({ keyId: "", ...key });
  return { brought, key };
}

function publicKeyOf(pkcs8: Uint8Array) {
  try {
    return createPublicKey(createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }));
  } catch (cause) {
    throw new SignerRefused("key_unusable", { cause });
  }
}

const columnsOf = ({ certificate, chainDer, anchorDer }: BroughtCertificate) => ({
  certificateDer: certificate.der,
  chainDer,
  anchorDer,
});
