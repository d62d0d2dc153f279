import { createHash } from "node:crypto";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { tag } from "../x509/der.ts";
import { DerError, elements, expect, readOid, readUnsigned, sameBytes } from "../x509/der-reader.ts";
import { cmsOids } from "../x509/oids.ts";
import { findPath, type PathProblem } from "../x509/path.ts";
import { readDigest, verifyBytes } from "../x509/signature-algorithm.ts";
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

/** As `checkSignedData`, on a CMS and anchors already read. */
export function checkParsed(
  cms: SignedData,
  documentDigest: Uint8Array,
  anchors: readonly Certificate[],
  at: Date,
): CmsCheck {
  try {
    return check(cms, documentDigest, anchors, at);
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
): CmsCheck {
  const problems: CmsProblem[] = [];
  if (cms.signerCount !== 1) problems.push("signer_count");
  if (cms.hasContent) problems.push("content_not_detached");
  const certificates = readCertificates(cms.certificatesDer);
  if (certificates.length < cms.certificatesDer.length) problems.push("algorithm_unsupported");
  const signer = certificates.find((certificate) => isMeant(cms, certificate));
  problems.push(...checkAttributes(cms, documentDigest));
  const hasSigningTime = cms.attributes?.hasSigningTime ?? false;
  if (signer === undefined) {
    problems.push("signer_certificate_missing");
    return { ok: false, problems, chain: [], kind: "signature", hasSigningTime };
  }
  problems.push(...checkSignature(cms, signer), ...checkEss(cms.attributes, signer));
  const path = findPath(signer, certificates, anchors, at);
  problems.push(...path.problems);
  return {
    ok: problems.length === 0,
    problems,
    signer,
    chain: path.chain,
    kind: kindOf(signer),
    hasSigningTime,
  };
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

function isMeant(cms: SignedData, certificate: Certificate): boolean {
  if ("subjectKeyId" in cms.signer) {
    return (
      certificate.subjectKeyId !== undefined && sameBytes(certificate.subjectKeyId, cms.signer.subjectKeyId)
    );
  }
  const { issuerDer, serialDer } = cms.signer;
  return sameBytes(certificate.issuerDer, issuerDer) && sameBytes(certificate.serialDer, serialDer);
}

function checkAttributes(cms: SignedData, documentDigest: Uint8Array): CmsProblem[] {
  const { attributes } = cms;
  if (attributes?.contentType === undefined || attributes.messageDigest === undefined)
    return ["attributes_missing"];
  const problems: CmsProblem[] = [];
  // RFC 5652 §11.1: the attribute and the content say the same type; a detached PDF signature is over plain data.
  if (readOid(attributes.contentType) !== cmsOids.data || cms.contentType !== cmsOids.data) {
    problems.push("content_type");
  }
  const stated = expect(attributes.messageDigest, tag.octetString).content;
  if (cms.digest !== undefined && !sameBytes(stated, documentDigest)) problems.push("digest_mismatch");
  return problems;
}

function checkSignature(cms: SignedData, signer: Certificate): CmsProblem[] {
  const { algorithm, attributes, digest } = cms;
  if (algorithm === undefined || digest === undefined) return ["algorithm_unsupported"];
  if (attributes === undefined) return [];
  // RFC 5754 §3: the signature's digest is the message's; a difference is a flipped bit or a downgrade.
  if (algorithm.digest !== undefined && algorithm.digest !== digest) return ["signature_invalid"];
  const right = verifyBytes(algorithm, digest, signer.publicKey, attributes.der, cms.signature);
  return right ? [] : ["signature_invalid"];
}

/** RFC 5035 §3: the first ESSCertIDv2 is the signer's, by digest, and by issuer and serial where it gives them. */
function checkEss(attributes: SignedAttributes | undefined, signer: Certificate): CmsProblem[] {
  const value = attributes?.signingCertificateV2;
  if (value === undefined) return ["ess_missing"];
  const [certificates] = elements(value, tag.sequence);
  const parts = elements(elements(certificates, tag.sequence)[0], tag.sequence);
  const digest = parts[0]?.tag === tag.sequence ? readDigest(parts.shift()) : "sha256";
  if (digest === undefined) return ["algorithm_unsupported"];
  const [hash, issuerSerial] = parts;
  const own = createHash(digest).update(signer.der).digest();
  if (!sameBytes(expect(hash, tag.octetString).content, own)) return ["ess_mismatch"];
  if (issuerSerial === undefined) return [];
  const [names, serial] = elements(issuerSerial, tag.sequence);
  const [name] = elements(elements(names, tag.sequence)[0], 0xa4);
  const sameSerial = Buffer.from(readUnsigned(serial)).toString("hex") === signer.serialHex;
  return sameSerial && name !== undefined && sameBytes(name.raw, signer.issuerDer) ? [] : ["ess_mismatch"];
}

const kindOf = ({ subject }: Certificate): CmsCheck["kind"] =>
  subject.organizationIdentifier !== undefined &&
  subject.givenName === undefined &&
  subject.surname === undefined
    ? "seal"
    : "signature";
