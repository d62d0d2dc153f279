import { tag } from "../x509/der.ts";
import {
  DerError,
  type DerNode,
  elements,
  expect,
  readFirst,
  readOid,
  readSmall,
  readWhole,
  sameBytes,
} from "../x509/der-reader.ts";
import { cmsOids } from "../x509/oids.ts";
import {
  type DigestName,
  isWeak,
  readDigest,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
} from "../x509/signature-algorithm.ts";
import { toDefinite } from "./ber.ts";

/** The signed attributes that PAdES knows; the others are passed over, but all are covered by the signature. */
export interface SignedAttributes {
  /** Under their own SET tag: the bytes that the signature is over. */
  der: Uint8Array;
  contentType: DerNode | undefined;
  messageDigest: DerNode | undefined;
  signingCertificateV2: DerNode | undefined;
  /** The older one, by SHA-1: timestamps of others have it. */
  signingCertificate: DerNode | undefined;
  hasSigningTime: boolean;
}

/** Which certificate a SignerInfo means. */
export type SignerIdentifier =
  | { issuerDer: Uint8Array; serialDer: Uint8Array }
  | { subjectKeyId: Uint8Array };

/** A CMS SignedData taken apart; nothing in it is checked beyond its form. */
export interface SignedData {
  certificatesDer: Uint8Array[];
  contentType: string;
  /** What the CMS carries itself; undefined when it is detached. */
  content: Uint8Array | undefined;
  signerCount: number;
  signer: SignerIdentifier;
  /** Undefined when it is not SHA-256, SHA-384 or SHA-512. */
  digest: DigestName | undefined;
  attributes: SignedAttributes | undefined;
  /** Undefined when it is not one that we check. */
  algorithm: SignatureAlgorithm | undefined;
  signature: Uint8Array;
  /** Tokens in the signer's unsigned attribute signature-time-stamp (EN 319 122-1 §5.3), not looked into. */
  timestampsDer: Uint8Array[];
  /** OIDs of the other unsigned attributes, which nothing covers. */
  otherUnsigned: string[];
  /** Whether its digest or its algorithm is one that TS 119 312 forbids. */
  isWeak: boolean;
  /** The CRLs that it carries. */
  crlsDer: Uint8Array[];
}

/**
 * Reads a ContentInfo with a SignedData of exactly the form of RFC 5652 §5, in DER (EN 319 142-1 §5.2 a); throws
 * a DerError. What the signature doesn't cover must have its one right value: a flipped bit is never passed over.
 */
export function readSignedData(der: Uint8Array): SignedData {
  const [type, wrapped, more] = elements(readWhole(der), tag.sequence);
  if (readOid(type) !== cmsOids.signedData || more !== undefined) throw new DerError("not a SignedData");
  const [body, second] = elements(wrapped, 0xa0);
  const [version, digests, content, ...rest] = elements(body, tag.sequence);
  if (second !== undefined || digests === undefined) throw new DerError("not a SignedData");
  const certificates = rest[0]?.tag === 0xa0 ? rest.shift() : undefined;
  const crls = rest[0]?.tag === 0xa1 ? rest.shift() : undefined;
  const [signers, extra] = rest;
  if (extra !== undefined) throw new DerError("not a SignedData");
  const [contentType, wrappedContent, third] = elements(content, tag.sequence);
  if (third !== undefined) throw new DerError("not a SignedData");
  const signerInfos = elements(signers, tag.set);
  const first = readSignerInfo(signerInfos[0]);
  const eContentType = readOid(contentType);
  const expectedVersion = first.version === 3 || eContentType !== cmsOids.data ? 3 : 1;
  if (signerInfos.length === 1 && readSmall(version) !== expectedVersion)
    throw new DerError("an odd version");
  if (!elements(digests, tag.set).some((digest) => isSameDigest(digest, first.digestDer))) {
    throw new DerError("the signer's digest is not announced");
  }
  return {
    ...first.info,
    certificatesDer: certificates === undefined ? [] : elements(certificates, 0xa0).map((node) => node.raw),
    crlsDer: crls === undefined ? [] : elements(crls, 0xa1).map((node) => node.raw),
    contentType: eContentType,
    content: wrappedContent === undefined ? undefined : readContent(wrappedContent),
    signerCount: signerInfos.length,
  };
}

/** Some write NULL parameters in one place and none in the other; `readDigest` refuses all other parameters. */
const isSameDigest = (announced: DerNode, used: Uint8Array): boolean =>
  sameBytes(announced.raw, used) ||
  (readDigest(announced) !== undefined && readDigest(announced) === readDigest(readWhole(used)));

