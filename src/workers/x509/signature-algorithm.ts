import { constants, type KeyObject, sign, verify } from "node:crypto";
import { bitString, nullValue, oid, sequence, tag } from "./der.ts";
import { DerError, type DerNode, elements, readOid, readSmall } from "./der-reader.ts";
import { digestOids, signatureOids, weakOids } from "./oids.ts";

/** A digest by node:crypto's name. */
export type DigestName = (typeof digestOids)[keyof typeof digestOids];

/** A private key that never leaves its token; it signs by ECDSA (as DER) or RSA PKCS#1 v1.5 over SHA-256. */
export interface TokenKey {
  readonly publicKey: KeyObject;
  signSha256(data: Uint8Array): Uint8Array;
}

/** Whatever can sign: a private key in this process, or one in a token. */
export type SigningKey = KeyObject | TokenKey;

/**
 * What a signature's AlgorithmIdentifier says; `digest` is absent for plain rsaEncryption, where CMS tells it;
 * `pssSaltBytes` is there for RSASSA-PSS only.
 */
export interface SignatureAlgorithm {
  keyType: "ec" | "rsa";
  digest?: DigestName;
  pssSaltBytes?: number;
}

const algorithms: Readonly<Record<string, SignatureAlgorithm>> = {
  [signatureOids.ecdsaWithSha256]: { keyType: "ec", digest: "sha256" },
  [signatureOids.ecdsaWithSha384]: { keyType: "ec", digest: "sha384" },
  [signatureOids.ecdsaWithSha512]: { keyType: "ec", digest: "sha512" },
  [signatureOids.rsaEncryption]: { keyType: "rsa" },
  [signatureOids.sha256WithRsa]: { keyType: "rsa", digest: "sha256" },
  [signatureOids.sha384WithRsa]: { keyType: "rsa", digest: "sha384" },
  [signatureOids.sha512WithRsa]: { keyType: "rsa", digest: "sha512" },
  [signatureOids.ecdsaWithSha3256]: { keyType: "ec", digest: "sha3-256" },
  [signatureOids.ecdsaWithSha3384]: { keyType: "ec", digest: "sha3-384" },
  [signatureOids.ecdsaWithSha3512]: { keyType: "ec", digest: "sha3-512" },
  [signatureOids.sha3256WithRsa]: { keyType: "rsa", digest: "sha3-256" },
  [signatureOids.sha3384WithRsa]: { keyType: "rsa", digest: "sha3-384" },
  [signatureOids.sha3512WithRsa]: { keyType: "rsa", digest: "sha3-512" },
};

const ecdsaIdentifier = sequence(oid(signatureOids.ecdsaWithSha256));
const rsaIdentifier = sequence(oid(signatureOids.sha256WithRsa), nullValue);

/** The AlgorithmIdentifier of what `signBytes` makes: no parameters for ECDSA (RFC 5758 §3.2), NULL for RSA. */
export function signatureIdentifier(key: SigningKey): Uint8Array {
  const { asymmetricKeyType } = "signSha256" in key ? key.publicKey : key;
  return asymmetricKeyType === "rsa" ? rsaIdentifier : ecdsaIdentifier;
}

/** ECDSA (as DER) or RSA PKCS#1 v1.5 over SHA-256 of `data`, whichever the key is for. */
export function signBytes(key: SigningKey, data: Uint8Array): Uint8Array {
  if ("signSha256" in key) return key.signSha256(data);
  return sign("sha256", data, { key, dsaEncoding: "der", padding: constants.RSA_PKCS1_PADDING });
}

/**
 * A body, its AlgorithmIdentifier and its signature: the form of certificates, CRLs and OCSP responses. `bodyOf` gets
 * the AlgorithmIdentifier, which the first two repeat inside; `more` follows the signature.
 */
export function signedDer(
  key: SigningKey,
  bodyOf: (algorithm: Uint8Array) => Uint8Array,
  ...more: Uint8Array[]
): Uint8Array {
  const algorithm = signatureIdentifier(key);
  const body = bodyOf(algorithm);
  return sequence(body, algorithm, bitString(signBytes(key, body)), ...more);
}

/** What `signedDer` makes, taken apart: the part that is signed, how, and the signature. */
export interface SignedPart {
  signedPart: Uint8Array;
  signatureAlgorithm: DerNode;
  signature: Uint8Array;
}

/** Whether this signature is by the holder of `key`, by an algorithm that we check. */
export function isSignedBy(
  { signedPart, signatureAlgorithm, signature }: SignedPart,
  key: KeyObject,
): boolean {
  const algorithm = algorithmIn(signatureAlgorithm);
  if (algorithm?.digest === undefined || !strongEnough(key)) return false;
  return verifyBytes(algorithm, algorithm.digest, key, signedPart, signature);
}

/** The most bytes that `signBytes` can give with this key: RSA's modulus, or two INTEGERs of the curve's order. */
export function signatureBytesAtMost(key: KeyObject): number {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === "rsa") return Math.ceil((details?.modulusLength ?? 0) / 8);
  const order = details?.namedCurve === "prime256v1" ? 32 : details?.namedCurve === "secp384r1" ? 48 : 66;
  return 2 * (order + 3) + (order === 66 ? 3 : 2);
}

