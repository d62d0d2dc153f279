import { createHash } from "node:crypto";
import { readCertificate } from "./certificate.ts";
import {
  context,
  contextPrimitive,
  enumerated,
  generalizedTime,
  octetString,
  oid,
  sequence,
  tag,
  tlv,
} from "./der.ts";
import {
  DerError,
  type DerNode,
  elements,
  expect,
  readBits,
  readEnumerated,
  readOid,
  readSmall,
  readTime,
  readWhole,
} from "./der-reader.ts";
import { extension, readExtensions } from "./extensions.ts";
import { type CertId, keyHash, nonceExtension, readCertId, readNonce, writeCertId } from "./ocsp.ts";
import { ocspOids } from "./oids.ts";
import { type RevocationReason, reasonNumber, reasonOf } from "./revocation-reason.ts";
import { type SignedPart, type SigningKey, signedDer } from "./signature-algorithm.ts";

/** What a responder says of one certificate. */
export interface OcspStatement {
  certId: CertId;
  status: "good" | "revoked" | "unknown";
  revokedAt?: Date;
  reason?: RevocationReason;
  thisUpdate: Date;
  nextUpdate?: Date;
  /** From when on the responder still knows of certificates that have run out (RFC 6960 §4.4.4). */
  archiveCutoff?: Date;
}

/** A successful response taken apart; nothing in it is checked beyond its form. */
export interface OcspResponse extends SignedPart {
  der: Uint8Array;
  /** Of the whole, lower-case hex. */
  sha256: string;
  responder: { nameDer: Uint8Array } | { keyHash: Uint8Array };
  producedAt: Date;
  statements: OcspStatement[];
  nonce?: Uint8Array;
  certificatesDer: Uint8Array[];
  /** OIDs of critical extensions that we do not process: it must not be used. */
  unknownCritical: string[];
}

/** Who answers: the issuing authority itself, or the one it delegates to; `chainDer` goes into the answer too. */
export interface OcspResponder {
  certificateDer: Uint8Array;
  chainDer: readonly Uint8Array[];
  privateKey: SigningKey;
}

/** Why a responder gives no answer (RFC 6960 §4.2.1). */
const statuses = [
  "successful",
  "malformedRequest",
  "internalError",
  "tryLater",
  undefined,
  "sigRequired",
  "unauthorized",
] as const;

export type OcspResponseStatus = Exclude<(typeof statuses)[number], undefined>;

/** The answer that is none, which needs no signature. */
export const buildOcspRefusal = (status: Exclude<OcspResponseStatus, "successful">): Uint8Array =>
  sequence(enumerated(statuses.indexOf(status)));

/** A basic response (RFC 6960 §4.2.1), in DER. */
export function buildOcspResponse(
  responder: OcspResponder,
  statements: readonly OcspStatement[],
  producedAt: Date,
  nonce?: Uint8Array,
): Uint8Array {
  const { publicKeyDer } = readCertificate(responder.certificateDer);
  const basic = signedDer(
    responder.privateKey,
    () =>
      sequence(
        context(2, octetString(keyHash(publicKeyDer))),
        generalizedTime(producedAt),
        sequence(...statements.map(writeStatement)),
        ...(nonce === undefined ? [] : [context(1, sequence(nonceExtension(nonce)))]),
      ),
    context(0, sequence(responder.certificateDer, ...responder.chainDer)),
  );
  const bytes = sequence(oid(ocspOids.basicResponse), octetString(basic));
  return sequence(enumerated(0), context(0, bytes));
}

function writeStatement(statement: OcspStatement): Uint8Array {
  const { certId, thisUpdate, nextUpdate, archiveCutoff } = statement;
  const cutoff = archiveCutoff && extension(ocspOids.archiveCutoff, generalizedTime(archiveCutoff));
  return sequence(
    writeCertId(certId),
    writeStatus(statement),
    generalizedTime(thisUpdate),
    ...(nextUpdate === undefined ? [] : [context(0, generalizedTime(nextUpdate))]),
    ...(cutoff === undefined ? [] : [context(1, sequence(cutoff))]),
  );
}

function writeStatus({ status, revokedAt, reason, thisUpdate }: OcspStatement): Uint8Array {
  if (status === "good") return contextPrimitive(0, new Uint8Array(0));
  if (status === "unknown") return contextPrimitive(2, new Uint8Array(0));
  const why = reason === undefined ? [] : [context(0, enumerated(reasonNumber(reason)))];
  return tlv(0xa1, generalizedTime(revokedAt ?? thisUpdate), ...why);
}

/** What kind of answer it is; throws a DerError. */
export function readOcspStatus(der: Uint8Array): OcspResponseStatus {
  const status = statuses[readEnumerated(elements(readWhole(der), tag.sequence)[0])];
  if (status === undefined) throw new DerError("no such OCSP status");
  return status;
}

