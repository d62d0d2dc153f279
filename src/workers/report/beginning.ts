import { ByteCursor } from "../pdf/syntax/bytes.ts";
import type { PdfTail } from "../pdf/tail.ts";

const HEADER_WITHIN_BYTES = 1_024;

/**
 * What is wrong with the beginning of a document. Where something stands before its header, some readers count offsets
 * from there: a file with a cross-reference section at both places is two documents.
 */
export function judgeStart({ source, sections: [newest] }: PdfTail): string[] {
  const start = Buffer.from(source.read(0, HEADER_WITHIN_BYTES)).indexOf("%PDF-");
  if (start <= 0) return [];
  const cursor = new ByteCursor(source, newest.offset + start);
  cursor.skipBlank();
  return cursor.take("xref") || isObject(cursor) ? ["two_readings"] : [];
}

function isObject(cursor: ByteCursor): boolean {
  if (cursor.takeInteger() === undefined) return false;
  cursor.skipBlank();
  if (cursor.takeInteger() === undefined) return false;
  cursor.skipBlank();
  return cursor.take("obj");
}
