import { ByteCursor } from "./syntax/bytes.ts";
import type { PdfStream } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

/** Whether a stream ends where its /Length says: where it doesn't, some readers search for the end and see other bytes. */
export function endsAsSaid(view: PdfView, stream: PdfStream): boolean {
  const cursor = new ByteCursor(view.source, stream.dataStart + view.raw(stream).length);
  cursor.skipWhite();
  return cursor.take("endstream");
}
