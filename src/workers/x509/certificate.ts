import { createHash, type KeyObject } from "node:crypto";
import { tag } from "./der.ts";
import {
  DerError,
  type DerNode,
  elements,
  expect,
  readBits,
  readOid,
  readSmall,
  readTime,
  readUnsigned,
  readWhole,
  sameBytes,
} from "./der-reader.ts";
import { type Extension, readDistributionPointName, readExtensions, readUris } from "./extensions.ts";
import { type DistinguishedName, readName } from "./name.ts";
import { accessMethodOids, extensionOids } from "./oids.ts";
import { readPublicKey } from "./public-key.ts";

/** Named bits of keyUsage, in the order of RFC 5280 §4.2.1.3. */
export const keyUsages = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
] as const;

/** One use a certificate allows its key. */
export type KeyUsage = (typeof keyUsages)[number];

/** A certificate read: the facts people ask for, and the DER pieces that checking needs. */
export interface Certificate {
  subject: DistinguishedName;
  issuer: DistinguishedName;
  /** Lower-case hex, without a sign byte. */
  serialHex: string;
  notBefore: Date;
  notAfter: Date;
  isCa: boolean;
  /** How many authorities may follow this one; absent: any number. */
  pathLength?: number;
  /** Undefined when the certificate does not say, which RFC 5280 takes as "all". */
  keyUsage: KeyUsage[] | undefined;
  /** What its key is for, by OID; absent: anything. */
  extendedKeyUsage?: { purposes: string[]; isCritical: boolean };
  /** Where its issuer's CRL, OCSP responder and certificate are found; none of them is checked. */
  crlUrls: string[];
  ocspUrls: string[];
  issuerUrls: string[];
  policies: string[];
  /** An OCSP responder's that need not be looked up itself (RFC 6960 §4.2.2.2.1). */
  isOcspNoCheck: boolean;
  /** Its authority will never say more of it: it lives shortly, or its key is gone (RFC 9608, EN 319 412-1 §5.2.2). */
  isNeverRevoked: boolean;
  publicKey: KeyObject;
  /** Of the whole certificate, lower-case hex. */
  sha256: string;
  der: Uint8Array;
  /** DER of the part that the issuer signed. */
  signedPart: Uint8Array;
  signatureAlgorithm: DerNode;
  signature: Uint8Array;
  /** The serial number's whole INTEGER. */
  serialDer: Uint8Array;
  subjectDer: Uint8Array;
  issuerDer: Uint8Array;
  subjectKeyId?: Uint8Array;
  /** The SubjectPublicKeyInfo as it stands there. */
  publicKeyDer: Uint8Array;
  /** OIDs of critical extensions that we do not process: a path with one cannot be trusted (RFC 5280 §4.2). */
  unknownCritical: string[];
}

// Authorities, members and seals come back with every document, a one-use certificate once when it is read back.
const known = new Map<string, Certificate>();
const mostKnown = 500;

/**
 * Reads an X.509 v3 certificate; throws a DerError, or node:crypto's error on a key it does not know. Answers are
 * kept per thread, and shared: they are not to be changed.
 */
export function readCertificate(der: Uint8Array): Readonly<Certificate> {
  const sha256 = createHash("sha256").update(der).digest("hex");
  const before = known.get(sha256);
  if (before !== undefined) return before;
  const certificate = parse(Uint8Array.from(der), sha256);
  if (known.size >= mostKnown) known.clear();
  known.set(sha256, certificate);
  return certificate;
}

function parse(der: Uint8Array, sha256: string): Certificate {
  const [body, signatureAlgorithm, signature, extra] = elements(readWhole(der), tag.sequence);
  const fields = elements(body, tag.sequence);
  if (body === undefined || signatureAlgorithm === undefined || extra !== undefined) {
    throw new DerError("not a certificate");
  }
  const [version] = elements(fields[0], 0xa0);
  if (readSmall(version) !== 2) throw new DerError("not an X.509 v3 certificate");
  const [, serial, innerAlgorithm, issuer, validity, subject, key, ...optional] = fields;
  if (issuer === undefined || subject === undefined || key === undefined || innerAlgorithm === undefined) {
    throw new DerError("not a certificate");
  }
  // RFC 5280 §4.1.1.2: both must be the same, or the outer one is covered by nothing.
  if (!sameBytes(innerAlgorithm.raw, signatureAlgorithm.raw)) throw new DerError("two signature algorithms");
  const [notBefore, notAfter] = elements(validity, tag.sequence);
  return {
    subject: readName(subject),
    issuer: readName(issuer),
    serialHex: Buffer.from(readUnsigned(serial)).toString("hex"),
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    publicKey: readPublicKey(key),
    publicKeyDer: key.raw,
    sha256,
    der,
    signedPart: body.raw,
    signatureAlgorithm,
    signature: readBits(signature),
    serialDer: expect(serial, tag.integer).raw,
    subjectDer: subject.raw,
    issuerDer: issuer.raw,
    ...readAll(optional.find((field) => field.tag === 0xa3)),
  };
}

