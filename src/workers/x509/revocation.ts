import { type Certificate, readCertificate } from "./certificate.ts";
import type { Crl } from "./crl.ts";
import { DerError, sameBytes } from "./der-reader.ts";
import { isAnswerBy, isIssuedBy, isListOf } from "./known-signatures.ts";
import { keyHash, meansCertificate } from "./ocsp.ts";
import type { OcspResponse } from "./ocsp-response.ts";
import { keyPurposeOids } from "./oids.ts";
import type { RevocationReason } from "./revocation-reason.ts";
import { strongEnough } from "./signature-algorithm.ts";

/** What others have said about certificates: from a DSS, from a CMS, or fetched. */
export interface RevocationEvidence {
  crls: readonly Crl[];
  ocsps: readonly OcspResponse[];
}

/** A certificate's status at one time, and the statement that tells it. */
export interface Revocation {
  /** `unknown`: no usable statement speaks of that time. */
  status: "good" | "revoked" | "unknown";
  /** With `good`: it was revoked later than the time asked. */
  revokedAt?: Date;
  reason?: RevocationReason;
  source?: "crl" | "ocsp";
  thisUpdate?: Date;
}

interface Statement {
  source: "crl" | "ocsp";
  thisUpdate: Date;
  nextUpdate: Date | undefined;
  revoked: { at: Date; reason?: RevocationReason } | undefined;
  /** Whether its silence still means something once the certificate has run out. */
  knowsExpired: boolean;
}

/**
 * Whether this certificate of this issuer was revoked at `at` (RFC 5280 §6.3, RFC 6960 §3.2). A statement is used
 * when the issuer, or for OCSP one it delegated to, signed it, and when all of it is understood. A revocation stands
 * for ever, however old the statement. That there is none is believed of a statement made after `at`, or not yet due
 * for renewal then; but not of one made after the certificate had run out, which may have dropped it, unless it says
 * that it keeps such. The latest word counts for certificateHold, which may be lifted. Where nothing will ever be said
 * of a certificate, silence is good.
 */
export function revocationOf(
  certificate: Certificate,
  issuer: Certificate,
  evidence: RevocationEvidence,
  at: Date,
): Revocation {
  const statements = [
    ...evidence.crls.flatMap((crl) => spokenByCrl(crl, certificate, issuer)),
    ...evidence.ocsps.flatMap((ocsp) => spokenByOcsp(ocsp, certificate, issuer, evidence.crls)),
  ].sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime());
  const forEver = statements.filter(({ revoked }) => revoked && revoked.reason !== "certificateHold");
  const earliest = forEver.reduce<Statement | undefined>(
    (first, next) => (first?.revoked && next.revoked && next.revoked.at >= first.revoked.at ? first : next),
    undefined,
  );
  if (earliest?.revoked !== undefined && earliest.revoked.at <= at) return answer("revoked", earliest);
  const latest = statements.find((statement) => isFresh(statement, certificate, at));
  if (latest === undefined) return { status: certificate.isNeverRevoked ? "good" : "unknown" };
  const isHeld = latest.revoked !== undefined && latest.revoked.at <= at;
  return answer(isHeld ? "revoked" : "good", latest);
}

function answer(status: "good" | "revoked", { source, thisUpdate, revoked }: Statement): Revocation {
  return {
    status,
    ...(revoked !== undefined && { revokedAt: revoked.at }),
    ...(revoked?.reason !== undefined && { reason: revoked.reason }),
    source,
    thisUpdate,
  };
}

function isFresh(statement: Statement, certificate: Certificate, at: Date): boolean {
  const { thisUpdate, nextUpdate, revoked, knowsExpired } = statement;
  if (revoked === undefined && thisUpdate > certificate.notAfter && !knowsExpired) return false;
  // RFC 6960 §2.4: without nextUpdate, newer information is always available.
  return thisUpdate >= at || (nextUpdate !== undefined && nextUpdate >= at);
}