function readContent(wrapped: DerNode): Uint8Array {
  const [content, extra] = elements(wrapped, 0xa0);
  if (extra !== undefined) throw new DerError("not a SignedData");
  return expect(content, tag.octetString).content;
}

/**
 * The CMS at the start of a signature dictionary's Contents, rewritten when its length is indefinite and it is no DER,
 * and whether what follows it is only the zeros of its placeholder; throws a DerError.
 */
export function splitContents(contents: Uint8Array): {
  cms: Uint8Array;
  isDer: boolean;
  zeroPadded: boolean;
} {
  const isDer = contents[1] !== 0x80;
  const { der, readBytes } = isDer ? whole(readFirst(contents).raw) : toDefinite(contents);
  return { cms: der, isDer, zeroPadded: contents.subarray(readBytes).every((byte) => byte === 0) };
}

const whole = (der: Uint8Array) => ({ der, readBytes: der.length });

type SignerInfoFields =
  | "signer"
  | "digest"
  | "attributes"
  | "algorithm"
  | "signature"
  | "timestampsDer"
  | "otherUnsigned"
  | "isWeak";

interface SignerInfo {
  version: number;
  digestDer: Uint8Array;
  info: Pick<SignedData, SignerInfoFields>;
}

function readSignerInfo(node: DerNode | undefined): SignerInfo {
  const [version, identifier, digest, ...rest] = elements(node, tag.sequence);
  if (identifier === undefined || digest === undefined) throw new DerError("not a SignerInfo");
  const attributes = rest[0]?.tag === 0xa0 ? rest.shift() : undefined;
  const [algorithm, signature, unsigned, extra] = rest;
  if (extra !== undefined || (unsigned !== undefined && unsigned.tag !== 0xa1))
    throw new DerError("not a SignerInfo");
  const number = readSmall(version);
  if (number !== (identifier.tag === 0x80 ? 3 : 1)) throw new DerError("an odd version");
  return {
    version: number,
    digestDer: digest.raw,
    info: {
      signer: readIdentifier(identifier),
      digest: readDigest(digest),
      attributes: attributes === undefined ? undefined : readAttributes(attributes),
      algorithm: readSignatureAlgorithm(algorithm),
      signature: expect(signature, tag.octetString).content,
      isWeak: isWeak(digest) || isWeak(algorithm),
      ...readUnsignedAttributes(unsigned),
    },
  };
}

function readUnsignedAttributes(
  node: DerNode | undefined,
): Pick<SignedData, "timestampsDer" | "otherUnsigned"> {
  const found: Pick<SignedData, "timestampsDer" | "otherUnsigned"> = { timestampsDer: [], otherUnsigned: [] };
  for (const attribute of node === undefined ? [] : elements(node, 0xa1)) {
    const [type, values, extra] = elements(attribute, tag.sequence);
    const name = readOid(type);
    if (extra !== undefined) throw new DerError("not an Attribute");
    if (name === cmsOids.signatureTimestamp) {
      found.timestampsDer.push(...elements(values, tag.set).map(({ raw }) => raw));
    } else found.otherUnsigned.push(name);
  }
  return found;
}

function readIdentifier(node: DerNode): SignerIdentifier {
  if (node.tag === 0x80) return { subjectKeyId: node.content };
  const [issuer, serial, extra] = elements(node, tag.sequence);
  if (issuer === undefined || extra !== undefined) throw new DerError("not an IssuerAndSerialNumber");
  return { issuerDer: issuer.raw, serialDer: expect(serial, tag.integer).raw };
}

function readAttributes(node: DerNode): SignedAttributes {
  const der = Uint8Array.from(node.raw);
  der[0] = tag.set;
  const values = new Map<string, DerNode | undefined>();
  for (const attribute of elements(node, 0xa0)) {
    const [type, set] = elements(attribute, tag.sequence);
    const name = readOid(type);
    if (values.has(name)) throw new DerError("an attribute twice");
    const [value, second] = elements(set, tag.set);
    // RFC 5652 §11, RFC 5035 §3: each of these has exactly one value.
    if (single.has(name) && (value === undefined || second !== undefined))
      throw new DerError("not a single value");
    values.set(name, value);
  }
  return {
    der,
    contentType: values.get(cmsOids.contentType),
    messageDigest: values.get(cmsOids.messageDigest),
    signingCertificateV2: values.get(cmsOids.signingCertificateV2),
    signingCertificate: values.get(cmsOids.signingCertificate),
    hasSigningTime: values.has(cmsOids.signingTime),
  };
}

const single: ReadonlySet<string> = new Set([
  cmsOids.contentType,
  cmsOids.messageDigest,
  cmsOids.signingCertificateV2,
  cmsOids.signingCertificate,
]);
