import { checkTimestampToken } from "../workers/cms/timestamp/check.ts";
import { readTimestampToken } from "../workers/cms/timestamp/token.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { DerError } from "../workers/x509/der-reader.ts";
import { type InclusionProof, provenDigest } from "./inclusion.ts";
import type { Check } from "./judge-file.ts";
import type { ExportedRecord } from "./record.ts";

/** Whether the proof that a record carries holds, and for how many of its events. */
export function judgeInclusion(record: ExportedRecord, trustDer: readonly Uint8Array[]): Check {
  const { inclusion, events, collecte } = record;
  if (inclusion === undefined) return { check: "inclusion", problems: [], open: ["no_inclusion_proof"] };
  const digest = provenDigest(inclusion);
  if (digest === undefined) return { check: "inclusion", problems: ["path_broken"] };
  const end = events.findLastIndex(({ version }) => version === inclusion.version);
  const isOurs = inclusion.actorId === collecte.id && events[end]?.hash === inclusion.head;
  const later = events.length - end - 1;
  return {
    check: "inclusion",
    problems: [...(isOurs ? [] : ["head_not_in_record"]), ...tokenProblems(inclusion, digest, trustDer)],
    ...(later > 0 && { open: [`${later}_events_after_the_root`] }),
  };
}

/** What is wrong with the timestamp token over this digest; a token that is not there yet can't be judged. */
export function tokenProblems(
  { token }: Pick<InclusionProof, "token">,
  digest: Uint8Array,
  trustDer: readonly Uint8Array[],
): string[] {
  if (token === undefined) return ["token_missing"];
  try {
    const read = readTimestampToken(Buffer.from(token, "base64"));
    const anchors = trustDer.map((der) => readCertificate(der));
    return checkTimestampToken(
      read,
      (algorithm) => (algorithm === "sha256" ? digest : undefined),
      anchors,
      [],
    ).problems;
  } catch (error) {
    if (error instanceof DerError) return ["token_malformed"];
    throw error;
  }
}
