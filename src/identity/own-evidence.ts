import { Retryable } from "../actors/runtime/errors.ts";
import type { Clock, Instant, RevocationEvidence, RevocationSource } from "../actors/runtime/ports.ts";
import type { Store } from "../store/store.ts";
import { type Certificate, readCertificate } from "../workers/x509/certificate.ts";
import { sameBytes } from "../workers/x509/der-reader.ts";
import { certIdOf } from "../workers/x509/ocsp.ts";
import { isSignedBy } from "../workers/x509/signature-algorithm.ts";
import { type Authority, authoritiesOf } from "./authorities.ts";
import { currentCrl, keptEvidenceMs } from "./crls.ts";
import { createOcspAnswers } from "./ocsp-answers.ts";

/**
 * Evidence from our own authorities, without a network: an OCSP answer of now for what an issuing authority certified,
 * the root's list for the issuing authority. A certificate that names no responder gets its authority's list too: there
 * are validators that look at answers only where a certificate says that there are some. Of certificates by others it
 * knows nothing, and adds none. Throws `Retryable("evidence_missing")` when the list of an offline root has run out.
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
    const certIds = [certIdOf(certificate, issuer)];
    const freshMs = keptMs(certificate, clock.now());
    const answer = await answers.about(authority, certIds, freshMs === undefined ? {} : { freshMs });
    if (answer === undefined) throw new Retryable("evidence_missing");
    return answer.der;
  }

  return {
    async evidenceFor(chainDer) {
      const authorities = await authoritiesOf(store.keyring, clock);
      const evidence: RevocationEvidence = { crls: [], ocsps: [] };
      for (const certificate of chainDer.map((der) => readCertificate(der))) {
        const authority = authorities.find((one) => issued(one, certificate));
        if (authority === undefined || isUnasked(certificate)) continue;
        if (authority.isRoot) evidence.crls.push(await listOf(authority));
        else {
          // The answer last: judged is by the latest word, and only its life is measured to the certificate's.
          if (certificate.ocspUrls.length === 0) evidence.crls.push(await listOf(authority));
          evidence.ocsps.push(await answerOf(authority, certificate));
        }
      }
      return evidence;
    },
  };
}

const isUnasked = ({ isOcspNoCheck, isNeverRevoked }: Certificate) => isOcspNoCheck || isNeverRevoked;

/**
 * Not longer than the certificate lives: the time slide of EN 319 102-1 (5.6.2.2) goes back to where an answer was still
 * fresh, and must find there a certificate that had not run out.
 */
function keptMs({ notAfter }: Certificate, now: Instant): number | undefined {
  const left = notAfter.getTime() - now;
  return left > 0 ? Math.min(keptEvidenceMs, left) : undefined;
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
