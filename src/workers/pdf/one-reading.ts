import { type Standing, standingIn } from "./standing.ts";
import { ByteCursor } from "./syntax/bytes.ts";
import { countOf } from "./syntax/objects.ts";
import type { PdfTail } from "./tail.ts";
import type { XrefSection } from "./xref.ts";

/**
 * Whether a revision can be read in one way only. A reader that stumbles over a cross-reference section searches the file
 * for objects instead and takes the last of each number: so a later revision's sections and objects stand exactly where
 * they are said to, its /Size leaves none out (some readers forget those beyond it), and nothing in it looks like an
 * object that it doesn't list, not even within a stream.
 */
export function hasOneReading(pdf: PdfTail, revision: number): boolean {
  const newer = pdf.revisions[revision];
  const start = pdf.revisions[revision + 1]?.eof;
  if (newer === undefined || start === undefined) return false;
  const view = pdf.view(newer.section);
  const size = countOf(view.sections[0]?.trailer.entries.get("Size")) ?? 0;
  if (view.sections.some(({ limit }) => limit > size)) return false;
  const own = pdf.sections.slice(newer.section, newer.section + newer.sections);
  if (!own.every((section) => standsThere(pdf, section))) return false;
  const listed = placesIn(pdf, own);
  if (listed === undefined) return false;
  const isListed = ({ num, offset }: Standing) => listed.get(offset) === num;
  for (const standing of standingIn(pdf.source, start, newer.eof)) if (!isListed(standing)) return false;
  return true;
}

function standsThere({ source }: PdfTail, { offset, kind }: XrefSection): boolean {
  const cursor = new ByteCursor(source, offset);
  return kind === "table" ? cursor.take("xref") : cursor.takeInteger() !== undefined;
}

/** The objects that these sections list, by where they begin; undefined when one is not there, or of another generation. */
function placesIn({ source }: PdfTail, sections: readonly XrefSection[]): Map<number, number> | undefined {
  const places = new Map<number, number>();
  for (const section of sections) {
    if (section.kind === "stream") {
      const num = new ByteCursor(source, section.offset).takeInteger();
      if (num !== undefined) places.set(section.offset, num);
    }
    for (const num of section.numbers()) {
      const entry = section.find(num);
      if (entry?.kind !== "offset") continue;
      const cursor = new ByteCursor(source, entry.offset);
      // Some writers point at the end of the line before.
      cursor.skipWhite();
      const at = cursor.position;
      const said = cursor.takeInteger();
      cursor.skipWhite();
      if (said !== num || cursor.takeInteger() !== entry.gen) return undefined;
      places.set(at, num);
    }
  }
  return places;
}
