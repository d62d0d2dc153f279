/** Why a PDF is refused: stable codes, listed in docs/errors.md. */
export type PdfRefusalCode =
  | "not_a_pdf"
  | "pdf_truncated"
  | "pdf_trailing_data"
  | "pdf_encrypted"
  | "pdf_damaged"
  | "pdf_too_large"
  | "pdf_too_many_pages"
  | "pdf_too_many_revisions"
  | "pdf_too_many_objects"
  | "pdf_too_deep"
  | "pdf_active_content"
  | "pdf_embedded_files"
  | "pdf_certified_no_changes"
  | "pdf_signature_broken"
  | SigningRefusalCode;

/** Why a signature can't be made as it was asked for, in a document that could have another. */
export type SigningRefusalCode =
  | "field_missing"
  | "field_taken"
  | "field_read_only"
  | "field_seed_value"
  | "page_missing"
  | "box_outside_page"
  | "logo_unsupported"
  | "certify_not_first";

/** Thrown for a PDF that we will not read or sign; `detail` is for logs and holds no text of the document. */
export class PdfRefused extends Error {
  readonly code: PdfRefusalCode;
  readonly detail: string;

  constructor(code: PdfRefusalCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.name = "PdfRefused";
    this.code = code;
    this.detail = detail;
  }
}

/** A `PdfRefused` with the code `pdf_damaged`. */
export function damaged(detail: string, options?: ErrorOptions): PdfRefused {
  return new PdfRefused("pdf_damaged", detail, options);
}
