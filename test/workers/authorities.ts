import { createHash, X509Certificate } from "node:crypto";
import type { CmsSigner } from "../../src/workers/cms/build.ts";
import { readCertificate } from "../../src/workers/x509/certificate.ts";
import {
  type CertificateProfile,
  createKeyPair,
  createRoot,
  type Issuer,
  issueCertificate,
  type PublicationUrls,
  type Validity,
  validityOf,
} from "../../src/workers/x509/issue.ts";
import { someDay } from "./pki.ts";

/** A root, an issuing authority, its timestamp unit, its OCSP responder, and certificates of anybody. */
export interface Authorities {
  rootDer: Uint8Array;
  issuing: Issuer;
  tsu: CmsSigner;
  responder: CmsSigner;
  issue(profile: Profile, more?: { urls?: PublicationUrls; validity?: Validity }): CmsSigner;
}

type Profile = Exclude<CertificateProfile, "root" | "issuing">;

export function createAuthorities(now = someDay): Authorities {
  const rootKeys = createKeyPair("P-384");
  const rootDer = createRoot({ country: "FR", commonName: "Racine" }, rootKeys, validityOf("root", now));
  const keys = createKeyPair("P-256");
  const certificateDer = issueCertificate(
    { certificateDer: rootDer, privateKey: rootKeys.privateKey },
    { country: "FR", commonName: "Émission" },
    keys.publicKeyDer,
    "issuing",
    validityOf("issuing", now),
  );
  const issuing = { certificateDer, privateKey: keys.privateKey };
  const issue: Authorities["issue"] = (profile, { urls, validity = validityOf(profile, now) } = {}) => {
    const own = createKeyPair("P-256");
    const name = { country: "FR", commonName: `Un ${profile}` };
    return {
      certificateDer: issueCertificate(issuing, name, own.publicKeyDer, profile, validity, urls),
      chainDer: [issuing.certificateDer],
      privateKey: own.privateKey,
    };
  };
  return { rootDer, issuing, tsu: issue("timestamping"), responder: issue("ocsp"), issue };
}

export const pemOf = (der: Uint8Array): string => new X509Certificate(der).toString();

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

/** Every reading of the bytes with some bit flipped that gives something else than an error, by the bit's byte. */
export function survivors(whole: Uint8Array, passes: (flipped: Uint8Array) => boolean): number[] {
  const passed: number[] = [];
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = Uint8Array.from(whole);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (passes(flipped)) passed.push(bit >> 3);
  }
  return passed;
}

export const read = readCertificate;
