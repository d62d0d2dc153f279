import type { Certificate } from "./certificate.ts";
import type { Crl } from "./crl.ts";
import type { OcspResponse } from "./ocsp-response.ts";
import { algorithmIn, isSignedBy, verifyBytes } from "./signature-algorithm.ts";

/*
 * Certificates and lists come back: authorities', members' and seals' with every document, one-use ones with each later
 * signature of theirs. Each signature on one is checked once a thread.
 */

const lasting = new Map<string, boolean>();
const passing = new Map<string, boolean>();
const lists = new Map<string, boolean>();
const answers = new Map<string, boolean>();
const mostKnown = 1_000;
const oneWeekMs = 7 * 24 * 3_600_000;

/** Whether the issuer's key made the subject's signature; how strong that key is is not looked at. */
export function isIssuedBy(subject: Certificate, issuer: Certificate): boolean {
  // Apart, so that one-use certificates, new with every signature, push out none that will be needed again.
  const livesOn = subject.notAfter.getTime() - subject.notBefore.getTime() > oneWeekMs;
  const pair = `${subject.sha256} ${issuer.sha256}`;
  return remembered(livesOn ? lasting : passing, pair, () => {
    const algorithm = algorithmIn(subject.signatureAlgorithm);
    if (algorithm?.digest === undefined) return false;
    return verifyBytes(algorithm, algorithm.digest, issuer.publicKey, subject.signedPart, subject.signature);
  });
}

/** Whether the list was signed by the issuer's key, strong enough for it. */
export function isListOf(crl: Crl, issuer: Certificate): boolean {
  const pair = `${crl.sha256} ${issuer.sha256}`;
  return remembered(lists, pair, () => isSignedBy(crl, issuer.publicKey));
}

/** Whether an OCSP answer was signed by this certificate's key, strong enough for it. */
export function isAnswerBy(ocsp: OcspResponse, { sha256, publicKey }: Certificate): boolean {
  return remembered(answers, `${ocsp.sha256} ${sha256}`, () => isSignedBy(ocsp, publicKey));
}

/** What was asked last is kept longest. */
function remembered(known: Map<string, boolean>, pair: string, check: () => boolean): boolean {
  const answer = known.get(pair) ?? check();
  known.delete(pair);
  for (const oldest of known.keys()) {
    if (known.size < mostKnown) break;
    known.delete(oldest);
  }
  known.set(pair, answer);
  return answer;
}
