import { type CmsCheck, type CmsProblem, checkParsed, malformed } from "./cms/check.ts";
import { readSignedData, type SignedData, splitContents } from "./cms/signed-data.ts";
import { digestRanges, type SignedRange } from "./digests.ts";
import { withDocument } from "./open-document.ts";
import { PdfRefused } from "./pdf/refused.ts";
import { type PdfSignature, readSignatures, type SignatureProblem } from "./pdf/signatures.ts";
import type { PdfSource } from "./pdf/source.ts";
import { openPdf } from "./pdf/tail.ts";
import { type Certificate, readCertificate } from "./x509/certificate.ts";
import { DerError } from "./x509/der-reader.ts";

/** EN 319 102-1 §5.1.3. */
export type Verdict = "TOTAL-PASSED" | "INDETERMINATE" | "TOTAL-FAILED";

/** Anything that can be said against one signature, each a stable code. */
export type ReportProblem =
  | CmsProblem
  | SignatureProblem
  | "changed_after_signing"
  | "shown_after_signing"
  | "cms_not_der"
  | "contents_not_canonical"
  | "padding_not_zero"
  | "subfilter_unsupported";

/** One signature or seal, judged. `level` is "unknown" when it is not a PAdES baseline signature. */
export interface SignatureReport {
  fieldName: string;
  kind: "signature" | "seal";
  signer: { commonName: string; organization?: string };
  /** Milliseconds since 1970, as the signer claims it: level B-B proves no time. */
  signedAt?: number;
  level: "B-B" | "unknown";
  verdict: Verdict;
  problems: ReportProblem[];
  coversWholeFile: boolean;
  changedAfter: PdfSignature["changedAfter"];
  certificate?: { serialHex: string; notBefore: number; notAfter: number; sha256: string; issuer: string };
}

/** A document judged: as bad as its worst signature. `problems` are those of the document itself, by stable code. */
export interface VerifyReport {
  bytes: number;
  sha256: string;
  signatures: SignatureReport[];
  verdict: Verdict;
  problems: string[];
}

/** Whom to trust, and as of when (milliseconds since 1970) instead of each signature's claimed time. */
export interface VerifyOptions {
  trustDer: readonly Uint8Array[];
  at?: number;
}

const mostSignatures = 256;

/**
 * Checks all signatures of a PDF in one pass over its bytes. Never throws: a file that cannot be read or judged is
 * INDETERMINATE, with the cause among `problems`.
 */
export function verifyDocument(path: string, options: VerifyOptions): VerifyReport {
  try {
    return withDocument(path, ({ source }) => verifySource(source, options));
  } catch (error) {
    const problem = error instanceof Error && "syscall" in error ? "document_unreadable" : "internal_error";
    return { bytes: 0, sha256: "", signatures: [], verdict: "INDETERMINATE", problems: [problem] };
  }
}

/** As `verifyDocument`, on a source; throws what reading the source throws. */
export function verifySource(source: PdfSource, options: VerifyOptions): VerifyReport {
  const found = findSignatures(source);
  const anchors = options.trustDer.map(readCertificate);
  const readings = found.signatures.map((signature) => read(signature, source));
  const ranges = readings.flatMap(({ range }) => range ?? []);
  const digests = digestRanges(source, ranges);
  const reports = readings.map((reading) => {
    const digest = reading.range === undefined ? undefined : digests.ranges[ranges.indexOf(reading.range)];
    return report(reading, digest, anchors, options.at);
  });
  const problems = [...found.problems, ...judgeEnd(found.signatures)];
  return {
    bytes: source.size,
    sha256: digests.sha256,
    signatures: reports,
    verdict: worst([
      ...reports.map(({ verdict }) => verdict),
      ...problems.map((): Verdict => "INDETERMINATE"),
    ]),
    problems,
  };
}

function findSignatures(source: PdfSource): { signatures: PdfSignature[]; problems: string[] } {
  try {
    const signatures = readSignatures(openPdf(source));
    if (signatures.length === 0) return { signatures, problems: ["no_signature"] };
    if (signatures.length > mostSignatures) return { signatures: [], problems: ["too_many_signatures"] };
    return { signatures, problems: [] };
  } catch (error) {
    if (error instanceof PdfRefused) return { signatures: [], problems: [error.code] };
    throw error;
  }
}

// A revision that only adds unsigned signature fields changes nothing that was signed, but nobody vouches for it.
function judgeEnd(signatures: readonly PdfSignature[]): string[] {
  const last = signatures.at(-1);
  if (last === undefined || signatures.some(({ coversWholeFile }) => coversWholeFile)) return [];
  return last.changedAfter === "nothing" ? [] : ["unsigned_revision_after"];
}

interface Reading {
  signature: PdfSignature;
  problems: ReportProblem[];
  cms?: SignedData;
  range?: SignedRange;
}

