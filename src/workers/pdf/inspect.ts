import { refuseUnsignable } from "../trial-signature.ts";
import { type ContentAllowance, refuseDocumentContent, refusePageContent } from "./content-policy.ts";
import { refuseDuplicateObjects } from "./duplicates.ts";
import { signatureFieldsOf } from "./fields.ts";
import { refuseHiddenLayers } from "./layers.ts";
import { catalogOf, pagesOf } from "./pages.ts";
import { damaged, type PdfRefusalCode, PdfRefused } from "./refused.ts";
import type { PdfSource } from "./source.ts";
import { surveyObjects } from "./survey.ts";
import { isWhite } from "./syntax/bytes.ts";
import { as, type PdfDict } from "./syntax/objects.ts";
import { openPdf, type PdfTail } from "./tail.ts";
import type { PdfView } from "./view.ts";

/** What an upload may be at most, and whether files may be embedded in it. */
export interface InspectionLimits {
  readonly maxBytes: number;
  readonly maxPages: number;
  readonly allowEmbeddedFiles?: boolean;
}

/** Why an upload is not accepted: the document's own fault, or that it could not be looked at to the end. */
export type InspectionCode = PdfRefusalCode | "pdf_inspection_timeout" | "pdf_inspection_failed";

/** A file that was written anew: what was found is true of these bytes, not of the upload's. */
export interface Rewritten {
  readonly sha256: string;
  readonly bytes: number;
}

/** What an inspection found: `revisions` and `signatures` (fields with a value) are counts. */
export type Inspection =
  | {
      readonly ok: true;
      readonly pages: number;
      readonly revisions: number;
      readonly signatures: number;
      readonly rewritten?: Rewritten;
    }
  | { readonly ok: false; readonly code: InspectionCode; readonly detail: string };

const MAX_OBJECTS = 200_000;
const MAX_REVISIONS = 64;
const BLOCK_BYTES = 65_536;
const EOF_MARK = "%%EOF";

/** Reads an unknown file as far as our policy needs; answers with a refusal rather than throwing one. */
export function inspectPdf(source: PdfSource, limits: InspectionLimits): Inspection {
  try {
    if (source.size > limits.maxBytes) throw new PdfRefused("pdf_too_large", `over ${limits.maxBytes} bytes`);
    const head = Buffer.from(source.read(0, 5)).toString("latin1");
    if (head !== "%PDF-") throw new PdfRefused("not_a_pdf", "no %PDF- at byte 0");
    refuseOddEnd(source);
    const pdf = openPdf(source);
    refuseTooManyObjects(pdf);
    const allowance = { embeddedFiles: limits.allowEmbeddedFiles === true };
    const pages = refuseBadPages(pdf.latest, limits.maxPages, allowance);
    refuseDocumentContent(pdf.latest, allowance);
    if (pdf.revisions.length > MAX_REVISIONS)
      throw new PdfRefused("pdf_too_many_revisions", `over ${MAX_REVISIONS} revisions`);
    const catalog = catalogOf(pdf.latest);
    refuseHiddenLayers(pdf.latest, catalog.dict);
    // A signature that is broken is the truer reason than what broke it.
    refuseUnsignable(pdf);
    surveyObjects(pdf.latest, catalog.ref);
    refuseDuplicateObjects(pdf);
    let signatures = 0;
    for (const { value } of signatureFieldsOf(pdf.latest))
      if (pdf.latest.dict(value) !== undefined) signatures++;
    return { ok: true, pages, revisions: pdf.revisions.length, signatures };
  } catch (error) {
    if (error instanceof PdfRefused) return { ok: false, code: error.code, detail: error.detail };
    throw error;
  }
}

function refuseOddEnd(source: PdfSource): void {
  const eof = lastEof(source);
  if (eof === undefined) throw new PdfRefused("pdf_truncated", "no %%EOF");
  for (let at = eof; at < source.size; at += BLOCK_BYTES) {
    const block = source.read(at, BLOCK_BYTES);
    const found = block.findIndex((byte) => !isWhite(byte));
    if (found === -1) continue;
    // Objects after the last %%EOF are the beginning of a revision that breaks off.
    const rest = Buffer.from(source.read(at + found, 64)).toString("latin1");
    if (/^(\d+\s+\d+\s+obj\b|xref\b)/.test(rest))
      throw new PdfRefused("pdf_truncated", "a revision without %%EOF");
    throw new PdfRefused("pdf_trailing_data", "data after the last %%EOF");
  }
}

function lastEof(source: PdfSource): number | undefined {
  for (let end = source.size; end > 0; end -= BLOCK_BYTES - EOF_MARK.length) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const found = Buffer.from(source.read(start, end - start)).lastIndexOf(EOF_MARK);
    if (found !== -1) return start + found + EOF_MARK.length;
    if (start === 0) break;
  }
  return undefined;
}

function refuseTooManyObjects(pdf: PdfTail): void {
  if (pdf.latest.limit() > MAX_OBJECTS) {
    throw new PdfRefused("pdf_too_many_objects", `object numbers over ${MAX_OBJECTS}`);
  }
  for (const section of pdf.sections) {
    for (const num of section.numbers()) {
      const entry = section.find(num);
      if (entry?.kind === "offset" && entry.offset >= pdf.source.size) {
        throw new PdfRefused("pdf_truncated", `object ${num} is beyond the end`);
      }
    }
  }
}

function refuseBadPages(view: PdfView, maxPages: number, allowance: ContentAllowance): number {
  let count = 0;
  for (const { dict } of pagesOf(view)) {
    if (++count > maxPages) throw new PdfRefused("pdf_too_many_pages", `over ${maxPages} pages`);
    refuseBadContents(view, dict);
    refusePageContent(view, dict, allowance);
  }
  if (count === 0) throw damaged("no page");
  return count;
}

function refuseBadContents(view: PdfView, page: PdfDict): void {
  const value = page.entries.get("Contents");
  const contents = view.resolve(value);
  for (const item of as(contents, "array")?.items ?? [contents]) {
    const resolved = view.resolve(item);
    if (resolved !== null && as(resolved, "stream") === undefined)
      throw damaged("page contents that are no stream");
  }
}
