import type { Clock, KeyMaterial, Publication, Published } from "../actors/runtime/ports.ts";
import type { Store } from "../store/store.ts";
import { loadKey } from "../workers/signer-keys.ts";
import { type Certificate, readCertificate } from "../workers/x509/certificate.ts";
import { DerError } from "../workers/x509/der-reader.ts";
import { type CertId, meansCertificate, readOcspRequest } from "../workers/x509/ocsp.ts";
import {
  buildOcspRefusal,
  buildOcspResponse,
  type OcspResponder,
  type OcspResponseStatus,
  type OcspStatement,
} from "../workers/x509/ocsp-response.ts";
import { type Authority, authoritiesOf } from "./authorities.ts";
import { currentCrl } from "./crls.ts";
import { ocspResponder } from "./service-keys.ts";

type Source = Pick<Store, "keyring" | "revocations" | "together">;

/** How long an OCSP answer may be kept: as long as we are willing to have a revocation go unnoticed. */
const ocspFreshMs = 10 * 60_000;
const crlCachedMs = 10 * 60_000;

/** What the authorities in the store tell everybody. A responder's key is in this process, whatever token its authority has. */
export function createPublication(store: Source, clock: Clock, baseUrl?: string): Publication {
  const named = async (id: string): Promise<Authority | undefined> =>
    (await authoritiesOf(store.keyring, clock)).find((authority) => authority.id === id);

  return {
    certificate: async (id) => (await named(id))?.certificateDer,
    async crl(id) {
      const authority = await named(id);
      const crl = authority && (await currentCrl(store, clock, authority));
      if (crl === undefined) return undefined;
      return { der: crl.der, freshUntil: Math.min(clock.now() + crlCachedMs, crl.nextUpdate) };
    },
    async ocsp(requestDer) {
      const asked = readRequest(requestDer);
      if (asked === undefined) return refusal("malformedRequest");
      const [first] = asked.certIds;
      const authority = first && (await authorityMeant(first));
      const key = authority && (await store.keyring.key(authority.keyId));
      // RFC 6960 §2.3: nobody gave us the right to answer for other authorities.
      if (authority === undefined || key === undefined) return refusal("unauthorized");
      const issuer = readCertificate(authority.certificateDer);
      const now = clock.now();
      const statements = await Promise.all(
        asked.certIds.map((certId) => statement(certId, authority, issuer, now)),
      );
      const responder = await responderOf(key);
      const der = buildOcspResponse(responder, statements, new Date(now), asked.nonce);
      return { der, freshUntil: asked.nonce === undefined ? now + ocspFreshMs : now };
    },
  };

  async function authorityMeant(certId: CertId): Promise<Authority | undefined> {
    const authorities = await authoritiesOf(store.keyring, clock);
    return authorities.find((one) => !one.isRoot && isBy(certId, readCertificate(one.certificateDer)));
  }

  async function statement(
    certId: CertId,
    authority: Authority,
    issuer: Certificate,
    now: number,
  ): Promise<OcspStatement> {
    const thisUpdate = new Date(now);
    const nextUpdate = new Date(now + ocspFreshMs);
    if (!isBy(certId, issuer)) return { certId, status: "unknown", thisUpdate, nextUpdate };
    // Revocations are never forgotten, so the answer holds for certificates that have run out as well.
    const said = { certId, thisUpdate, nextUpdate, archiveCutoff: issuer.notBefore };
    const revoked = await store.revocations.find(authority.id, certId.serialHex);
    if (revoked === undefined) return { ...said, status: "good" };
    return { ...said, status: "revoked", revokedAt: new Date(revoked.at), reason: revoked.reason };
  }

  async function responderOf(authority: KeyMaterial): Promise<OcspResponder> {
    const key = await ocspResponder(store, clock, authority, baseUrl);
    return { certificateDer: key.certificateDer, chainDer: [], privateKey: loadKey(key) };
  }
}

const isBy = (certId: CertId, issuer: Certificate): boolean =>
  meansCertificate(certId, { serialHex: certId.serialHex }, issuer);

function readRequest(der: Uint8Array): ReturnType<typeof readOcspRequest> | undefined {
  try {
    return readOcspRequest(der);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

const refusal = (status: Exclude<OcspResponseStatus, "successful">): Published => ({
  der: buildOcspRefusal(status),
  freshUntil: 0,
});
