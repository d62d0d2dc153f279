import { Retryable } from "../actors/runtime/errors.ts";
import type { Clock, RevocationEvidence, RevocationSource } from "../actors/runtime/ports.ts";
import type { Store } from "../store/store.ts";
import { type Certificate, readCertificate } from "../workers/x509/certificate.ts";
import { sameBytes } from "../workers/x509/der-reader.ts";
import { certIdOf } from "../workers/x509/ocsp.ts";
import { isSignedBy } from "../workers/x509/signature-algorithm.ts";
import { type Authority, authoritiesOf } from "./authorities.ts";
import { currentCrl } from "./crls.ts";
import { createOcspAnswers } from "./ocsp-answers.ts";

/**
 * Evidence from our own authorities, without a network: an OCSP answer of now for what an issuing authority certified,
 * the root's list for the issuing authority. Of certificates by others it knows nothing, and adds none. Throws
 * `Retryable("evidence_missing")` when the list of an offline root has run out.
 */
export function createOwnEvidence(
  store: Pick<Store, "keyring" | "revocations" | "together">,
  clock: Clock,
  baseUrl?: string,
): RevocationSource {
  const answers = createOcspAnswers(store, clock, baseUrl);

  async function listOf(authority: Authority): Promise<Uint8Array> {
    const crl = await currentCrl(store, clock, authority);
    if (crl === undefined || crl.nextUpdate <= clock.now()) throw new Retryable("evidence_missing");
    return crl.der;
  }

  async function answerOf(authority: Authority, certificate: Certificate): Promise<Uint8Array> {
    const issuer = readCertificate(authority.certificateDer);
    const answer = await answers.about(authority, [certIdOf(certificate, issuer)]);
    if (answer === undefined) throw new Retryable("evidence_missing");
    return answer.der;
  }

  return {
    async evidenceFor(chainDer) {
      const authorities = await authoritiesOf(store.keyring, clock);
      const evidence: RevocationEvidence = { crls: [], ocsps: [] };
      for (const certificate of chainDer.map((der) => readCertificate(der))) {
        const authority = authorities.find((one) => issued(one, certificate));
        if (authority === undefined || certificate.isOcspNoCheck) continue;
        if (authority.isRoot) evidence.crls.push(await listOf(authority));
        else evidence.ocsps.push(await answerOf(authority, certificate));
      }
      return evidence;
    },
  };
}

function issued({ certificateDer }: Authority, certificate: Certificate): boolean {
  const issuer = readCertificate(certificateDer);
  const isItself = issuer.sha256 === certificate.sha256;
  return (
    !isItself &&
    sameBytes(issuer.subjectDer, certificate.issuerDer) &&
    isSignedBy(certificate, issuer.publicKey)
  );
}
