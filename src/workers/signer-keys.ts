import { createPrivateKey, createPublicKey } from "node:crypto";
import type { KeyMaterial, SignerSpec, TokenKeySpec } from "../actors/runtime/ports.ts";
import type { CmsSigner } from "./cms/build.ts";
import { openTokenKey } from "./pkcs11/token-key.ts";
import { readCertificate } from "./x509/certificate.ts";
import { sameBytes } from "./x509/der-reader.ts";
import { createKeyPair, issueCertificate, validityOf } from "./x509/issue.ts";
import { personCommonName } from "./x509/name.ts";
import { type SigningKey, signBytes, verifyBytes } from "./x509/signature-algorithm.ts";

/** A key that cannot be used with its certificate, or a name that cannot stand in one. */
export class SignerRefused extends Error {
  readonly code: "key_unusable" | "key_mismatch" | "name_refused";

  constructor(code: SignerRefused["code"], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** Who will sign at `signingTime`: a kept key, or one made here with its certificate; throws `SignerRefused`, `TokenFailure`. */
export function signerFor(spec: SignerSpec, signingTime: Date): CmsSigner {
  if (spec.kind === "kept") return keptSigner(spec.key);
  const authority = keptSigner(spec.authority);
  const { givenName, surname } = spec.subject;
  const keys = createKeyPair("P-256");
  try {
    const subject = { ...spec.subject, commonName: personCommonName(givenName, surname) };
    const validity = validityOf("one-use", signingTime);
    const { publicKeyDer } = keys;
    const { urls } = spec.authority;
    const certificateDer = issueCertificate(authority, subject, publicKeyDer, "one-use", validity, urls);
    const chainDer = [authority.certificateDer, ...authority.chainDer];
    return { certificateDer, chainDer, privateKey: keys.privateKey };
  } catch (cause) {
    if (cause instanceof RangeError) throw new SignerRefused("name_refused", { cause });
    throw cause;
  }
}

// Decoding a key costs 0.1 to 0.5 ms: each thread does it once.
const kept = new Map<string, CmsSigner>();
const mostKept = 200;

/** The signer of this material; throws as `loadKey`. */
export function keptSigner(material: KeyMaterial): CmsSigner {
  const before = kept.get(material.keyId);
  if (before !== undefined && sameBytes(before.certificateDer, material.certificateDer)) return before;
  const { certificateDer, chainDer } = material;
  const privateKey = loadKey(material);
  const loaded = { certificateDer, chainDer, privateKey };
  if (kept.size >= mostKept) kept.clear();
  kept.set(material.keyId, loaded);
  return loaded;
}

/** The private key of this material; throws `SignerRefused`, or a `TokenFailure` for a key in a token. */
export function loadKey(material: KeyMaterial): SigningKey {
  if (material.pkcs11 !== undefined) return tokenKey(material.pkcs11, material.certificateDer);
  let matches: boolean;
  let privateKey: SigningKey;
  try {
    privateKey = createPrivateKey({ key: Buffer.from(material.pkcs8), format: "der", type: "pkcs8" });
    matches = createPublicKey(privateKey).equals(readCertificate(material.certificateDer).publicKey);
  } catch (cause) {
    throw new SignerRefused("key_unusable", { cause });
  }
  if (!matches) throw new SignerRefused("key_mismatch");
  return privateKey;
}

const trial = Buffer.from("collecte: does this key belong to this certificate?");

/** A token need not hold the public half, so only a signature shows that key and certificate belong together. */
function tokenKey(spec: TokenKeySpec, certificateDer: Uint8Array): SigningKey {
  const { publicKey } = readCertificate(certificateDer);
  const keyType = publicKey.asymmetricKeyType === "rsa" ? "rsa" : "ec";
  const key = openTokenKey(spec, publicKey);
  if (!verifyBytes(keyType, "sha256", publicKey, trial, signBytes(key, trial)))
    throw new SignerRefused("key_mismatch");
  return key;
}
