import { malformed } from "../cms/check.ts";
import { readSignedData, type SignedData, splitContents } from "../cms/signed-data.ts";
import { readTimestampToken, type TimestampToken } from "../cms/timestamp/token.ts";
import type { SignedRange } from "../digests.ts";
import type { PdfSignature } from "../pdf/signatures.ts";
import type { PdfSource } from "../pdf/source.ts";
import { DerError } from "../x509/der-reader.ts";
import { changeProblems, type ReportProblem } from "./problems.ts";

/** A signature or a document timestamp taken apart, and the bytes that it is over; what is absent cannot be read. */
export interface Reading {
  signature: PdfSignature;
  problems: ReportProblem[];
  cms?: SignedData;
  /** Its own token: a document timestamp, or that in a signature's unsigned attribute. */
  token?: TimestampToken;
  range?: SignedRange;
}

const checkedSubFilters = ["ETSI.CAdES.detached", "adbe.pkcs7.detached"];

/** ISO 32000-2, 12.8.5: the format that makes a signature dictionary a document timestamp. */
export const timestampSubFilter = "ETSI.RFC3161";

/** Takes one apart; never throws on what it holds. */
export function readOne(signature: PdfSignature, source: PdfSource): Reading {
  const problems: ReportProblem[] = [...signature.problems, ...changeProblems(signature)];
  const isTimestamp = signature.subFilter === timestampSubFilter;
  if (!isTimestamp && !checkedSubFilters.includes(signature.subFilter)) {
    return { signature, problems: [...problems, "subfilter_unsupported"] };
  }
  if (signature.problems.length > 0) return { signature, problems };
  const [, gapStart = 0, gapEnd = 0, rest = 0] = signature.byteRange;
  if (!isCanonical(source.read(gapStart, gapEnd - gapStart))) problems.push("contents_not_canonical");
  try {
    const { cms: der, isDer, zeroPadded } = splitContents(signature.contents);
    if (!isDer) problems.push("cms_not_der");
    if (!zeroPadded) problems.push("padding_not_zero");
    const range = { gapStart, gapEnd, end: gapEnd + rest };
    if (isTimestamp) {
      const token = readTimestampToken(der);
      const algorithm = token.imprint.algorithm ?? "sha256";
      return { signature, problems, token, range: { ...range, algorithm } };
    }
    const cms = readSignedData(der);
    const token = ownToken(cms, problems);
    return {
      signature,
      problems,
      cms,
      ...(token !== undefined && { token }),
      range: { ...range, algorithm: cms.digest ?? "sha256" },
    };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { signature, problems: [...problems, ...malformed().problems] };
  }
}

// EN 319 122-1 §5.3 lets a signature have several: one is enough, and all that could be checked of the others is more time.
function ownToken(cms: SignedData, problems: ReportProblem[]): TimestampToken | undefined {
  const [der, second] = cms.timestampsDer;
  try {
    if (second !== undefined) problems.push("timestamp_invalid");
    return der === undefined ? undefined : readTimestampToken(der);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    problems.push("timestamp_invalid");
    return undefined;
  }
}

/** The CMSs that it holds. */
export function cmsOf({ cms, token }: Reading): SignedData[] {
  return [cms, token?.signedData].flatMap((one) => one ?? []);
}

/** Where the bytes that a signature covers end. */
export function endOf({ signature }: Reading): number {
  return (signature.byteRange[2] ?? 0) + (signature.byteRange[3] ?? 0);
}

/**
 * Whether the gap is `<`, pairs of hexadecimal digits in one case, `>`. No digest covers it: a digit turned into a
 * blank, or into its other case, would pass for the same string.
 */
function isCanonical(gap: Uint8Array): boolean {
  const text = Buffer.from(gap.buffer, gap.byteOffset, gap.byteLength).toString("latin1");
  return text.length % 2 === 0 && /^<(?:[0-9a-f]*|[0-9A-F]*)>$/.test(text);
}
