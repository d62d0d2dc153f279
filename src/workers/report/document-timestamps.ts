import type { Certificate } from "../x509/certificate.ts";
import type { Knowledge } from "./knowledge.ts";
import { endOf, type Reading } from "./reading.ts";
import type { DocumentTimestampReport } from "./report.ts";
import type { DocumentProof } from "./signature-report.ts";
import { judgeTimestamp } from "./timestamps.ts";
import { indicationOf, verdictOf } from "./verdict.ts";

/** The document timestamps judged, in the order given, and those of them that can be read, as proofs. */
export interface JudgedDocumentTimestamps {
  reports: DocumentTimestampReport[];
  proofs: (DocumentProof & { reading: Reading })[];
}

/**
 * Judges the document timestamps, last first: each proves that those which it covers existed by then, so that their
 * authorities' certificates may have run out since (EN 319 102-1 §5.6.2.1). Readings come by the end of what they cover.
 */
export function judgeDocumentTimestamps(
  readings: readonly { reading: Reading; digest: Uint8Array | undefined }[],
  anchors: readonly Certificate[],
  knowledge: Knowledge,
  at: Date | undefined,
): JudgedDocumentTimestamps {
  const reports: DocumentTimestampReport[] = [];
  const proofs: JudgedDocumentTimestamps["proofs"] = [];
  let provenBy = at;
  for (const { reading, digest } of readings.toReversed()) {
    const { token, signature } = reading;
    const digestOf = (algorithm: string) => (algorithm === reading.range?.algorithm ? digest : undefined);
    const judged =
      token === undefined ? undefined : judgeTimestamp(token, digestOf, anchors, knowledge, provenBy);
    const problems = [...reading.problems, ...(judged?.facts.problems ?? [])];
    const indication = indicationOf(problems);
    if (judged !== undefined && reading.problems.length === 0) {
      proofs.unshift({ judged, end: endOf(reading), reading });
      if (judged.facts.isProof) provenBy = judged.time;
    }
    reports.unshift({
      fieldName: signature.fieldName,
      at: judged?.facts.at ?? 0,
      tsa: judged?.facts.tsa ?? "",
      isProof: verdictOf(indication) === "TOTAL-PASSED",
      revocation: judged?.facts.revocation ?? { status: "unknown" },
      verdict: verdictOf(indication),
      indication,
      problems,
      coversWholeFile: signature.coversWholeFile,
      changedAfter: signature.changedAfter,
    });
  }
  return { reports, proofs };
}
