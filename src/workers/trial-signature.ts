import { PdfRefused } from "./pdf/refused.ts";
import { prepareSignature } from "./pdf/revision.ts";
import { appendedSource } from "./pdf/source.ts";
import type { PdfTail } from "./pdf/tail.ts";
import { verifySource } from "./verify-document.ts";

/**
 * Throws `PdfRefused` for a document that could not be signed, by doing so in memory, with no key: what is accepted
 * here is what signing and its read-back accept. `pdf_signature_broken`: a signature that it has is proven wrong, or
 * does not survive what followed it; one that is only undecided (its root, its algorithm) is no obstacle.
 */
export function refuseUnsignable(pdf: PdfTail): void {
  const { tail } = prepareSignature(pdf, { signingTime: new Date(0), contentsBytes: 1 });
  const report = verifySource(appendedSource(pdf.source, tail), { trustDer: [] });
  const [problem] = report.problems;
  if (problem !== undefined) throw new PdfRefused("pdf_damaged", `once signed: ${problem}`);
  const own = report.signatures.filter(({ coversWholeFile }) => coversWholeFile);
  // Its CMS is missing, of course; its place and its range must be right.
  const faults = own.flatMap(({ problems }) => problems).filter((code) => code !== "cms_malformed");
  if (own.length !== 1 || faults.length > 0)
    throw new PdfRefused("pdf_damaged", `once signed: ${faults.join()}`);
  for (const { coversWholeFile, verdict, problems } of report.signatures) {
    if (!coversWholeFile && verdict === "TOTAL-FAILED") {
      throw new PdfRefused("pdf_signature_broken", problems.join());
    }
  }
}
