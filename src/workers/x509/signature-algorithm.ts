import { constants, type KeyObject, sign, verify } from "node:crypto";
import { nullValue, oid, sequence, tag } from "./der.ts";
import { DerError, type DerNode, elements, readOid } from "./der-reader.ts";
import { digestOids, signatureOids } from "./oids.ts";

/** A digest by node:crypto's name. */
export type DigestName = "sha256" | "sha384" | "sha512";

/** A private key that never leaves its token; it signs by ECDSA (as DER) or RSA PKCS#1 v1.5 over SHA-256. */
export interface TokenKey {
  readonly publicKey: KeyObject;
  signSha256(data: Uint8Array): Uint8Array;
}

/** Whatever can sign: a private key in this process, or one in a token. */
export type SigningKey = KeyObject | TokenKey;

/** What a signature's AlgorithmIdentifier says; `digest` is absent for plain rsaEncryption, where CMS tells it. */
export interface SignatureAlgorithm {
  keyType: "ec" | "rsa";
  digest?: DigestName;
}

const algorithms: Readonly<Record<string, SignatureAlgorithm>> = {
  [signatureOids.ecdsaWithSha256]: { keyType: "ec", digest: "sha256" },
  [signatureOids.ecdsaWithSha384]: { keyType: "ec", digest: "sha384" },
  [signatureOids.ecdsaWithSha512]: { keyType: "ec", digest: "sha512" },
  [signatureOids.rsaEncryption]: { keyType: "rsa" },
  [signatureOids.sha256WithRsa]: { keyType: "rsa", digest: "sha256" },
  [signatureOids.sha384WithRsa]: { keyType: "rsa", digest: "sha384" },
  [signatureOids.sha512WithRsa]: { keyType: "rsa", digest: "sha512" },
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

/** The most bytes that `signBytes` can give with this key: RSA's modulus, or two INTEGERs of the curve's order. */
export function signatureBytesAtMost(key: KeyObject): number {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === "rsa") return Math.ceil((details?.modulusLength ?? 0) / 8);
  const order = details?.namedCurve === "prime256v1" ? 32 : details?.namedCurve === "secp384r1" ? 48 : 66;
  return 2 * (order + 3) + (order === 66 ? 3 : 2);
}

/** The digest named by an AlgorithmIdentifier, or undefined when it is not one TS 119 312 allows. */
export function readDigest(node: DerNode | undefined): DigestName | undefined {
  return digestOids[readIdentifier(node)];
}

/** The signature algorithm named by an AlgorithmIdentifier, or undefined when we do not check that one. */
export function readSignatureAlgorithm(node: DerNode | undefined): SignatureAlgorithm | undefined {
  return algorithms[readIdentifier(node)];
}

// None of the algorithms that we know has parameters other than NULL; bytes there would be covered by nothing.
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
  keyType: "ec" | "rsa",
  digest: DigestName,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key.asymmetricKeyType !== keyType) return false;
  return verify(digest, data, { key, dsaEncoding: "der", padding: constants.RSA_PKCS1_PADDING }, signature);
}

/** Whether TS 119 312 lets this key sign: RSA of 2,048 bits or more, or a NIST or Brainpool curve from 256 bits. */
export function strongEnough(key: KeyObject): boolean {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === "rsa") return (details?.modulusLength ?? 0) >= 2048;
  return /^(prime256v1|secp384r1|secp521r1|brainpoolP(256|320|384|512)r1)$/.test(details?.namedCurve ?? "");
}
