import { Retryable } from "../actors/runtime/errors.ts";
import type { Publication, RevocationEvidence, RevocationSource } from "../actors/runtime/ports.ts";
import { type Certificate, readCertificate } from "../workers/x509/certificate.ts";
import { sameBytes } from "../workers/x509/der-reader.ts";
import { buildOcspRequest } from "../workers/x509/ocsp.ts";
import { readOcspStatus } from "../workers/x509/ocsp-response.ts";
import { authorityIdOf } from "./authority-urls.ts";

/**
 * What our own authorities say of a chain: OCSP made now where the issuer answers it, else its CRL. Throws
 * `Retryable("evidence_missing")` when the chain is not ours, or when an authority far away has left us no list.
 */
export function createOwnEvidence(publication: Publication): RevocationSource {
  return {
    async evidenceFor(chainDer) {
      const evidence: RevocationEvidence = { crls: [], ocsps: [] };
      const chain = chainDer.map((der) => readCertificate(der));
      for (const [i, certificate] of chain.entries()) {
        const issuer = chain[i + 1];
        if (issuer !== undefined) await ask(certificate, issuer, evidence);
        else if (!sameBytes(certificate.issuerDer, certificate.subjectDer)) throw missing();
      }
      return evidence;
    },
  };

  async function ask(certificate: Certificate, issuer: Certificate, into: RevocationEvidence): Promise<void> {
    if (issuer.pathLength !== 0) {
      const crl = await publication.crl(authorityIdOf(issuer.der));
      if (crl === undefined) throw missing();
      into.crls.push(crl.der);
      return;
    }
    const { der } = await publication.ocsp(buildOcspRequest(certificate, issuer));
    if (readOcspStatus(der) !== "successful") throw missing();
    into.ocsps.push(der);
  }
}

const missing = () => new Retryable("evidence_missing");