/** Reads a successful basic response; throws a DerError, on the other answers too. */
export function readOcspResponse(bytes: Uint8Array): OcspResponse {
  const der = Uint8Array.from(bytes);
  const [status, wrapped, extra] = elements(readWhole(der), tag.sequence);
  if (readEnumerated(status) !== 0 || extra !== undefined) throw new DerError("no successful OCSP response");
  const [typed, second] = elements(wrapped, 0xa0);
  const [type, basic, third] = elements(typed, tag.sequence);
  if (second !== undefined || third !== undefined || readOid(type) !== ocspOids.basicResponse) {
    throw new DerError("not a basic OCSP response");
  }
  const [body, signatureAlgorithm, signature, certificates, more] = elements(
    readWhole(expect(basic, tag.octetString).content),
    tag.sequence,
  );
  if (body === undefined || signatureAlgorithm === undefined || more !== undefined) {
    throw new DerError("not a basic OCSP response");
  }
  const unknownCritical = new Set<string>();
  return {
    der,
    sha256: createHash("sha256").update(der).digest("hex"),
    ...readBody(body, unknownCritical),
    certificatesDer: certificates === undefined ? [] : readCertificates(certificates),
    unknownCritical: [...unknownCritical],
    signedPart: body.raw,
    signatureAlgorithm,
    signature: readBits(signature),
  };
}

const readCertificates = (node: DerNode): Uint8Array[] =>
  elements(elements(node, 0xa0)[0], tag.sequence).map(({ raw }) => raw);

function readBody(
  body: DerNode,
  unknownCritical: Set<string>,
): Pick<OcspResponse, "responder" | "producedAt" | "statements" | "nonce"> {
  const rest = elements(body, tag.sequence);
  if (rest[0]?.tag === 0xa0 && readSmall(elements(rest.shift(), 0xa0)[0]) !== 0) throw new DerError("not v1");
  const [responder, producedAt, list, extensions, extra] = rest;
  if (extra !== undefined) throw new DerError("not an OCSP response");
  const own = extensions === undefined ? undefined : elements(extensions, 0xa1)[0];
  const nonce = own === undefined ? undefined : readNonce(own);
  for (const { name, isCritical } of own === undefined ? [] : readExtensions(own)) {
    if (isCritical && name !== ocspOids.nonce) unknownCritical.add(name);
  }
  return {
    responder: readResponder(responder),
    producedAt: readTime(expect(producedAt, tag.generalizedTime)),
    statements: elements(list, tag.sequence).map((node) => readStatement(node, unknownCritical)),
    ...(nonce !== undefined && { nonce }),
  };
}

function readResponder(node: DerNode | undefined): OcspResponse["responder"] {
  if (node?.tag === 0xa1) return { nameDer: expect(elements(node, 0xa1)[0], tag.sequence).raw };
  return { keyHash: expect(elements(node, 0xa2)[0], tag.octetString).content };
}

function readStatement(node: DerNode, unknownCritical: Set<string>): OcspStatement {
  const [certId, status, thisUpdate, ...optional] = elements(node, tag.sequence);
  const nextUpdate = optional[0]?.tag === 0xa0 ? elements(optional.shift(), 0xa0)[0] : undefined;
  const extensions = optional[0]?.tag === 0xa1 ? elements(optional.shift(), 0xa1)[0] : undefined;
  if (optional.length > 0) throw new DerError("not an OCSP statement");
  const statement: OcspStatement = {
    certId: readCertId(certId),
    ...readStatus(status),
    thisUpdate: readTime(expect(thisUpdate, tag.generalizedTime)),
    ...(nextUpdate !== undefined && { nextUpdate: readTime(expect(nextUpdate, tag.generalizedTime)) }),
  };
  for (const { name, isCritical, value } of extensions === undefined ? [] : readExtensions(extensions)) {
    if (name === ocspOids.archiveCutoff) statement.archiveCutoff = readTime(readWhole(value));
    else if (isCritical) unknownCritical.add(name);
  }
  return statement;
}

function readStatus(node: DerNode | undefined): Pick<OcspStatement, "status" | "revokedAt" | "reason"> {
  if (node?.tag === 0x80 && node.content.length === 0) return { status: "good" };
  if (node?.tag === 0x82 && node.content.length === 0) return { status: "unknown" };
  const [at, why, extra] = elements(node, 0xa1);
  if (extra !== undefined) throw new DerError("not a RevokedInfo");
  const revokedAt = readTime(expect(at, tag.generalizedTime));
  if (why === undefined) return { status: "revoked", revokedAt };
  return { status: "revoked", revokedAt, reason: reasonOf(readEnumerated(elements(why, 0xa0)[0])) };
}
