import { createHash } from "node:crypto";
import { readCertificate } from "./certificate.ts";
import {
  context,
  enumerated,
  generalizedTime,
  hexInteger,
  integer,
  sequence,
  smallInteger,
  tag,
  time,
} from "./der.ts";
import {
  DerError,
  type DerNode,
  elements,
  expect,
  readBits,
  readBoolean,
  readEnumerated,
  readInteger,
  readSmall,
  readTime,
  readWhole,
  sameBytes,
  spanAt,
} from "./der-reader.ts";
import { authorityKeyId, extension, readDistributionPointName, readExtensions } from "./extensions.ts";
import type { Issuer } from "./issue.ts";
import { crlOids, extensionOids } from "./oids.ts";
import { type RevocationReason, reasonNumber, reasonOf } from "./revocation-reason.ts";
import { type SignedPart, signedDer } from "./signature-algorithm.ts";

/** A certificate that its issuer took back. */
export interface Revoked {
  at: Date;
  reason?: RevocationReason;
}

/** What a CRL says that it does not speak of (RFC 5280 §5.2.5). */
export interface CrlScope {
  /** Where it is published: it speaks of certificates that name one of these. */
  urls: string[];
  onlyUsers: boolean;
  onlyAuthorities: boolean;
  /** For some reasons only, for attribute certificates, or with entries of other issuers. */
  isPartial: boolean;
}

/** A CRL taken apart; nothing in it is checked beyond its form. */
export interface Crl extends SignedPart {
  der: Uint8Array;
  /** Of the whole, lower-case hex. */
  sha256: string;
  issuerDer: Uint8Array;
  thisUpdate: Date;
  nextUpdate?: Date;
  /** By serial number, as in `Certificate.serialHex`. */
  revoked: ReadonlyMap<string, Revoked>;
  number?: bigint;
  /** From when on it keeps certificates that have run out (expiredCertsOnCRL); absent: it may drop them. */
  keepsExpiredFrom?: Date;
  /** Present when an issuingDistributionPoint limits it. */
  scope?: CrlScope;
  /** OIDs of critical extensions, its own or its entries', that we do not process: it must not be used (§5.2). */
  unknownCritical: string[];
}

/** What a CRL is to say; `keepsExpiredFrom` promises that no entry was dropped since when its certificate ran out. */
export interface CrlContent {
  thisUpdate: Date;
  nextUpdate: Date;
  number: bigint;
  revoked: readonly (Revoked & { serialHex: string })[];
  keepsExpiredFrom?: Date;
}

/** A CRL v2 (RFC 5280 §5) by this authority, in DER. */
export function buildCrl(issuer: Issuer, content: CrlContent): Uint8Array {
  const authority = readCertificate(issuer.certificateDer);
  const { subjectKeyId } = authority;
  const entries = Buffer.concat(content.revoked.map(entry));
  const extensions = [
    ...(subjectKeyId === undefined
      ? []
      : [extension(extensionOids.authorityKeyIdentifier, authorityKeyId(subjectKeyId))]),
    extension(crlOids.number, integer(content.number)),
    ...(content.keepsExpiredFrom === undefined
      ? []
      : [extension(crlOids.expiredCertsOnCrl, generalizedTime(content.keepsExpiredFrom))]),
  ];
  return signedDer(issuer.privateKey, (algorithm) =>
    sequence(
      smallInteger(1),
      algorithm,
      authority.subjectDer,
      time(content.thisUpdate),
      time(content.nextUpdate),
      // RFC 5280 §5.1.2.6: left out, not empty, when nothing is revoked.
      ...(entries.length === 0 ? [] : [sequence(entries)]),
      context(0, sequence(...extensions)),
    ),
  );
}

function entry({ serialHex, at, reason }: Revoked & { serialHex: string }): Uint8Array {
  const serial = hexInteger(serialHex);
  // RFC 5280 §5.3.1: unspecified is said by silence.
  if (reason === undefined || reason === "unspecified") return sequence(serial, time(at));
  const code = extension(crlOids.reasonCode, enumerated(reasonNumber(reason)));
  return sequence(serial, time(at), sequence(code));
}

