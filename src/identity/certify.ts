import type { KeyMaterial } from "../actors/runtime/ports.ts";
import type { NewKey } from "../store/key-rows.ts";
import { loadKey } from "../workers/signer-keys.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { sameBytes } from "../workers/x509/der-reader.ts";
import {
  type CertificateProfile,
  createKeyPair,
  issueCertificate,
  type Validity,
  validityOf,
} from "../workers/x509/issue.ts";
import type { DistinguishedName } from "../workers/x509/name.ts";
import { urlsOf } from "./authority-urls.ts";

/** What an authority of ours certifies for longer than one signature. */
export type CertifiedProfile = Exclude<CertificateProfile, "root" | "one-use">;

/** A new key in this process and the certificate that `issuer` gives it. */
export function certifyNewKey(
  issuer: KeyMaterial,
  subject: DistinguishedName,
  profile: CertifiedProfile,
  now: Date,
  baseUrl?: string,
): { key: NewKey; notAfter: Date } {
  const keys = createKeyPair(profile === "issuing" ? "P-384" : "P-256");
  const validity = validityOf(profile, now);
  const certificateDer = certifyKey(issuer, subject, keys.publicKeyDer, profile, validity, baseUrl);
  const pkcs8 = keys.privateKey.export({ type: "pkcs8", format: "der" });
  return { key: { pkcs8, certificateDer, ...chainBelow(issuer) }, notAfter: validity.notAfter };
}

/** The certificate that `issuer` gives to this public key. */
export function certifyKey(
  issuer: KeyMaterial,
  subject: DistinguishedName,
  publicKeyDer: Uint8Array,
  profile: CertifiedProfile,
  validity: Validity,
  baseUrl?: string,
): Uint8Array {
  const authority = { certificateDer: issuer.certificateDer, privateKey: loadKey(issuer) };
  const urls = urlsOf(issuer.certificateDer, baseUrl);
  return issueCertificate(authority, subject, publicKeyDer, profile, validity, urls);
}

/** The chain of what this issuer certifies: a root is left out of chains. */
function chainBelow(issuer: KeyMaterial): Pick<NewKey, "chainDer" | "anchorDer"> {
  const isRoot = issuer.chainDer.length === 0 && issuer.anchorDer === undefined && isSelfSigned(issuer);
  return {
    chainDer: isRoot ? [] : [issuer.certificateDer, ...issuer.chainDer],
    ...(issuer.anchorDer !== undefined && { anchorDer: issuer.anchorDer }),
  };
}

function isSelfSigned({ certificateDer }: KeyMaterial): boolean {
  const { subjectDer, issuerDer } = readCertificate(certificateDer);
  return sameBytes(subjectDer, issuerDer);
}
