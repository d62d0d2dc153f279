import { digestRanges } from "./digests.ts";
import { withDocument } from "./open-document.ts";
import { PdfRefused } from "./pdf/refused.ts";
import { type PdfSignature, readSignatures } from "./pdf/signatures.ts";
import type { PdfSource } from "./pdf/source.ts";
import { openPdf, type PdfTail } from "./pdf/tail.ts";
import { judgeStart } from "./report/beginning.ts";
import { judgeDocumentTimestamps } from "./report/document-timestamps.ts";
import { judgeEnd } from "./report/ending.ts";
import { knowledgeOf } from "./report/knowledge.ts";
import { cmsOf, readOne, timestampSubFilter } from "./report/reading.ts";
import type { VerifyOptions, VerifyReport } from "./report/report.ts";
import { reportOn } from "./report/signature-report.ts";
import { indicationOfDocument, verdictOf, worstOf } from "./report/verdict.ts";
import { readCertificate } from "./x509/certificate.ts";

export type { ReportProblem } from "./report/problems.ts";
export type {
  DocumentTimestampReport,
  SignatureReport,
  VerifyOptions,
  VerifyReport,
} from "./report/report.ts";
export type { Verdict } from "./report/verdict.ts";

const mostSignatures = 256;

/**
 * Checks all signatures of a PDF in one pass over its bytes. Never throws: a file that cannot be read or judged is
 * INDETERMINATE, with the cause among `problems`.
 */
export function verifyDocument(path: string, options: VerifyOptions): VerifyReport {
  try {
    return withDocument(path, ({ source }) => verifySource(source, options));
  } catch (error) {
    return unjudged(error instanceof Error && "syscall" in error ? "document_unreadable" : "internal_error");
  }
}

/** The report on a document that could not be looked at, for this reason. */
export function unjudged(problem: string): VerifyReport {
  const indication = indicationOfDocument([problem]);
  const verdict = verdictOf(indication);
  return {
    bytes: 0,
    sha256: "",
    signatures: [],
    documentTimestamps: [],
    verdict,
    indication,
    problems: [problem],
  };
}

/** As `verifyDocument`, on a source; throws what reading the source throws. */
export function verifySource(source: PdfSource, options: VerifyOptions): VerifyReport {
  const { pdf, signatures: found, problems: unread } = findSignatures(source);
  const anchors = options.trustDer.map(readCertificate);
  const at = options.at === undefined ? undefined : new Date(options.at);
  const readings = found.map((signature) => readOne(signature, source));
  const ranges = readings.flatMap(({ range }) => range ?? []);
  const digests = digestRanges(source, ranges);
  const digested = readings.map((reading) => ({
    reading,
    digest: reading.range === undefined ? undefined : digests.ranges[ranges.indexOf(reading.range)],
  }));
  // Without timestamps, each signature is judged by what its own CMS holds, and by the store.
  const cms = readings.some(({ token }) => token !== undefined) ? readings.flatMap(cmsOf) : [];
  const knowledge = knowledgeOf(pdf?.latest, cms);
  const isTimestamp = ({ reading }: (typeof digested)[number]) =>
    reading.signature.subFilter === timestampSubFilter;
  const timestamps = judgeDocumentTimestamps(digested.filter(isTimestamp), anchors, knowledge, at);
  const last = timestamps.proofs.findLast(({ judged }) => judged.facts.isProof);
  const revision = pdf?.revisions[last?.reading.signature.revision ?? -1];
  const archived =
    last === undefined || pdf === undefined || revision === undefined
      ? undefined
      : { knowledge: knowledgeOf(pdf.view(revision.section), cms), end: last.end };
  const grounds = { anchors, at, knowledge, archived, documentProofs: timestamps.proofs };
  const signatures = digested
    .filter((one) => !isTimestamp(one))
    .map(({ reading, digest }) => reportOn(reading, digest, grounds));
  const problems = [
    ...unread,
    ...(pdf === undefined ? [] : [...judgeStart(pdf), ...judgeEnd(pdf, found, [...anchors], knowledge)]),
  ];
  const indication = worstOf([
    ...[...signatures, ...timestamps.reports].map((one) => one.indication),
    indicationOfDocument(problems),
  ]);
  return {
    bytes: source.size,
    sha256: digests.sha256,
    signatures,
    documentTimestamps: timestamps.reports,
    verdict: verdictOf(indication),
    indication,
    problems,
  };
}

function findSignatures(source: PdfSource): {
  pdf?: PdfTail;
  signatures: PdfSignature[];
  problems: string[];
} {
  try {
    const pdf = openPdf(source);
    const signatures = readSignatures(pdf);
    if (signatures.length === 0) return { signatures, problems: ["no_signature"] };
    if (signatures.length > mostSignatures) return { signatures: [], problems: ["too_many_signatures"] };
    return { pdf, signatures, problems: [] };
  } catch (error) {
    if (error instanceof PdfRefused) return { signatures: [], problems: [error.code] };
    throw error;
  }
}
