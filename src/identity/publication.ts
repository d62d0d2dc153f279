import type { Clock, Publication, Published } from "../actors/runtime/ports.ts";
import type { Store } from "../store/store.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { DerError } from "../workers/x509/der-reader.ts";
import { type CertId, readOcspRequest } from "../workers/x509/ocsp.ts";
import { buildOcspRefusal, type OcspResponseStatus } from "../workers/x509/ocsp-response.ts";
import { type Authority, authoritiesOf } from "./authorities.ts";
import { currentCrl } from "./crls.ts";
import { createOcspAnswers, isBy } from "./ocsp-answers.ts";

const crlCachedMs = 10 * 60_000;

/** What the authorities in the store tell everybody. */
export function createPublication(
  store: Pick<Store, "keyring" | "revocations" | "together">,
  clock: Clock,
  baseUrl?: string,
): Publication {
  const answers = createOcspAnswers(store, clock, baseUrl);
  const named = async (id: string): Promise<Authority | undefined> =>
    (await authoritiesOf(store.keyring, clock)).find((authority) => authority.id === id);

  async function authorityMeant(certId: CertId | undefined): Promise<Authority | undefined> {
    if (certId === undefined) return undefined;
    const authorities = await authoritiesOf(store.keyring, clock);
    return authorities.find((one) => !one.isRoot && isBy(certId, readCertificate(one.certificateDer)));
  }

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
      const authority = await authorityMeant(asked.certIds[0]);
      const answer = authority && (await answers.about(authority, asked.certIds, { nonce: asked.nonce }));
      // RFC 6960 §2.3: nobody gave us the right to answer for other authorities.
      return answer ?? refusal("unauthorized");
    },
  };
}

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
