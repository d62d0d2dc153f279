import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { tag } from "../x509/der.ts";
import { DerError, expect, readOid, sameBytes } from "../x509/der-reader.ts";
import { cmsOids, keyPurposeOids } from "../x509/oids.ts";
import { findPath, type PathProblem } from "../x509/path.ts";
import { isSignedBy, verifyBytes } from "../x509/signature-algorithm.ts";
import { checkEss } from "./ess.ts";
import { readSignedData, type SignedAttributes, type SignedData } from "./signed-data.ts";

/** What can be wrong with a CMS, each a stable code. */
export type CmsProblem =
  | "cms_malformed"
  | "signer_count"
  | "signer_certificate_missing"
  | "content_not_detached"
  | "content_type"
  | "attributes_missing"
  | "digest_mismatch"
  | "signature_invalid"
  | "algorithm_unsupported"
  | "algorithm_weak"
  | "certificate_unaccounted"
  | "unsigned_attribute_unknown"
  | "ess_missing"
  | "ess_mismatch"
  | PathProblem;

/** A CMS judged: `ok` means no problem at all. */
export interface CmsCheck {
  ok: boolean;
  problems: CmsProblem[];
  /** The signer's certificate, when there is one that can be read. */
  signer?: Certificate;
  /** From the signer's certificate to the trust anchor's; the signer's alone when no path was found. */
  chain: Certificate[];
  /** A legal person's certificate (EN 319 412-3: organizationIdentifier, no personal name) makes a seal. */
  kind: "signature" | "seal";
  /** EN 319 142-1 §6.3 forbids it at the baseline levels. */
  hasSigningTime: boolean;
}

/**
 * Checks a detached SignedData over a document whose digest, by the algorithm the CMS names, is `documentDigest`:
 * one signer, its attributes, its signature, its signing-certificate-v2, and the path to an anchor as of `at`.
 * Never throws on what the CMS holds.
 */
export function checkSignedData(
  cmsDer: Uint8Array,
  documentDigest: Uint8Array,
  trustAnchorsDer: readonly Uint8Array[],
  at: Date,
): CmsCheck {
  const anchors = trustAnchorsDer.map(readCertificate);
  try {
    return checkParsed(readSignedData(cmsDer), documentDigest, anchors, at);
  } catch (cause) {
    if (cause instanceof DerError) return malformed();
    throw cause;
  }
}

/** The answer for a CMS that cannot be read. */
export const malformed = (): CmsCheck => ({
  ok: false,
  problems: ["cms_malformed"],
  chain: [],
  kind: "signature",
  hasSigningTime: false,
});

/** As `checkSignedData`, on a CMS and anchors already read; a path may also go over `others`. */
export function checkParsed(
  cms: SignedData,
  documentDigest: Uint8Array,
  anchors: readonly Certificate[],
  at: Date,
  others: readonly Certificate[] = [],
): CmsCheck {
  try {
    return check(cms, documentDigest, anchors, at, others);
  } catch (cause) {
    if (cause instanceof DerError) return malformed();
    throw cause;
  }
}

function check(
  cms: SignedData,
  documentDigest: Uint8Array,
  anchors: readonly Certificate[],
  at: Date,
  others: readonly Certificate[],
): CmsCheck {
  const hasSigningTime = cms.attributes?.hasSigningTime ?? false;
  const { problems, signer, certificates } = checkSigner(
    cms,
    { type: cmsOids.data, digest: documentDigest },
    checkEss,
  );
  if (cms.content !== undefined) problems.push("content_not_detached");
  if (signer !== undefined && isForOthers(signer)) problems.push("key_usage");
  // EN 319 142-1 table 1: the timestamp is the only one that a baseline signature may have.
  if (cms.otherUnsigned.length > 0) problems.push("unsigned_attribute_unknown");
  if (signer === undefined) return { ok: false, problems, chain: [], kind: "signature", hasSigningTime };
  const path = findPath(signer, [...certificates, ...others], anchors, at);
  problems.push(...path.problems);
  const known = [...certificates, ...others, ...anchors];
  if (path.chain.length > 1 && !areAccounted(certificates, path.chain, known))
    problems.push("certificate_unaccounted");
  return {
    ok: problems.length === 0,
    problems,
    signer,
    chain: path.chain,
    kind: kindOf(signer),
    hasSigningTime,
  };
}

/** Nothing covers the certificates of a CMS but their issuers' signatures: each must have one that checks. */
export function areAccounted(
  certificates: readonly Certificate[],
  chain: readonly Certificate[],
  known: readonly Certificate[],
): boolean {
  const hasIssuer = (one: Certificate) =>
    known.some((issuer) => sameBytes(issuer.subjectDer, one.issuerDer) && isSignedBy(one, issuer.publicKey));
  return certificates.every((one) => chain.includes(one) || hasIssuer(one));
}