/** Reads a CRL, v1 or v2; throws a DerError. */
export function readCrl(bytes: Uint8Array): Crl {
  const der = Uint8Array.from(bytes);
  const [body, signatureAlgorithm, signature, extra] = elements(readWhole(der), tag.sequence);
  if (body === undefined || signatureAlgorithm === undefined || extra !== undefined) {
    throw new DerError("not a CRL");
  }
  const rest = elements(body, tag.sequence);
  if (rest[0]?.tag === tag.integer && readSmall(rest.shift()) !== 1) throw new DerError("not an X.509 CRL");
  const [innerAlgorithm, issuer, thisUpdate, ...optional] = rest;
  if (innerAlgorithm === undefined || issuer === undefined) throw new DerError("not a CRL");
  // RFC 5280 §5.1.1.2: both must be the same, or the outer one is covered by nothing.
  if (!sameBytes(innerAlgorithm.raw, signatureAlgorithm.raw)) throw new DerError("two signature algorithms");
  const isTime = (node: DerNode | undefined) =>
    node?.tag === tag.utcTime || node?.tag === tag.generalizedTime;
  const nextUpdate = isTime(optional[0]) ? optional.shift() : undefined;
  const entries = optional[0]?.tag === tag.sequence ? optional.shift() : undefined;
  const extensions = optional[0]?.tag === 0xa0 ? optional.shift() : undefined;
  if (optional.length > 0) throw new DerError("not a CRL");
  const unknownCritical = new Set<string>();
  return {
    der,
    sha256: createHash("sha256").update(der).digest("hex"),
    issuerDer: expect(issuer, tag.sequence).raw,
    thisUpdate: readTime(thisUpdate),
    ...(nextUpdate !== undefined && { nextUpdate: readTime(nextUpdate) }),
    revoked: entries === undefined ? new Map() : readEntries(entries, unknownCritical),
    ...(extensions !== undefined && readOwnExtensions(elements(extensions, 0xa0)[0], unknownCritical)),
    unknownCritical: [...unknownCritical],
    signedPart: body.raw,
    signatureAlgorithm,
    signature: readBits(signature),
  };
}

// Large CRLs have millions of entries, but few days and reasons: each is read once.
function readEntries(list: DerNode, unknownCritical: Set<string>): Map<string, Revoked> {
  const { buffer, byteOffset, length } = expect(list, tag.sequence).content;
  const bytes = Buffer.from(buffer, byteOffset, length);
  const revoked = new Map<string, Revoked>();
  const known = new Map<string, Revoked>();
  for (let at = 0; at < length; ) {
    const entry = spanAt(bytes, at);
    if (entry.tag !== tag.sequence) throw new DerError("not a CRL entry");
    const serial = spanAt(bytes, entry.start);
    if (serial.tag !== tag.integer || serial.end > entry.end) throw new DerError("not a CRL entry");
    const hex = bytes.toString("hex", serial.start, serial.end);
    const rest = bytes.toString("latin1", serial.end, entry.end);
    const what = known.get(rest) ?? readRevoked(bytes.subarray(serial.end, entry.end), unknownCritical);
    known.set(rest, what);
    revoked.set(hex.length > 2 && hex.startsWith("00") ? hex.slice(2) : hex, what);
    at = entry.end;
  }
  return revoked;
}

/** What follows the serial number. */
function readRevoked(content: Uint8Array, unknownCritical: Set<string>): Revoked {
  const [at, extensions, extra] = elements({ tag: tag.sequence, raw: content, content }, tag.sequence);
  if (extra !== undefined) throw new DerError("not a CRL entry");
  const found: Revoked = { at: readTime(at) };
  for (const { name, isCritical, value } of extensions === undefined ? [] : readExtensions(extensions)) {
    if (name === crlOids.reasonCode) found.reason = reasonOf(readEnumerated(readWhole(value)));
    else if (isCritical && name !== crlOids.invalidityDate) unknownCritical.add(name);
  }
  return found;
}

function readOwnExtensions(
  list: DerNode | undefined,
  unknownCritical: Set<string>,
): Pick<Crl, "number" | "keepsExpiredFrom" | "scope"> {
  const found: Pick<Crl, "number" | "keepsExpiredFrom" | "scope"> = {};
  for (const { name, isCritical, value } of readExtensions(list)) {
    if (name === crlOids.number) found.number = readInteger(readWhole(value));
    else if (name === crlOids.expiredCertsOnCrl) found.keepsExpiredFrom = readTime(readWhole(value));
    else if (name === crlOids.issuingDistributionPoint) found.scope = readScope(readWhole(value));
    else if (isCritical && name !== extensionOids.authorityKeyIdentifier) unknownCritical.add(name);
  }
  return found;
}

function readScope(value: DerNode): CrlScope {
  const parts = elements(value, tag.sequence);
  const has = (number: number) =>
    parts.some((part) => part.tag === number && readBoolean({ ...part, tag: tag.boolean }));
  const place = parts.find((part) => part.tag === 0xa0);
  const urls = place === undefined ? [] : readDistributionPointName(place);
  const isNamedOtherwise = place !== undefined && urls.length === 0;
  return {
    urls,
    onlyUsers: has(0x81),
    onlyAuthorities: has(0x82),
    isPartial: isNamedOtherwise || parts.some((part) => part.tag === 0x83) || has(0x84) || has(0x85),
  };
}
