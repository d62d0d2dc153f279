import { PdfRefused } from "./refused.ts";
import { nameOf, type PdfStream } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

/**
 * Refuses (`pdf_external_content`) a stream whose data are in another file (ISO 32000-2, table 5, /F), and a form that
 * shows a page of another file (8.10.4, /Ref): what is seen would not be what is signed.
 */
export function refuseExternalStream(view: PdfView, { dict: { entries } }: PdfStream): void {
  // Since PDF 1.2 /F of a stream is a file specification, whatever it is written as.
  if (view.resolve(entries.get("F")) !== null)
    throw new PdfRefused("pdf_external_content", "a stream whose data are in another file");
  if (nameOf(view.resolve(entries.get("Subtype"))) !== "Form") return;
  if (view.resolve(entries.get("Ref")) !== null)
    throw new PdfRefused("pdf_external_content", "a form that shows a page of another file");
}
