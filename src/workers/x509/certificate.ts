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
import { type DistinguishedName, readName } from "./name.ts";
import { extensionOids } from "./oids.ts";
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
    sha256,
    der,
    signedPart: body.raw,
    signatureAlgorithm,
    signature: readBits(signature),
    serialDer: expect(serial, tag.integer).raw,
    subjectDer: subject.raw,
    issuerDer: issuer.raw,
    ...readExtensions(optional.find((field) => field.tag === 0xa3)),
  };
}

type Extensions = Pick<Certificate, "isCa" | "pathLength" | "keyUsage" | "subjectKeyId" | "unknownCritical">;

function readExtensions(field: DerNode | undefined): Extensions {
  const found: Extensions = { isCa: false, keyUsage: undefined, unknownCritical: [] };
  if (field === undefined) return found;
  for (const extension of elements(elements(field, 0xa3)[0], tag.sequence)) {
    const parts = elements(extension, tag.sequence);
    const name = readOid(parts[0]);
    const critical = parts[1]?.tag === tag.boolean && parts[1].content[0] === 0xff;
    const value = readWhole(expect(parts.at(-1), tag.octetString).content);
    if (name === extensionOids.basicConstraints) readBasicConstraints(value, found);
    else if (name === extensionOids.keyUsage) found.keyUsage = readKeyUsage(value);
    else if (name === extensionOids.subjectKeyIdentifier)
      found.subjectKeyId = expect(value, tag.octetString).content;
    else if (critical && !harmlessWhenCritical.has(name)) found.unknownCritical.push(name);
  }
  return found;
}

// They limit neither who may issue nor what a signature over a document means.
const harmlessWhenCritical: ReadonlySet<string> = new Set([
  extensionOids.subjectAltName,
  extensionOids.certificatePolicies,
  extensionOids.extendedKeyUsage,
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
