import { Comparison } from "./comparison.ts";
import { PdfRefused } from "./refused.ts";
import type { PdfTail } from "./tail.ts";
import type { XrefSection } from "./xref.ts";

/**
 * What happened to a document: nothing; only what further signatures need; such signatures, and one of them takes up
 * room on a page that was signed without it; or anything else.
 */
export type ChangedAfter = "nothing" | "signatures-only" | "signatures-shown" | "other";

const ORDER: readonly ChangedAfter[] = ["nothing", "signatures-only", "signatures-shown", "other"];

/** The graver of two changes. */
export function worseChange(a: ChangedAfter, b: ChangedAfter): ChangedAfter {
  return ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;
}

/**
 * What the revision of that index (0 is the newest) did to the one before it, object by object. Whatever cannot be
 * read counts as "other".
 */
export function changeOf(pdf: PdfTail, revision: number): ChangedAfter {
  const newer = pdf.revisions[revision];
  const older = pdf.revisions[revision + 1];
  if (newer === undefined || older?.eof === undefined) return "other";
  try {
    if (!staysWithin(pdf.sections.slice(older.section), older.eof)) return "other";
    const sections = pdf.sections.slice(newer.section, newer.section + newer.sections);
    const numbers = new Set(sections.flatMap((section) => [...section.numbers()]));
    const comparison = new Comparison(pdf.view(older.section), pdf.view(newer.section));
    if (!comparison.onlySignatures(numbers)) return "other";
    return comparison.takesRoom ? "signatures-shown" : "signatures-only";
  } catch (error) {
    if (error instanceof PdfRefused) return "other";
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
