import { sameObject } from "./compare.ts";
import type { PdfView } from "./view.ts";
import type { XrefEntry } from "./xref.ts";

/** Whether the trailers of two states of a document lead to the same catalog and information. */
export function sameTrailer(before: PdfView, after: PdfView): boolean {
  const [then, now] = [before.sections[0]?.trailer, after.sections[0]?.trailer];
  if (then === undefined || now === undefined) return false;
  const same = (key: string) =>
    sameObject(then.entries.get(key) ?? null, now.entries.get(key) ?? null, before, after);
  return same("Root") && same("Info");
}

/** Whether an object is where it was. */
export function samePlace(num: number, before: PdfView, after: PdfView): boolean {
  const [a, b] = [before.find(num), after.find(num)];
  if (a?.kind === "offset" && b?.kind === "offset") return a.offset === b.offset && a.gen === b.gen;
  // The same place in an object stream holds the same only if the stream itself was not redefined: it has its own turn.
  if (a?.kind === "compressed" && b?.kind === "compressed")
    return a.stream === b.stream && a.index === b.index;
  return (a === undefined || a.kind === "free") && (b === undefined || b.kind === "free");
}

/** Whether an object that was there is still the one that references name: those to another generation lead nowhere. */
export function sameGeneration(num: number, before: PdfView, after: PdfView): boolean {
  const [a, b] = [before.find(num), after.find(num)];
  return b === undefined || b.kind === "free" || generationOf(a) === generationOf(b);
}

const generationOf = (entry: XrefEntry | undefined): number => (entry?.kind === "offset" ? entry.gen : 0);