type Extensions = Pick<
  Certificate,
  | "isCa"
  | "pathLength"
  | "keyUsage"
  | "extendedKeyUsage"
  | "subjectKeyId"
  | "crlUrls"
  | "ocspUrls"
  | "issuerUrls"
  | "policies"
  | "isOcspNoCheck"
  | "isNeverRevoked"
  | "unknownCritical"
>;

function readAll(field: DerNode | undefined): Extensions {
  const found: Extensions = {
    isCa: false,
    keyUsage: undefined,
    crlUrls: [],
    ocspUrls: [],
    issuerUrls: [],
    policies: [],
    isOcspNoCheck: false,
    isNeverRevoked: false,
    unknownCritical: [],
  };
  if (field === undefined) return found;
  for (const extension of readExtensions(elements(field, 0xa3)[0])) readInto(extension, found);
  // RFC 9608 §3: never beside a way to ask, nor in an authority's certificate.
  if (found.isCa || found.crlUrls.length + found.ocspUrls.length > 0) found.isNeverRevoked = false;
  return found;
}

function readInto({ name, isCritical, value }: Extension, found: Extensions): void {
  switch (name) {
    case extensionOids.basicConstraints:
      readBasicConstraints(readWhole(value), found);
      break;
    case extensionOids.keyUsage:
      found.keyUsage = readKeyUsage(readWhole(value));
      break;
    case extensionOids.extendedKeyUsage:
      found.extendedKeyUsage = {
        purposes: elements(readWhole(value), tag.sequence).map(readOid),
        isCritical,
      };
      break;
    case extensionOids.subjectKeyIdentifier:
      found.subjectKeyId = expect(readWhole(value), tag.octetString).content;
      break;
    case extensionOids.crlDistributionPoints:
      found.crlUrls = readCrlUrls(readWhole(value));
      break;
    case extensionOids.authorityInfoAccess:
      readAccess(readWhole(value), found);
      break;
    case extensionOids.certificatePolicies:
      found.policies = elements(readWhole(value), tag.sequence).map((policy) =>
        readOid(elements(policy, tag.sequence)[0]),
      );
      break;
    case extensionOids.ocspNoCheck:
      found.isOcspNoCheck = true;
      break;
    case extensionOids.noRevocationAvailable:
    case extensionOids.validityAssuredShortTerm:
      found.isNeverRevoked = true;
      break;
    default:
      if (isCritical && !harmlessWhenCritical.has(name)) found.unknownCritical.push(name);
  }
}

// They limit neither who may issue nor what a signature over a document means.
const harmlessWhenCritical: ReadonlySet<string> = new Set([
  extensionOids.subjectAltName,
  extensionOids.authorityKeyIdentifier,
]);

function readBasicConstraints(value: DerNode, into: Extensions): void {
  const [authority, pathLength] = elements(value, tag.sequence);
  into.isCa = authority?.tag === tag.boolean && authority.content[0] === 0xff;
  if (pathLength !== undefined) into.pathLength = readSmall(pathLength);
}

function readKeyUsage(value: DerNode): KeyUsage[] {
  const [, ...bytes] = expect(value, tag.bitString).content;
  return keyUsages.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

function readCrlUrls(value: DerNode): string[] {
  return elements(value, tag.sequence).flatMap((point) => {
    const parts = elements(point, tag.sequence);
    // A point for some reasons only, or by another issuer, gives no answer by itself (RFC 5280 §4.2.1.13).
    if (parts.some((part) => part.tag === 0x81 || part.tag === 0xa2)) return [];
    return parts.filter((part) => part.tag === 0xa0).flatMap(readDistributionPointName);
  });
}

function readAccess(value: DerNode, into: Extensions): void {
  for (const description of elements(value, tag.sequence)) {
    const [method, ...location] = elements(description, tag.sequence);
    const name = readOid(method);
    if (name === accessMethodOids.ocsp) into.ocspUrls.push(...readUris(location));
    if (name === accessMethodOids.caIssuers) into.issuerUrls.push(...readUris(location));
  }
}
