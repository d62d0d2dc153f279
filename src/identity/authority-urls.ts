import type { AuthorityUrls, Keyring } from "../actors/runtime/ports.ts";
import { readCertificate } from "../workers/x509/certificate.ts";

/** An authority's name in addresses and tables: its subject key identifier in hex, which a rotation changes. */
export function authorityIdOf(certificateDer: Uint8Array): string {
  const { subjectKeyId, sha256 } = readCertificate(certificateDer);
  return subjectKeyId === undefined ? sha256 : Buffer.from(subjectKeyId).toString("hex");
}

/**
 * Where the engine at `baseUrl` publishes what this authority revokes. A root answers no OCSP: its key may be far
 * away, and its few certificates are in its CRL.
 */
export function urlsOf(certificateDer: Uint8Array, baseUrl: string | undefined): AuthorityUrls {
  if (baseUrl === undefined) return {};
  const id = authorityIdOf(certificateDer);
  const { pathLength } = readCertificate(certificateDer);
  return {
    crl: `${baseUrl}/pki/${id}.crl`,
    caIssuers: `${baseUrl}/pki/${id}.cer`,
    ...(pathLength === 0 && { ocsp: `${baseUrl}/pki/ocsp` }),
  };
}

/** The keyring, whose issuing authority writes into one-use certificates where it publishes. */
export const publishing = (keyring: Keyring, baseUrl: string | undefined): Keyring => ({
  rootDer: () => keyring.rootDer(),
  ownedBy: (ownerId) => keyring.ownedBy(ownerId),
  async issuingAuthority() {
    const key = await keyring.issuingAuthority();
    return { ...key, urls: urlsOf(key.certificateDer, baseUrl) };
  },
});
