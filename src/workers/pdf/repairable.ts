import { PdfRefused } from "./refused.ts";

const SIGNED = "/ByteRange";
const ENCRYPTED = /\/Encrypt\s*(?:\d+\s+\d+\s+R\b|<<)/;
const OBJECT = /\b\d+\s+\d+\s+obj\b/;
const END_OF_OBJECT = "endobj";

/**
 * Refuses what may not be written anew, by its bytes alone, for its structure can't be trusted: a signature would be
 * lost (`pdf_damaged_signed`), a password can't be asked for (`pdf_encrypted`), and what was cut off within an object
 * is not there any more (`pdf_truncated`).
 */
export function refuseUnrepairable(bytes: Uint8Array): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.includes(SIGNED)) throw new PdfRefused("pdf_damaged_signed", "a damaged file with a signature");
  for (let at = buffer.indexOf("/Encrypt"); at !== -1; at = buffer.indexOf("/Encrypt", at + 1)) {
    if (ENCRYPTED.test(buffer.toString("latin1", at, at + 64)))
      throw new PdfRefused("pdf_encrypted", "a damaged file with /Encrypt");
  }
  const end = buffer.lastIndexOf(END_OF_OBJECT);
  if (end === -1 || OBJECT.test(buffer.toString("latin1", end + END_OF_OBJECT.length)))
    throw new PdfRefused("pdf_truncated", "an object that breaks off");
}