/** What a CMS is over: its type, and its digest by the algorithm that the CMS names. */
export interface SignedContent {
  type: string;
  digest: Uint8Array;
}

/** One signer judged, but for the path of its certificate. */
export interface SignerCheck {
  problems: CmsProblem[];
  signer?: Certificate;
  /** All that the CMS holds, the signer's included. */
  certificates: Certificate[];
}

/** Checks that there is one signer, its attributes, its signature and, by `ess`, which certificate it names. */
export function checkSigner(
  cms: SignedData,
  content: SignedContent,
  ess: (attributes: SignedAttributes | undefined, signer: Certificate) => CmsProblem[],
): SignerCheck {
  const problems: CmsProblem[] = [];
  if (cms.signerCount !== 1) problems.push("signer_count");
  const certificates = readCertificates(cms.certificatesDer);
  if (certificates.length < cms.certificatesDer.length) problems.push("algorithm_unsupported");
  const signer = certificates.find((certificate) => isSignerOf(cms, certificate));
  problems.push(...checkAttributes(cms, content));
  if (signer === undefined) return { problems: [...problems, "signer_certificate_missing"], certificates };
  problems.push(...checkSignature(cms, signer), ...ess(cms.attributes, signer));
  return { problems, signer, certificates };
}

/** Those whose key node:crypto knows; throws a DerError on what is no certificate at all. */
function readCertificates(ders: readonly Uint8Array[]): Certificate[] {
  return ders.flatMap((der) => {
    try {
      return [readCertificate(der)];
    } catch (cause) {
      if (cause instanceof DerError) throw cause;
      return [];
    }
  });
}

/** Whether the CMS names this certificate as its signer's. */
export function isSignerOf(cms: SignedData, certificate: Certificate): boolean {
  if ("subjectKeyId" in cms.signer) {
    return (
      certificate.subjectKeyId !== undefined && sameBytes(certificate.subjectKeyId, cms.signer.subjectKeyId)
    );
  }
  const { issuerDer, serialDer } = cms.signer;
  return sameBytes(certificate.issuerDer, issuerDer) && sameBytes(certificate.serialDer, serialDer);
}

function checkAttributes(cms: SignedData, content: SignedContent): CmsProblem[] {
  const { attributes } = cms;
  if (attributes?.contentType === undefined || attributes.messageDigest === undefined)
    return ["attributes_missing"];
  const problems: CmsProblem[] = [];
  // RFC 5652 §11.1: the attribute and the content say the same type.
  if (readOid(attributes.contentType) !== content.type || cms.contentType !== content.type) {
    problems.push("content_type");
  }
  const stated = expect(attributes.messageDigest, tag.octetString).content;
  if (cms.digest !== undefined && !sameBytes(stated, content.digest)) problems.push("digest_mismatch");
  return problems;
}

function checkSignature(cms: SignedData, signer: Certificate): CmsProblem[] {
  const { algorithm, attributes, digest } = cms;
  if (algorithm === undefined || digest === undefined)
    return [cms.isWeak ? "algorithm_weak" : "algorithm_unsupported"];
  if (attributes === undefined) return [];
  // RFC 5754 §3: the signature's digest is the message's; a difference is a flipped bit or a downgrade.
  if (algorithm.digest !== undefined && algorithm.digest !== digest) return ["signature_invalid"];
  const right = verifyBytes(algorithm, digest, signer.publicKey, attributes.der, cms.signature);
  return right ? [] : ["signature_invalid"];
}

/**
 * RFC 5280 §4.2.1.12: a key is for the purposes that its certificate names. None is demanded of a signer, as authorities
 * name many; but the keys of servers, timestamp units and OCSP responders sign whatever they are sent.
 */
function isForOthers({ extendedKeyUsage }: Certificate): boolean {
  const purposes = extendedKeyUsage?.purposes ?? [];
  return purposes.length > 0 && purposes.every((purpose) => servicePurposes.has(purpose));
}

const servicePurposes: ReadonlySet<string> = new Set([
  keyPurposeOids.serverAuth,
  keyPurposeOids.timeStamping,
  keyPurposeOids.ocspSigning,
]);

const kindOf = ({ subject }: Certificate): CmsCheck["kind"] =>
  subject.organizationIdentifier !== undefined &&
  subject.givenName === undefined &&
  subject.surname === undefined
    ? "seal"
    : "signature";
