import { createHash } from "node:crypto";
import type { Certificate } from "../x509/certificate.ts";
import { tag } from "../x509/der.ts";
import { type DerNode, elements, expect, readUnsigned, sameBytes } from "../x509/der-reader.ts";
import { readDigest } from "../x509/signature-algorithm.ts";
import type { SignedAttributes } from "./signed-data.ts";

/** What can be wrong with the attribute that names the signer's certificate. */
export type EssProblem = "ess_missing" | "ess_mismatch" | "algorithm_unsupported";

/** RFC 5035 §3: the first ESSCertIDv2 is the signer's, by digest, and by issuer and serial where it gives them. */
export function checkEss(attributes: SignedAttributes | undefined, signer: Certificate): EssProblem[] {
  const value = attributes?.signingCertificateV2;
  if (value === undefined) return ["ess_missing"];
  const [certificates] = elements(value, tag.sequence);
  const parts = elements(elements(certificates, tag.sequence)[0], tag.sequence);
  const digest = parts[0]?.tag === tag.sequence ? readDigest(parts.shift()) : "sha256";
  if (digest === undefined) return ["algorithm_unsupported"];
  return isEssOf(parts, createHash(digest).update(signer.der).digest(), signer) ? [] : ["ess_mismatch"];
}

/**
 * As `checkEss`, or by the older ESSCertID where that is all there is: RFC 5816 §2.1 lets a timestamp have either. Its
 * SHA-1 is no weaker here than the rest: to pass for another certificate needs a second preimage, and a trusted issuer.
 */
export function checkEssOfTimestamp(
  attributes: SignedAttributes | undefined,
  signer: Certificate,
): EssProblem[] {
  const value = attributes?.signingCertificate;
  if (attributes?.signingCertificateV2 !== undefined || value === undefined)
    return checkEss(attributes, signer);
  const [certificates] = elements(value, tag.sequence);
  const parts = elements(elements(certificates, tag.sequence)[0], tag.sequence);
  return isEssOf(parts, createHash("sha1").update(signer.der).digest(), signer) ? [] : ["ess_mismatch"];
}

function isEssOf([hash, issuerSerial]: DerNode[], digest: Uint8Array, signer: Certificate): boolean {
  if (!sameBytes(expect(hash, tag.octetString).content, digest)) return false;
  if (issuerSerial === undefined) return true;
  const [names, serial] = elements(issuerSerial, tag.sequence);
  const [name] = elements(elements(names, tag.sequence)[0], 0xa4);
  const sameSerial = Buffer.from(readUnsigned(serial)).toString("hex") === signer.serialHex;
  return sameSerial && name !== undefined && sameBytes(name.raw, signer.issuerDer);
}
