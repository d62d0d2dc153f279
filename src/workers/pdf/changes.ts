import { type Change, unknownChange } from "./change.ts";
import { Comparison } from "./comparison.ts";
import { hasOneReading } from "./one-reading.ts";
import { PdfRefused } from "./refused.ts";
import type { PdfTail } from "./tail.ts";
import type { XrefSection } from "./xref.ts";

/**
 * What the revision of that index (0 is the newest) did to the one before it, object by object. Whatever cannot be
 * read counts as "other".
 */
export function changeOf(pdf: PdfTail, revision: number): Change {
  const newer = pdf.revisions[revision];
  const older = pdf.revisions[revision + 1];
  if (newer === undefined || older?.eof === undefined) return unknownChange;
  try {
    if (!staysWithin(pdf.sections.slice(older.section), older.eof)) return unknownChange;
    if (!hasOneReading(pdf, revision)) return unknownChange;
    const sections = pdf.sections.slice(newer.section, newer.section + newer.sections);
    const numbers = new Set(sections.flatMap((section) => [...section.numbers()]));
    const change = new Comparison(pdf.view(older.section), pdf.view(newer.section)).changeBy(numbers);
    pdf.latest.refuseTwins();
    return change;
  } catch (error) {
    if (error instanceof PdfRefused) return unknownChange;
    throw error;
  }
}

// Nothing that a revision leaves in force may lie beyond its own end, where later bytes would supply it.
function staysWithin(sections: readonly XrefSection[], eof: number): boolean {
  return sections.every((section) => {
    if (section.offset >= eof) return false;
    for (const num of section.numbers()) {
      const entry = section.find(num);
      if (entry?.kind === "offset" && entry.offset >= eof) return false;
    }
    return true;
  });
}
