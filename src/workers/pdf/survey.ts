import { ContentMeter } from "./content-size.ts";
import { refuseExternalStream } from "./external.ts";
import { refuseHiddenMembership } from "./layers.ts";
import { damaged, PdfRefused } from "./refused.ts";
import { endsAsSaid } from "./stream-end.ts";
import { as, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

const MAX_OBJECTS = 200_000;

/**
 * Looks at every object that can be reached from the catalog, each once: streams are measured, and refused when their
 * data or pages come from elsewhere; a key said twice with two meanings is refused, for readers differ over which one
 * counts. What cannot be reached is never read by a viewer. Throws `PdfRefused`, also for an object that is not where
 * it should be: a viewer would look for another one.
 */
export function surveyObjects(view: PdfView, catalog: PdfObject): void {
  const meter = new ContentMeter();
  const seen = new Set<number>();
  const stack: PdfObject[] = [catalog];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const num = as(next, "ref")?.num;
    if (num !== undefined) {
      if (seen.has(num)) continue;
      seen.add(num);
      if (seen.size > MAX_OBJECTS)
        throw new PdfRefused("pdf_too_many_objects", `over ${MAX_OBJECTS} objects`);
    }
    const object = num === undefined ? next : view.object(num);
    const stream = as(object, "stream");
    if (stream !== undefined) {
      refuseExternalStream(view, stream);
      if (!endsAsSaid(view, stream)) throw damaged("a stream that does not end where it says");
      meter.measure(view, stream);
    }
    const dict = stream?.dict ?? as(object, "dict");
    if (dict !== undefined) refuseOddDict(view, dict);
    for (const value of dict?.entries.values() ?? as(object, "array")?.items ?? []) {
      if (value !== null && typeof value === "object" && isBranch(value)) stack.push(value);
    }
    if (num !== undefined && as(object, "ref") !== undefined) stack.push(object);
  }
}

function refuseOddDict(view: PdfView, dict: PdfDict): void {
  if (dict.differs) throw new PdfRefused("pdf_ambiguous", "a key twice in one dictionary, with two values");
  refuseHiddenMembership(view, dict);
}

function isBranch(value: Exclude<PdfObject, null | boolean>): boolean {
  return value.type === "ref" || value.type === "dict" || value.type === "array";
}