/** The digest named by an AlgorithmIdentifier, or undefined when it is not one TS 119 312 allows. */
export function readDigest(node: DerNode | undefined): DigestName | undefined {
  const name = readIdentifier(node);
  return isDigest(name) ? digestOids[name] : undefined;
}

const isDigest = (name: string): name is keyof typeof digestOids => name in digestOids;

/** The signature algorithm named by an AlgorithmIdentifier, or undefined when we do not check that one. */
export function readSignatureAlgorithm(node: DerNode | undefined): SignatureAlgorithm | undefined {
  const [type, parameters, extra] = elements(node, tag.sequence);
  if (readOid(type) !== signatureOids.rsaPss) return algorithms[readIdentifier(node)];
  if (extra !== undefined) throw new DerError("an AlgorithmIdentifier of three");
  return readPss(parameters);
}

/** As `readSignatureAlgorithm`, and undefined for what is no AlgorithmIdentifier: nothing is signed by that. */
export function algorithmIn(node: DerNode | undefined): SignatureAlgorithm | undefined {
  try {
    return readSignatureAlgorithm(node);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** Whether an AlgorithmIdentifier names what TS 119 312 forbids, and not merely what we do not know. */
export function isWeak(node: DerNode | undefined): boolean {
  const [type, parameters] = elements(node, tag.sequence);
  const name = readOid(type);
  if (name !== signatureOids.rsaPss || parameters === undefined) return weakOids.has(name);
  const hash = elements(parameters, tag.sequence).find(({ tag: own }) => own === 0xa0);
  return hash === undefined || isWeak(elements(hash, 0xa0)[0]);
}

/** RSASSA-PSS-params (RFC 4055 §3.1); undefined for SHA-1's defaults, and for a mask by another digest, which nobody uses. */
function readPss(node: DerNode | undefined): SignatureAlgorithm | undefined {
  const parts = elements(node, tag.sequence);
  const tags = parts.map((part) => part.tag);
  if (tags.some((own, i) => own < 0xa0 || own > 0xa3 || own <= (tags[i - 1] ?? 0))) {
    throw new DerError("odd parameters of RSASSA-PSS");
  }
  const inside = (own: number) => {
    const part = parts.find((one) => one.tag === own);
    const [value, more] = part === undefined ? [] : elements(part, own);
    if (more !== undefined) throw new DerError("odd parameters of RSASSA-PSS");
    return value;
  };
  const [hash, mask, salt, trailer] = [inside(0xa0), inside(0xa1), inside(0xa2), inside(0xa3)];
  if (trailer !== undefined && readSmall(trailer) !== 1) throw new DerError("odd parameters of RSASSA-PSS");
  const digest = hash && readDigest(hash);
  if (digest === undefined || mask === undefined) return undefined;
  const [generator, maskHash, extra] = elements(mask, tag.sequence);
  if (readOid(generator) !== "1.2.840.113549.1.1.8" || extra !== undefined) return undefined;
  if (readDigest(maskHash) !== digest) return undefined;
  return { keyType: "rsa", digest, pssSaltBytes: salt === undefined ? 20 : readSmall(salt) };
}

// None of the algorithms that we know, but RSASSA-PSS, has parameters other than NULL; bytes there would be covered by
// nothing.
function readIdentifier(node: DerNode | undefined): string {
  const [type, parameters, extra] = elements(node, tag.sequence);
  const name = readOid(type);
  const known = name in algorithms || name in digestOids;
  if (known && parameters !== undefined && (parameters.tag !== tag.null || parameters.content.length > 0)) {
    throw new DerError("parameters where none belong");
  }
  if (extra !== undefined) throw new DerError("an AlgorithmIdentifier of three");
  return name;
}

/** Whether `signature` over `data` is by the holder of `key`; a key of the wrong kind simply does not check. */
export function verifyBytes(
  algorithm: "ec" | "rsa" | SignatureAlgorithm,
  digest: DigestName,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { keyType, pssSaltBytes } =
    typeof algorithm === "string" ? { keyType: algorithm, pssSaltBytes: undefined } : algorithm;
  const isPssKey = key.asymmetricKeyType === "rsa-pss" && pssSaltBytes !== undefined;
  if (key.asymmetricKeyType !== keyType && !isPssKey) return false;
  if (pssSaltBytes === undefined) {
    const padding = constants.RSA_PKCS1_PADDING;
    return verify(digest, data, { key, dsaEncoding: "der", padding }, signature);
  }
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: pssSaltBytes };
  try {
    return verify(digest, data, pss, signature);
  } catch {
    // OpenSSL throws for a key whose own parameters forbid this digest or this salt (RFC 4055 §1.2).
    return false;
  }
}

/** Whether TS 119 312 lets this key sign: RSA of 2,048 bits or more, or a NIST or Brainpool curve from 256 bits. */
export function strongEnough(key: KeyObject): boolean {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType?.startsWith("rsa")) return (details?.modulusLength ?? 0) >= 2048;
  return /^(prime256v1|secp384r1|secp521r1|brainpoolP(256|320|384|512)r1)$/.test(details?.namedCurve ?? "");
}
