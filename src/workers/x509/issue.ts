import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { type KeyUsage, keyUsages, readCertificate } from "./certificate.ts";
import {
  booleanTrue,
  context,
  namedBits,
  nullValue,
  octetString,
  oid,
  sequence,
  smallInteger,
  tag,
  time,
  unsignedInteger,
} from "./der.ts";
import { elements, readBits, readWhole } from "./der-reader.ts";
import { authorityKeyId, extension, uriName } from "./extensions.ts";
import { type DistinguishedName, writeName } from "./name.ts";
import { accessMethodOids, extensionOids, keyPurposeOids } from "./oids.ts";
import { type SigningKey, signedDer } from "./signature-algorithm.ts";

/**
 * What a certificate is for: the two authorities, a natural person's signature, a legal person's seal, a timestamp
 * unit, an OCSP responder.
 */
export type CertificateProfile = "root" | "issuing" | "one-use" | "member" | "seal" | "timestamping" | "ocsp";

/** Where the issuer publishes what others need to judge a certificate; written into it. */
export interface PublicationUrls {
  crl?: string;
  ocsp?: string;
  caIssuers?: string;
}

/** From and to, both included. */
export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

/** A private key, and its public half as a SubjectPublicKeyInfo in DER. */
export interface KeyPair {
  privateKey: KeyObject;
  publicKeyDer: Uint8Array;
}

/** Who signs a certificate: its own certificate and key. */
export interface Issuer {
  certificateDer: Uint8Array;
  privateKey: SigningKey;
}

const hour = 3_600_000;
const backdated = 5 * 60_000;
const years: Record<Exclude<CertificateProfile, "one-use" | "ocsp">, number> = {
  root: 20,
  issuing: 10,
  member: 3,
  seal: 3,
  // A file at B-T or B-LT can be judged by everyone for as long as this certificate lasts.
  timestamping: 6,
};
/** Nobody can revoke a certificate with nocheck (RFC 6960 §4.2.2.2.1): a stolen key must die by itself, and soon. */
const responderDays = 30;

/** An EC key pair for this curve, made by node:crypto. */
export function createKeyPair(curve: "P-256" | "P-384"): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: curve });
  return { privateKey, publicKeyDer: publicKey.export({ type: "spki", format: "der" }) };
}

/**
 * The validity that a profile has at `now`: from 5 minutes before (a validator's clock may be late) to 20, 10, 6
 * or 3 years after, to 30 days after for an OCSP responder, or to `oneUseHours` after for a one-use certificate.
 */
export function validityOf(profile: CertificateProfile, now: Date, oneUseHours = 4): Validity {
  const notBefore = new Date(now.getTime() - backdated);
  if (profile === "one-use") return { notBefore, notAfter: new Date(now.getTime() + oneUseHours * hour) };
  if (profile === "ocsp") return { notBefore, notAfter: new Date(now.getTime() + responderDays * 24 * hour) };
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + years[profile]);
  return { notBefore, notAfter };
}

/** A self-signed root authority's certificate, in DER. */
export function createRoot(subject: DistinguishedName, keys: KeyPair, validity: Validity): Uint8Array {
  const name = writeName(subject);
  const keyId = keyIdentifier(keys.publicKeyDer);
  return signedCertificate({
    issuerKey: keys.privateKey,
    issuerName: name,
    issuerKeyId: keyId,
    subjectName: name,
    publicKeyDer: keys.publicKeyDer,
    profile: "root",
    validity,
    urls: {},
  });
}

/**
 * A certificate for `subject` and its public key (a SubjectPublicKeyInfo), signed by `issuer`, in DER; `urls` are the
 * issuer's. Throws a RangeError on a name that X.520 does not allow.
 */
export function issueCertificate(
  issuer: Issuer,
  subject: DistinguishedName,
  publicKeyDer: Uint8Array,
  profile: Exclude<CertificateProfile, "root">,
  validity: Validity,
  urls: PublicationUrls = {},
): Uint8Array {
  const authority = readCertificate(issuer.certificateDer);
  return signedCertificate({
    issuerKey: issuer.privateKey,
    issuerName: authority.subjectDer,
    issuerKeyId: authority.subjectKeyId,
    subjectName: writeName(subject),
    publicKeyDer,
    profile,
    validity,
    urls,
  });
}

