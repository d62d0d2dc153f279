import { RevisionDraft } from "./draft.ts";
import { type FieldRequest, placeField } from "./field.ts";
import { catalogOf } from "./pages.ts";
import { name, type PdfObject, string } from "./syntax/objects.ts";
import { encodeDate, encodeText } from "./syntax/text.ts";
import type { PdfTail } from "./tail.ts";
import { type PreparedRevision, TailWriter } from "./tail-writer.ts";

/** What a signature says of itself, and `contentsBytes`, the size of the CMS that must fit. */
export interface SignatureRequest extends FieldRequest {
  readonly signingTime: Date;
  readonly name?: string;
  readonly contentsBytes: number;
}

/** Thrown when a CMS is larger than the place kept for it. */
export class PlaceholderError extends Error {
  readonly neededBytes: number;
  readonly availableBytes: number;

  constructor(neededBytes: number, availableBytes: number) {
    super(`a CMS of ${neededBytes} bytes for a place of ${availableBytes}`);
    this.name = "PlaceholderError";
    this.neededBytes = neededBytes;
    this.availableBytes = availableBytes;
  }
}

/**
 * Makes the revision that signs the document as it stands: earlier bytes stay as they are. Throws `PdfRefused`
 * (`pdf_damaged`, `pdf_too_deep`, `pdf_certified_no_changes`, and what a stamp or a field can't be: `SigningRefusalCode`).
 */
export function prepareSignature(pdf: PdfTail, request: SignatureRequest): PreparedRevision {
  const view = pdf.latest;
  catalogOf(view);
  const draft = new RevisionDraft(view);
  const signature = draft.reserve();
  const entries = [...entriesOf(request), ...placeField(draft, signature, request)];
  const writer = new TailWriter(pdf, draft);
  return writer.endSigned(writer.signature(signature.num, entries, request.contentsBytes));
}

/** Writes the CMS in its place, in `tail`; throws `PlaceholderError` when it does not fit, and then writes nothing. */
export function fillContents(
  tail: Uint8Array,
  place: Pick<PreparedRevision, "contentsStart" | "contentsHexLength">,
  cms: Uint8Array,
): void {
  const availableBytes = place.contentsHexLength / 2;
  if (cms.length > availableBytes) throw new PlaceholderError(cms.length, availableBytes);
  const target = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  const digits = Buffer.from(cms.buffer, cms.byteOffset, cms.byteLength).toString("hex");
  target.write(digits, place.contentsStart + 1, "latin1");
}

function entriesOf({ signingTime, name: signer, reason }: SignatureRequest): [string, PdfObject][] {
  const entries: [string, PdfObject][] = [
    ["Type", name("Sig")],
    ["Filter", name("Adobe.PPKLite")],
    ["SubFilter", name("ETSI.CAdES.detached")],
    ["M", string(Buffer.from(encodeDate(signingTime), "latin1"))],
  ];
  if (signer !== undefined) entries.push(["Name", string(encodeText(signer))]);
  if (reason !== undefined) entries.push(["Reason", string(encodeText(reason))]);
  return entries;
}
