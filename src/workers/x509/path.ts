import type { Certificate } from "./certificate.ts";
import { sameBytes } from "./der-reader.ts";
import { isIssuedBy } from "./known-signatures.ts";
import { strongEnough } from "./signature-algorithm.ts";

/** The certificates from the signer's to a trust anchor's (both included), and what is wrong with them. */
export interface CertificatePath {
  chain: Certificate[];
  problems: PathProblem[];
}

/** Why a path cannot be trusted. */
export type PathProblem =
  | "no_certificate_chain_found"
  | "chain_untrusted"
  | "certificate_expired"
  | "certificate_not_yet_valid"
  | "issuer_not_authority"
  | "path_too_long"
  | "key_usage"
  | "critical_extension"
  | "key_too_weak";

const longestPath = 6;
const mostAttempts = 32;

/**
 * Finds a path by RFC 5280 §6 from `signer` over `others` to one of `anchors`, and judges every certificate of it
 * at `at`: names, signatures, basicConstraints, keyUsage, validity. Revocation is not looked at.
 */
export function findPath(
  signer: Certificate,
  others: readonly Certificate[],
  anchors: readonly Certificate[],
  at: Date,
): CertificatePath {
  if (anchors.length === 0) return { chain: [signer], problems: ["no_certificate_chain_found"] };
  const chain = climb([signer], others, anchors, { left: mostAttempts });
  if (chain === undefined) return { chain: [signer], problems: ["chain_untrusted"] };
  return { chain, problems: [...new Set(chain.flatMap((certificate, i) => judge(certificate, i, at)))] };
}

function climb(
  chain: Certificate[],
  others: readonly Certificate[],
  anchors: readonly Certificate[],
  attempts: { left: number },
): Certificate[] | undefined {
  const current = chain.at(-1);
  if (current === undefined) return undefined;
  const tryIssuer = (issuer: Certificate): boolean =>
    sameBytes(issuer.subjectDer, current.issuerDer) && attempts.left-- > 0 && isIssuedBy(current, issuer);
  const anchor = anchors.find(tryIssuer);
  if (anchor !== undefined) return [...chain, anchor];
  if (chain.length >= longestPath) return undefined;
  for (const other of others) {
    if (chain.includes(other) || !tryIssuer(other)) continue;
    const longer = climb([...chain, other], others, anchors, attempts);
    if (longer !== undefined) return longer;
  }
  return undefined;
}

/** From this certificate as far up as the others lead, the last of them included: no anchor is asked for. */
export function chainAbove(signer: Certificate, others: readonly Certificate[]): Certificate[] {
  const chain = [signer];
  for (let current = signer; chain.length < longestPath; ) {
    const below = current;
    const issuer = others.find(
      (other) =>
        !chain.includes(other) && sameBytes(other.subjectDer, below.issuerDer) && isIssuedBy(below, other),
    );
    if (issuer === undefined) break;
    chain.push(issuer);
    current = issuer;
  }
  return chain;
}

// `index` authorities and one signer stand below the certificate at `index` + 1.
function judge(certificate: Certificate, index: number, at: Date): PathProblem[] {
  const problems: PathProblem[] = [];
  if (at > certificate.notAfter) problems.push("certificate_expired");
  if (at < certificate.notBefore) problems.push("certificate_not_yet_valid");
  if (certificate.unknownCritical.length > 0) problems.push("critical_extension");
  if (!strongEnough(certificate.publicKey)) problems.push("key_too_weak");
  if (index === 0) {
    const uses = certificate.keyUsage;
    if (uses !== undefined && !uses.includes("digitalSignature") && !uses.includes("nonRepudiation")) {
      problems.push("key_usage");
    }
    return problems;
  }
  if (!certificate.isCa) problems.push("issuer_not_authority");
  if (certificate.keyUsage?.includes("keyCertSign") === false) problems.push("key_usage");
  if (certificate.pathLength !== undefined && index - 1 > certificate.pathLength)
    problems.push("path_too_long");
  return problems;
}
