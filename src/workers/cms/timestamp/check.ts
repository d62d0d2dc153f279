import { createHash } from "node:crypto";
import type { Certificate } from "../../x509/certificate.ts";
import { DerError, sameBytes } from "../../x509/der-reader.ts";
import { cmsOids, keyPurposeOids } from "../../x509/oids.ts";
import { findPath } from "../../x509/path.ts";
import type { DigestName } from "../../x509/signature-algorithm.ts";
import { type CmsProblem, checkSigner } from "../check.ts";
import { checkEssOfTimestamp } from "../ess.ts";
import type { TimestampToken } from "./token.ts";

/** What can be wrong with a timestamp, each a stable code. */
export type TimestampProblem =
  | CmsProblem
  | "imprint_mismatch"
  | "imprint_unsupported"
  | "not_for_timestamping";

/** A timestamp judged. */
export interface TimestampCheck {
  /** None: what it is over existed at `genTime`, if the anchor is trusted. */
  problems: TimestampProblem[];
  genTime: Date;
  /** The timestamp unit's certificate, when the token has one that can be read. */
  signer?: Certificate;
  /** From the unit's certificate to the anchor's; the unit's alone when no path was found. */
  chain: Certificate[];
}

/**
 * Checks a token: that it is over what `digestOf` gives (undefined: that algorithm is not at hand), its signature, its
 * ESS attribute, that its certificate is for timestamps alone, and the path over its own certificates and `others` to
 * one of `anchors`, as of genTime or of `at`. Revocation is not looked at. Never throws on what the token holds.
 */
export function checkTimestampToken(
  token: TimestampToken,
  digestOf: (algorithm: DigestName) => Uint8Array | undefined,
  anchors: readonly Certificate[],
  others: readonly Certificate[],
  at: Date = token.genTime,
): TimestampCheck {
  try {
    const problems: TimestampProblem[] = checkImprint(token, digestOf);
    const { signer, chain, ...signed } = checkSignature(token, anchors, others, at);
    problems.push(...signed.problems);
    return { problems, genTime: token.genTime, ...(signer !== undefined && { signer }), chain };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { problems: ["cms_malformed"], genTime: token.genTime, chain: [] };
  }
}

function checkImprint(
  { imprint }: TimestampToken,
  digestOf: (algorithm: DigestName) => Uint8Array | undefined,
): TimestampProblem[] {
  const own = imprint.algorithm && digestOf(imprint.algorithm);
  if (own === undefined) return ["imprint_unsupported"];
  return sameBytes(own, imprint.digest) ? [] : ["imprint_mismatch"];
}

function checkSignature(
  { signedData, content, unknownCritical }: TimestampToken,
  anchors: readonly Certificate[],
  others: readonly Certificate[],
  at: Date,
): Omit<TimestampCheck, "genTime"> {
  const digest = createHash(signedData.digest ?? "sha256")
    .update(content)
    .digest();
  const { problems, signer, certificates } = checkSigner(
    signedData,
    { type: cmsOids.tstInfo, digest },
    checkEssOfTimestamp,
  );
  const all: TimestampProblem[] = [...problems];
  if (unknownCritical.length > 0) all.push("critical_extension");
  if (signer === undefined) return { problems: all, chain: [] };
  if (!isForTimestamps(signer)) all.push("not_for_timestamping");
  const path = findPath(signer, [...certificates, ...others], anchors, at);
  all.push(...path.problems);
  return { problems: [...new Set(all)], signer, chain: path.chain };
}

/** RFC 3161 §2.3: the purpose timeStamping, alone, in a critical extension. */
function isForTimestamps({ extendedKeyUsage }: Certificate): boolean {
  const { purposes = [], isCritical = false } = extendedKeyUsage ?? {};
  return isCritical && purposes.length === 1 && purposes[0] === keyPurposeOids.timeStamping;
}
