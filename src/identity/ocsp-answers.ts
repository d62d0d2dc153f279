import type { Clock, Instant, Published } from "../actors/runtime/ports.ts";
import type { Store } from "../store/store.ts";
import { keptSigner } from "../workers/signer-keys.ts";
import { type Certificate, readCertificate } from "../workers/x509/certificate.ts";
import { type CertId, meansCertificate } from "../workers/x509/ocsp.ts";
import { buildOcspResponse, type OcspStatement } from "../workers/x509/ocsp-response.ts";
import type { Authority } from "./authorities.ts";
import { ocspResponder } from "./service-keys.ts";

/** How long a published answer may be kept: as long as we are willing to have a revocation go unnoticed. */
const publishedFreshMs = 10 * 60_000;

/** Answers for the certificates of one issuing authority. */
export interface OcspAnswers {
  /** Undefined when the authority's key, which certifies responders, is kept elsewhere. */
  about(
    authority: Authority,
    certIds: readonly CertId[],
    how?: { nonce?: Uint8Array | undefined; freshMs?: number },
  ): Promise<Published | undefined>;
}

/**
 * Answers are signed by a responder whose key is in this process, whatever token its authority is in. Of a serial number
 * that was not revoked they say good: one-use certificates, most of what is issued, are in no table that could tell.
 */
export function createOcspAnswers(
  store: Pick<Store, "keyring" | "revocations" | "together">,
  clock: Clock,
  baseUrl?: string,
): OcspAnswers {
  async function statement(
    certId: CertId,
    authority: Authority,
    issuer: Certificate,
    now: Instant,
    freshMs: number,
  ): Promise<OcspStatement> {
    const times = { thisUpdate: new Date(now), nextUpdate: new Date(now + freshMs) };
    if (!isBy(certId, issuer)) return { certId, status: "unknown", ...times };
    // Revocations are never forgotten, so the answer holds for certificates that have run out as well.
    const said = { certId, ...times, archiveCutoff: issuer.notBefore };
    const revoked = await store.revocations.find(authority.id, certId.serialHex);
    if (revoked === undefined) return { ...said, status: "good" };
    return { ...said, status: "revoked", revokedAt: new Date(revoked.at), reason: revoked.reason };
  }

  return {
    async about(authority, certIds, { nonce, freshMs = publishedFreshMs } = {}) {
      const key = await store.keyring.key(authority.keyId);
      if (key === undefined) return undefined;
      const issuer = readCertificate(authority.certificateDer);
      const now = clock.now();
      const statements = await Promise.all(
        certIds.map((id) => statement(id, authority, issuer, now, freshMs)),
      );
      const responder = await ocspResponder(store, clock, key, baseUrl);
      const signer = { ...keptSigner(responder), chainDer: [] };
      const der = buildOcspResponse(signer, statements, new Date(now), nonce);
      return { der, freshUntil: nonce === undefined ? now + freshMs : now };
    },
  };
}

/** Whether an OCSP request names this authority as the issuer. */
export const isBy = (certId: CertId, issuer: Certificate): boolean =>
  meansCertificate(certId, { serialHex: certId.serialHex }, issuer);
