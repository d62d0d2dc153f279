import { areAccounted } from "../cms/check.ts";
import { checkTimestampToken } from "../cms/timestamp/check.ts";
import type { TimestampToken } from "../cms/timestamp/token.ts";
import type { Certificate } from "../x509/certificate.ts";
import { sameBytes } from "../x509/der-reader.ts";
import type { DigestName } from "../x509/signature-algorithm.ts";
import type { Knowledge } from "./knowledge.ts";
import type { TimestampFacts } from "./report.ts";
import { factsOfRevocation, revocationIn } from "./revocation.ts";

/** A timestamp token judged. `isSound`: all is right but, perhaps, the trust in its authority. */
export interface JudgedTimestamp {
  facts: TimestampFacts;
  isSound: boolean;
  time: Date;
  signer: Certificate | undefined;
}

// What says nothing against the token itself.
const trustProblems: ReadonlySet<string> = new Set([
  "no_certificate_chain_found",
  "chain_untrusted",
  "certificate_expired",
  "certificate_not_yet_valid",
]);

/**
 * Judges a token over what `digestOf` gives, its authority's certificate as of `at`, a time at which the token is known
 * to have existed; without, as of the time that it says itself.
 */
export function judgeTimestamp(
  token: TimestampToken,
  digestOf: (algorithm: DigestName) => Uint8Array | undefined,
  anchors: readonly Certificate[],
  knowledge: Knowledge,
  at: Date | undefined,
): JudgedTimestamp {
  const judgedAt = at ?? token.genTime;
  const check = checkTimestampToken(token, digestOf, anchors, knowledge.certificates, judgedAt);
  const problems: string[] = [...check.problems];
  const { certificatesDer, otherUnsigned, timestampsDer } = token.signedData;
  const known = [...knowledge.certificates, ...anchors];
  const own = known.filter(({ der }) => certificatesDer.some((one) => sameBytes(one, der)));
  const isWhole = own.length >= certificatesDer.length && areAccounted(own, check.chain, known);
  if (check.chain.length > 1 && !isWhole) problems.push("certificate_unaccounted");
  if (otherUnsigned.length + timestampsDer.length > 0) problems.push("unsigned_attribute_unknown");
  const revocation = revocationIn(check.chain, knowledge, judgedAt);
  if (revocation.worst !== undefined) problems.push(revocation.worst);
  return {
    facts: {
      at: token.genTime.getTime(),
      tsa: check.signer?.subject.commonName ?? check.signer?.subject.organization ?? "",
      problems,
      isProof: problems.length === 0,
      revocation: factsOfRevocation(revocation.own),
    },
    isSound: problems.every((problem) => trustProblems.has(problem)),
    time: token.genTime,
    signer: check.signer,
  };
}