const checkedSubFilters = ["ETSI.CAdES.detached", "adbe.pkcs7.detached"];

function read(signature: PdfSignature, source: PdfSource): Reading {
  const problems: ReportProblem[] = [...signature.problems];
  if (signature.changedAfter === "other") problems.push("changed_after_signing");
  if (signature.changedAfter === "signatures-shown") problems.push("shown_after_signing");
  if (!checkedSubFilters.includes(signature.subFilter)) {
    return { signature, problems: [...problems, "subfilter_unsupported"] };
  }
  if (signature.problems.length > 0) return { signature, problems };
  const [, gapStart = 0, gapEnd = 0, rest = 0] = signature.byteRange;
  if (!isCanonical(source.read(gapStart, gapEnd - gapStart))) problems.push("contents_not_canonical");
  try {
    const { cms, isDer, zeroPadded } = splitContents(signature.contents);
    if (!isDer) problems.push("cms_not_der");
    if (!zeroPadded) problems.push("padding_not_zero");
    const signedData = readSignedData(cms);
    const range = { algorithm: signedData.digest ?? "sha256", gapStart, gapEnd, end: gapEnd + rest };
    return { signature, problems, cms: signedData, range };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { signature, problems: [...problems, ...malformed().problems] };
  }
}

/**
 * Whether the gap is `<`, pairs of hexadecimal digits in one case, `>`. No digest covers it: a digit turned into a
 * blank, or into its other case, would pass for the same string.
 */
function isCanonical(gap: Uint8Array): boolean {
  const text = Buffer.from(gap.buffer, gap.byteOffset, gap.byteLength).toString("latin1");
  return text.length % 2 === 0 && /^<(?:[0-9a-f]*|[0-9A-F]*)>$/.test(text);
}

function report(
  { signature, problems, cms }: Reading,
  digest: Uint8Array | undefined,
  anchors: readonly Certificate[],
  at: number | undefined,
): SignatureReport {
  // Level B-B holds no proof of when it was made: without `at`, certificates are judged at the time the signer
  // claims in /M, which only shows that the signature is coherent with itself (EN 319 102-1 §5.3.4, note).
  const judgedAt = at === undefined ? (signature.signedAt ?? new Date()) : new Date(at);
  const check =
    cms !== undefined && digest !== undefined ? checkParsed(cms, digest, anchors, judgedAt) : undefined;
  const all = [...problems, ...(check?.problems ?? [])];
  const { signer } = check ?? {};
  const organization = signer?.subject.organization;
  return {
    fieldName: signature.fieldName,
    kind: check?.kind ?? "signature",
    signer: {
      commonName: signer?.subject.commonName ?? "",
      ...(organization !== undefined && { organization }),
    },
    ...(signature.signedAt !== undefined && { signedAt: signature.signedAt.getTime() }),
    level: isBaseline(signature, check) ? "B-B" : "unknown",
    verdict: worst(all.map((problem) => (undecided.has(problem) ? "INDETERMINATE" : "TOTAL-FAILED"))),
    problems: all,
    coversWholeFile: signature.coversWholeFile,
    changedAfter: signature.changedAfter,
    ...(signer !== undefined && { certificate: factsOf(signer) }),
  };
}

function factsOf({ serialHex, notBefore, notAfter, sha256, issuer }: Certificate) {
  return {
    serialHex,
    notBefore: notBefore.getTime(),
    notAfter: notAfter.getTime(),
    sha256,
    issuer: issuer.commonName ?? issuer.organization ?? "",
  };
}

// EN 319 142-1 §6.3: what B-B demands of the dictionary and of the signed attributes.
function isBaseline(signature: PdfSignature, check: CmsCheck | undefined): boolean {
  if (signature.subFilter !== "ETSI.CAdES.detached" || signature.signedAt === undefined) return false;
  if (check?.signer === undefined || check.hasSigningTime) return false;
  return !check.problems.some((problem) => problem === "ess_missing" || problem === "attributes_missing");
}

// What leaves a signature undecided for want of knowledge; all the rest is proof against it (EN 319 102-1 table 5, 6).
const undecided: ReadonlySet<ReportProblem> = new Set<ReportProblem>([
  // A later signature is painted on what this one covers: only a reader can say whether over something.
  "shown_after_signing",
  "cms_not_der",
  "no_certificate_chain_found",
  "chain_untrusted",
  "certificate_expired",
  "certificate_not_yet_valid",
  "issuer_not_authority",
  "path_too_long",
  "key_usage",
  "critical_extension",
  "key_too_weak",
  "algorithm_unsupported",
  "signer_certificate_missing",
  "signer_count",
  "ess_missing",
  "subfilter_unsupported",
]);

function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("TOTAL-FAILED")) return "TOTAL-FAILED";
  return verdicts.includes("INDETERMINATE") ? "INDETERMINATE" : "TOTAL-PASSED";
}
