import { createHash, type KeyObject } from "node:crypto";
import type { TokenKeySpec } from "../../actors/runtime/ports.ts";
import { nullValue, octetString, oid, sequence, unsignedInteger } from "../x509/der.ts";
import { sha256Oid } from "../x509/oids.ts";
import type { TokenKey } from "../x509/signature-algorithm.ts";
import { TokenFailure, tokenFailure } from "./failure.ts";
import { openSession, pkcs11Bindings, type TokenSession } from "./session.ts";

/**
 * The key of a token, whose public half is in its certificate. The session is kept; when it broke (the token was taken
 * out, the module restarted) the next signature opens another. Signing throws a `TokenFailure`.
 */
export function openTokenKey(spec: TokenKeySpec, publicKey: KeyObject): TokenKey {
  let kept: TokenSession | undefined;

  function signOnce(data: Uint8Array): Uint8Array {
    kept ??= openSession(spec);
    return publicKey.asymmetricKeyType === "rsa" ? rsa(kept, spec, data) : ecdsa(kept, spec, data);
  }

  function signSha256(data: Uint8Array): Uint8Array {
    const fresh = kept === undefined;
    try {
      return signOnce(data);
    } catch (error) {
      close(kept);
      kept = undefined;
      if (fresh || error instanceof TokenFailure) throw tokenFailure(error);
    }
    try {
      return signOnce(data);
    } catch (error) {
      close(kept);
      kept = undefined;
      throw tokenFailure(error);
    }
  }

  return { publicKey, signSha256 };
}

function close(session: TokenSession | undefined): void {
  try {
    session?.module.C_CloseSession(session.session);
  } catch {
    // It broke before: that is why it is closed.
  }
}

const mostSignatureBytes = 1024;

function signWith({ module, session, key }: TokenSession, pin: string, mechanism: number, input: Uint8Array) {
  const { CKA_ALWAYS_AUTHENTICATE, CKU_CONTEXT_SPECIFIC } = pkcs11Bindings();
  const [always] = module.C_GetAttributeValue(session, key, [{ type: CKA_ALWAYS_AUTHENTICATE }]);
  module.C_SignInit(session, { mechanism }, key);
  // Keys of qualified cards ask for the PIN before each signature (PKCS#11 2.40 §4.9).
  if (Buffer.isBuffer(always?.value) && always.value[0] === 1)
    module.C_Login(session, CKU_CONTEXT_SPECIFIC, pin);
  return module.C_Sign(session, Buffer.from(input), Buffer.alloc(mostSignatureBytes));
}

function ecdsa(session: TokenSession, { pin }: TokenKeySpec, data: Uint8Array): Uint8Array {
  const raw = signWith(session, pin, pkcs11Bindings().CKM_ECDSA, sha256(data));
  // The token gives r and s side by side (PKCS#11 2.40 current mechanisms §2.3.1); X.509 wants them in DER (RFC 3279 §2.2.3).
  const half = raw.length / 2;
  return sequence(unsignedInteger(raw.subarray(0, half)), unsignedInteger(raw.subarray(half)));
}

// RFC 8017 §9.2: what RSA signs is the digest with its name.
const digestInfoHead = sequence(oid(sha256Oid), nullValue);

function rsa(session: TokenSession, { pin }: TokenKeySpec, data: Uint8Array): Uint8Array {
  const { CKM_SHA256_RSA_PKCS, CKM_RSA_PKCS } = pkcs11Bindings();
  const hashes = session.module.C_GetMechanismList(session.slot).includes(CKM_SHA256_RSA_PKCS);
  const signature = hashes
    ? signWith(session, pin, CKM_SHA256_RSA_PKCS, data)
    : signWith(session, pin, CKM_RSA_PKCS, sequence(digestInfoHead, octetString(sha256(data))));
  return Uint8Array.from(signature);
}

const sha256 = (data: Uint8Array): Buffer => createHash("sha256").update(data).digest();
