import type { ProblemKind } from "./problems.ts";

const unprocessable = (title: string, detail: string) => ({ status: 422, title, detail });

/** What the inspector, or the door before it, says of an upload; in French too (refusals-fr.ts). */
export const inspections = {
  not_a_pdf: unprocessable("This is not a PDF", "Send the file itself: it must begin with %PDF-."),
  pdf_truncated: unprocessable("The PDF is not whole", "Its end is missing: export or download it again."),
  pdf_trailing_data: unprocessable("Data follow the end of the PDF", "Export the document again."),
  pdf_encrypted: unprocessable(
    "The PDF is encrypted",
    "Remove its password and its protection, then send it again.",
  ),
  pdf_damaged: unprocessable("The PDF is damaged", "Export it again, or print it to a new PDF."),
  pdf_damaged_signed: unprocessable(
    "The PDF is damaged and has a signature",
    "Mending it would destroy the signature: ask its signers for the original.",
  ),
  pdf_signed: unprocessable(
    "The PDF has a signature already",
    "It can't be neutralised: send it without neutralise=true, or send the original without signatures.",
  ),
  pdf_too_many_pages: unprocessable("The PDF has too many pages", "Split it into several documents."),
  pdf_too_many_revisions: unprocessable(
    "The PDF was changed too often",
    "At most 64 revisions: export it again.",
  ),
  pdf_too_deep: unprocessable("The PDF is nested too deeply", "Export it again, or print it to a new PDF."),
  pdf_cyclic: unprocessable(
    "The PDF goes round in circles",
    "A part of the document contains itself: print it to a new PDF.",
  ),
  pdf_ambiguous: unprocessable(
    "The PDF can be read in two ways",
    "An object or a key stands in it twice: print it to a new PDF.",
  ),
  pdf_active_content: unprocessable(
    "The PDF has active content",
    "Remove scripts, actions that leave the document, forms in XFA, and media.",
  ),
  pdf_external_content: unprocessable(
    "A part of the PDF is in another file",
    "Take all content into the document, or print it to a new PDF.",
  ),
  pdf_hidden_layers: unprocessable(
    "The PDF has hidden layers",
    "Flatten its layers: all must be seen on the screen and in print.",
  ),
  pdf_embedded_files: unprocessable(
    "Files are embedded in the PDF",
    "Remove the attachments, or send them as documents.",
  ),
  pdf_inspection_timeout: unprocessable(
    "The PDF takes too long to read",
    "Export it again, or print it to a new PDF; the inspection has 15 seconds.",
  ),
  pdf_inspection_failed: unprocessable(
    "The PDF could not be read safely",
    "Export it again, or print it to a new PDF.",
  ),
  pdf_certified_no_changes: unprocessable(
    "The PDF forbids any signature but the one it has",
    "Its author certified it against every change: ask them for a copy that isn't certified.",
  ),
  pdf_signature_broken: unprocessable(
    "A signature that the PDF has doesn't check, or the PDF was changed after it",
    "Ask its signers for the document as they signed it, or send the document without signatures.",
  ),
  pdf_too_large: unprocessable(
    "The PDF is too large once it is unpacked",
    "Make it smaller (images!), or print it to a new PDF.",
  ),
  pdf_too_many_objects: unprocessable(
    "The PDF has too many objects",
    "Export it again, or split it into several documents.",
  ),
  document_too_large: {
    status: 413,
    title: "The document is too large",
    detail: "Make it smaller (images!) or split it; maxBytes says how much is taken.",
  },
} satisfies Record<string, ProblemKind>;

/** The codes that are explained in French as well. */
export type InspectionProblem = keyof typeof inspections;