function spokenByCrl(crl: Crl, certificate: Certificate, issuer: Certificate): Statement[] {
  if (!sameBytes(crl.issuerDer, issuer.subjectDer) || crl.unknownCritical.length > 0) return [];
  if (issuer.keyUsage?.includes("cRLSign") === false || !isWithinScope(crl, certificate)) return [];
  if (!isListOf(crl, issuer)) return [];
  const entry = crl.revoked.get(certificate.serialHex);
  return [
    {
      source: "crl",
      thisUpdate: crl.thisUpdate,
      nextUpdate: crl.nextUpdate,
      revoked: entry?.reason === "removeFromCRL" ? undefined : entry,
      knowsExpired: crl.keepsExpiredFrom !== undefined && crl.keepsExpiredFrom <= certificate.notAfter,
    },
  ];
}

function isWithinScope({ scope }: Crl, certificate: Certificate): boolean {
  if (scope === undefined) return true;
  if (scope.isPartial) return false;
  if (certificate.isCa ? scope.onlyUsers : scope.onlyAuthorities) return false;
  return scope.urls.length === 0 || scope.urls.some((url) => certificate.crlUrls.includes(url));
}

function spokenByOcsp(
  ocsp: OcspResponse,
  certificate: Certificate,
  issuer: Certificate,
  crls: readonly Crl[],
): Statement[] {
  if (ocsp.unknownCritical.length > 0) return [];
  const spoken = ocsp.statements.filter(
    ({ certId, status }) => status !== "unknown" && meansCertificate(certId, certificate, issuer),
  );
  if (spoken.length === 0 || !isByAuthorised(ocsp, issuer, crls)) return [];
  return spoken.map(({ thisUpdate, nextUpdate, status, revokedAt, reason, archiveCutoff }) => ({
    source: "ocsp",
    thisUpdate,
    nextUpdate,
    revoked:
      status === "revoked" && revokedAt !== undefined
        ? { at: revokedAt, ...(reason !== undefined && { reason }) }
        : undefined,
    knowsExpired: archiveCutoff !== undefined && archiveCutoff <= certificate.notAfter,
  }));
}

/** RFC 6960 §4.2.2.2: the issuer itself, or a certificate of its own for that purpose, valid and not revoked. */
function isByAuthorised(ocsp: OcspResponse, issuer: Certificate, crls: readonly Crl[]): boolean {
  if (isResponder(ocsp, issuer) && isAnswerBy(ocsp, issuer)) return true;
  return ocsp.certificatesDer.some((der) => {
    const responder = readDelegate(der);
    if (responder === undefined || !isResponder(ocsp, responder)) return false;
    return (
      isDelegateOf(responder, issuer, ocsp.producedAt) &&
      !isRevokedDelegate(responder, issuer, crls, ocsp.producedAt) &&
      isAnswerBy(ocsp, responder)
    );
  });
}

/** The certificate that answers came with, when it can be read at all. */
function readDelegate(der: Uint8Array): Certificate | undefined {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof DerError || (error instanceof Error && "code" in error)) return undefined;
    throw error;
  }
}

const isResponder = ({ responder }: OcspResponse, { subjectDer, publicKeyDer }: Certificate): boolean =>
  "nameDer" in responder
    ? sameBytes(responder.nameDer, subjectDer)
    : sameBytes(responder.keyHash, keyHash(publicKeyDer));

function isDelegateOf(responder: Certificate, issuer: Certificate, at: Date): boolean {
  return (
    sameBytes(responder.issuerDer, issuer.subjectDer) &&
    responder.extendedKeyUsage?.purposes.includes(keyPurposeOids.ocspSigning) === true &&
    responder.keyUsage?.includes("digitalSignature") !== false &&
    responder.unknownCritical.length === 0 &&
    responder.notBefore <= at &&
    at <= responder.notAfter &&
    strongEnough(issuer.publicKey) &&
    isIssuedBy(responder, issuer)
  );
}

/** A delegate without nocheck is taken unless a CRL that is at hand says otherwise. */
const isRevokedDelegate = (
  responder: Certificate,
  issuer: Certificate,
  crls: readonly Crl[],
  at: Date,
): boolean =>
  !responder.isOcspNoCheck && revocationOf(responder, issuer, { crls, ocsps: [] }, at).status === "revoked";
