import { PdfRefused } from "./refused.ts";
import { as, nameOf, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

// ISO 32000-2, 12.6.4: actions that run code, leave the document, or play what we cannot judge.
const ACTIVE_ACTIONS = new Set([
  "JavaScript",
  "Launch",
  "SubmitForm",
  "ImportData",
  "GoToR",
  "GoToE",
  "Rendition",
  "Sound",
  "Movie",
  "RichMediaExecute",
  "GoTo3DView",
]);
const MAX_CHAIN = 1_000;

/** Refuses (`pdf_active_content`) an action, or one that follows it, of a kind that acts by itself. */
export function refuseActiveAction(view: PdfView, action: PdfObject | undefined): void {
  const stack: PdfObject[] = [action ?? null];
  const seen = new Set<number>();
  let length = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const reference = as(next, "ref");
    if (reference !== undefined) {
      if (seen.has(reference.num))
        throw new PdfRefused("pdf_cyclic", "actions that follow each other in a circle");
      seen.add(reference.num);
    }
    // An array here is a destination, which does nothing but show a page.
    const entries = as(view.resolve(next), "dict")?.entries;
    if (++length > MAX_CHAIN) throw new PdfRefused("pdf_damaged", `over ${MAX_CHAIN} actions in a chain`);
    const kind = nameOf(view.resolve(entries?.get("S")));
    if (kind !== undefined && ACTIVE_ACTIONS.has(kind)) throw new PdfRefused("pdf_active_content", kind);
    if (kind === "URI") refuseLocalUri(view, entries?.get("URI"));
    // A thread of another file (12.6.4.7).
    if (kind === "Thread" && view.resolve(entries?.get("F")) !== null)
      throw new PdfRefused("pdf_active_content", "Thread of another file");
    const following = entries?.get("Next");
    if (following === undefined) continue;
    for (const action of as(view.resolve(following), "array")?.items ?? [following]) stack.push(action);
  }
}

/** Refuses an additional-actions dictionary (12.6.3) with such an action in it. */
export function refuseActiveTriggers(view: PdfView, triggers: PdfObject | undefined): void {
  for (const action of view.dict(triggers)?.entries.values() ?? []) refuseActiveAction(view, action);
}

/** Refuses a URI that names a file or runs a script; relative ones take the scheme of the document's base (7.11.5). */
export function refuseLocalUri(view: PdfView, uri: PdfObject | undefined): void {
  const text = as(view.resolve(uri), "string");
  if (text === undefined) return;
  // What browsers leave out before they read the scheme.
  const said = Buffer.from(text.bytes)
    .toString("latin1")
    .replaceAll(/^[^!-~]+|[\t\n\r]/g, "");
  if (/^(file|javascript):/i.test(said))
    throw new PdfRefused("pdf_active_content", "URI of a file or script");
}
