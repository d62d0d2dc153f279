import { InflationBudget } from "./filters.ts";
import { damaged, PdfRefused } from "./refused.ts";
import type { PdfSource } from "./source.ts";
import { ByteCursor } from "./syntax/bytes.ts";
import { countOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import { ObjectCache, PdfView } from "./view.ts";
import { offsetIn, readSection, type XrefSection } from "./xref.ts";

// Four times what an upload may have: the rest is for the signatures that it is to get.
const MAX_REVISIONS = 256;
const TAIL_BYTES = 2_048;
const STARTXREF = "startxref";

/**
 * One revision of the document. `section` is the index of its newest section in `PdfTail.sections`, `sections` how
 * many it has (two when linearized), `eof` where its `%%EOF` ends, if that can be told.
 */
export interface PdfRevision {
  readonly section: number;
  readonly sections: number;
  readonly eof: number | undefined;
}

/** A PDF known by its cross-reference sections; sections and revisions are newest first. */
export interface PdfTail {
  readonly source: PdfSource;
  readonly sections: readonly [XrefSection, ...XrefSection[]];
  readonly revisions: readonly PdfRevision[];
  readonly trailer: PdfDict;
  /** The document as the newest revision leaves it. */
  readonly latest: PdfView;
  /** The document as the sections from this index on (the older ones) leave it. */
  view(section: number): PdfView;
}

/**
 * Reads the chain of cross-reference sections from the end of the file, and nothing else of it; throws `PdfRefused`
 * (`pdf_truncated`, `pdf_damaged`, `pdf_encrypted`, `pdf_too_many_revisions`, `pdf_too_deep`).
 */
export function openPdf(source: PdfSource): PdfTail {
  const budget = new InflationBudget();
  const newest = readSection(source, findStartxref(source), budget);
  const sections: [XrefSection, ...XrefSection[]] = [newest];
  const seen = new Set([newest.offset]);
  for (let last = newest; ; ) {
    const previous = offsetIn(source, last.trailer, "Prev");
    if (previous === undefined) break;
    if (seen.has(previous)) throw damaged("cross-reference sections in a circle");
    seen.add(previous);
    last = readSection(source, previous, budget);
    sections.push(last);
    // A linearized file has two sections for one revision.
    if (sections.length > MAX_REVISIONS + 1) tooManyRevisions();
  }
  if (sections.some(({ trailer }) => (trailer.entries.get("Encrypt") ?? null) !== null)) {
    throw new PdfRefused("pdf_encrypted", "the trailer has /Encrypt");
  }
  const revisions = groupRevisions(sections);
  if (revisions.length > MAX_REVISIONS) tooManyRevisions();
  const cache = new ObjectCache(source, budget);
  const view = (section: number) => new PdfView(cache, sections.slice(section));
  return { source, sections, revisions, trailer: newest.trailer, latest: view(0), view };
}

/** The root reference of a trailer; throws `pdf_damaged` when it is none. */
export function rootOf(trailer: PdfDict): Extract<PdfObject, { type: "ref" }> {
  const root = trailer.entries.get("Root") ?? null;
  if (root === null || typeof root === "boolean" || root.type !== "ref")
    throw damaged("a trailer without /Root");
  return root;
}

function findStartxref(source: PdfSource): number {
  const cursor = new ByteCursor(source, lastStartxref(source));
  cursor.take(STARTXREF);
  const digits = cursor.position + 1;
  cursor.skipWhite();
  const offset = cursor.position < digits ? undefined : cursor.takeInteger();
  if (offset === undefined) throw new PdfRefused("pdf_truncated", "no startxref near the end");
  if (offset >= source.size)
    throw new PdfRefused("pdf_truncated", "startxref names an offset beyond the end");
  return offset;
}

// Backwards: it nearly always stands in the last line but one.
function lastStartxref(source: PdfSource): number {
  const from = Math.max(0, source.size - TAIL_BYTES);
  const bytes = source.read(from, TAIL_BYTES);
  for (let at = bytes.length - STARTXREF.length; at >= 0; at--) {
    let known = 0;
    while (known < STARTXREF.length && bytes[at + known] === STARTXREF.charCodeAt(known)) known++;
    if (known === STARTXREF.length) return from + at;
  }
  throw new PdfRefused("pdf_truncated", "no startxref near the end");
}

// In a linearized file the newest section stands first and announces 0; its /Prev, at the end, announces it.
function groupRevisions(sections: readonly XrefSection[]): PdfRevision[] {
  const revisions: PdfRevision[] = [];
  for (let i = 0; i < sections.length; ) {
    const newer = sections[i];
    const older = sections[i + 1];
    const linearized =
      newer !== undefined &&
      older !== undefined &&
      older.offset > newer.offset &&
      older.end?.announced === newer.offset &&
      countOf(newer.trailer.entries.get("Prev")) === older.offset;
    const own = newer?.end?.announced === newer?.offset ? newer?.end?.eof : undefined;
    revisions.push({ section: i, sections: linearized ? 2 : 1, eof: linearized ? older.end?.eof : own });
    i += linearized ? 2 : 1;
  }
  return revisions;
}

function tooManyRevisions(): never {
  throw new PdfRefused("pdf_too_many_revisions", `over ${MAX_REVISIONS} revisions`);
}