interface Unsigned {
  issuerKey: SigningKey;
  issuerName: Uint8Array;
  issuerKeyId: Uint8Array | undefined;
  subjectName: Uint8Array;
  publicKeyDer: Uint8Array;
  profile: CertificateProfile;
  validity: Validity;
  urls: PublicationUrls;
}

const signedCertificate = (asked: Unsigned): Uint8Array =>
  signedDer(asked.issuerKey, (algorithm) =>
    sequence(
      context(0, smallInteger(2)),
      unsignedInteger(randomSerial()),
      algorithm,
      asked.issuerName,
      sequence(time(asked.validity.notBefore), time(asked.validity.notAfter)),
      asked.subjectName,
      asked.publicKeyDer,
      context(3, sequence(...extensionsOf(asked))),
    ),
  );

/** 127 random bits: positive in 16 bytes, and twice the 64 that the CA/Browser Forum and TS 119 312 ask for. */
function randomSerial(): Uint8Array {
  const serial = randomBytes(16);
  serial[0] = (serial[0] ?? 0) & 0x7f;
  return serial;
}

function extensionsOf({ profile, publicKeyDer, issuerKeyId, urls }: Unsigned): Uint8Array[] {
  const usages = namedBits(usagesOf(profile).map((use) => keyUsages.indexOf(use)));
  const extensions = [
    extension(extensionOids.subjectKeyIdentifier, octetString(keyIdentifier(publicKeyDer))),
    extension(extensionOids.keyUsage, usages, true),
    ...extensionsFor(profile),
  ];
  if (issuerKeyId !== undefined) {
    extensions.push(extension(extensionOids.authorityKeyIdentifier, authorityKeyId(issuerKeyId)));
  }
  // Where nobody is to ask there is no way to ask (RFC 6960 §4.2.2.2.1, RFC 9608 §3).
  const isUnasked = profile === "ocsp" || profile === "one-use";
  const { crl, ocsp, caIssuers } = isUnasked ? { caIssuers: urls.caIssuers } : urls;
  if (crl !== undefined) {
    const point = sequence(context(0, context(0, uriName(crl))));
    extensions.push(extension(extensionOids.crlDistributionPoints, sequence(point)));
  }
  const access = [
    ...(ocsp === undefined ? [] : [sequence(oid(accessMethodOids.ocsp), uriName(ocsp))]),
    ...(caIssuers === undefined ? [] : [sequence(oid(accessMethodOids.caIssuers), uriName(caIssuers))]),
  ];
  if (access.length > 0) extensions.push(extension(extensionOids.authorityInfoAccess, sequence(...access)));
  return extensions;
}

function extensionsFor(profile: CertificateProfile): Uint8Array[] {
  switch (profile) {
    case "root":
      return [extension(extensionOids.basicConstraints, sequence(booleanTrue), true)];
    case "issuing": {
      const noAuthorityBelow = sequence(booleanTrue, smallInteger(0));
      return [extension(extensionOids.basicConstraints, noAuthorityBelow, true)];
    }
    case "timestamping":
      // RFC 3161 §2.3: this purpose alone, and critical.
      return [extension(extensionOids.extendedKeyUsage, sequence(oid(keyPurposeOids.timeStamping)), true)];
    case "ocsp":
      return [
        extension(extensionOids.extendedKeyUsage, sequence(oid(keyPurposeOids.ocspSigning))),
        extension(extensionOids.ocspNoCheck, nullValue),
      ];
    case "one-use":
      // Its key is gone once it has signed: nobody need ever ask whether it was revoked, however late the others sign.
      return [
        extension(extensionOids.noRevocationAvailable, nullValue),
        extension(extensionOids.validityAssuredShortTerm, nullValue),
      ];
    case "member":
    case "seal":
      return [];
  }
}

function usagesOf(profile: CertificateProfile): KeyUsage[] {
  if (profile === "root" || profile === "issuing") return ["keyCertSign", "cRLSign"];
  if (profile === "timestamping" || profile === "ocsp") return ["digitalSignature"];
  // nonRepudiation is contentCommitment: EN 319 412-2 §4.3.2 asks for it where a signature binds its author.
  return ["digitalSignature", "nonRepudiation"];
}

/** RFC 7093 §2 method 1: the leftmost 160 bits of SHA-256 over the key's bits. SHA-1 has no place here. */
function keyIdentifier(publicKeyDer: Uint8Array): Uint8Array {
  const [, key] = elements(readWhole(publicKeyDer), tag.sequence);
  return createHash("sha256").update(readBits(key)).digest().subarray(0, 20);
}
