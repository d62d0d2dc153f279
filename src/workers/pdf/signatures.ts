import { type Change, type ChangedAfter, noChange, together, unknownChange, wordFor } from "./change.ts";
import { changeOf } from "./changes.ts";
import { type SignatureField, signatureFieldsOf } from "./fields.ts";
import { PdfRefused } from "./refused.ts";
import { type Restrictions, restrictionsBy } from "./restrictions.ts";
import { isWhite } from "./syntax/bytes.ts";
import { as, countOf, nameOf, type PdfDict, type PdfObject, type PdfString } from "./syntax/objects.ts";
import { decodeDate, decodeText } from "./syntax/text.ts";
import type { PdfRevision, PdfTail } from "./tail.ts";
import type { PdfView } from "./view.ts";

// Some readers look for the end of a file in its last 1,024 bytes, and without it make up their own table of objects.
const MAX_TRAILING_BYTES = 512;

/**
 * What is wrong with the structure of a signature. `byte_range_malformed`: not exactly `[0 a b c]`, direct and of
 * counts. `gap_not_contents`: the part left out is not exactly the string of /Contents. `not_at_revision_end`: the
 * signed range does not end with the revision that brought the signature.
 */
export type SignatureProblem =
  | "byte_range_malformed"
  | "contents_missing"
  | "gap_not_contents"
  | "range_beyond_file"
  | "not_at_revision_end"
  | "repeated_keys";

/**
 * A signature field's value, a document timestamp's too. `contents` keeps its zero padding; `contentsHexStart` and `contentsHexEnd` are offsets in
 * the file from `<` to after `>`, or -1. `changedAfter` is the sum of the later revisions; it is "other" when the
 * revision that was signed cannot be told. `revision` is that one's index (0 is the newest), or -1.
 */
export interface PdfSignature {
  readonly fieldName: string;
  readonly subFilter: string;
  readonly byteRange: number[];
  readonly contents: Uint8Array;
  readonly contentsHexStart: number;
  readonly contentsHexEnd: number;
  readonly signedAt?: Date;
  readonly name?: string;
  readonly reason?: string;
  readonly problems: SignatureProblem[];
  readonly coversWholeFile: boolean;
  readonly changedAfter: ChangedAfter;
  readonly change: Change;
  readonly restrictions: Restrictions;
  readonly revision: number;
}

/**
 * The signatures that fields hold, or held before a later revision took them away, by the end of what they cover;
 * throws `PdfRefused` for a damaged document.
 */
export function readSignatures(pdf: PdfTail): PdfSignature[] {
  const changes: Change[] = [];
  const changeSince = (revision: number) => {
    for (let i = changes.length; i < revision; i++) {
      const change = changeOf(pdf, i);
      changes.push(together(changes[i - 1] ?? noChange, change));
    }
    return revision === 0 ? noChange : (changes[revision - 1] ?? unknownChange);
  };
  const signatures: PdfSignature[] = [];
  const seen = new Set<number>();
  for (const [index, revision] of pdf.revisions.entries()) {
    const view = pdf.view(revision.section);
    for (const field of signatureFieldsIn(view, index === 0)) {
      const value = as(view.resolve(field.value), "dict");
      const holder = as(field.value, "ref")?.num ?? field.holder;
      if (value === undefined || seen.has(holder)) continue;
      seen.add(holder);
      signatures.push(readOne(pdf, view, field, value, holder, changeSince));
    }
  }
  return signatures.sort((a, b) => coverageOf(a.byteRange) - coverageOf(b.byteRange));
}

// An early revision that cannot be read by itself was never a document that somebody signed.
function signatureFieldsIn(view: PdfView, isLatest: boolean): SignatureField[] {
  try {
    return [...signatureFieldsOf(view)];
  } catch (error) {
    if (!isLatest && error instanceof PdfRefused) return [];
    throw error;
  }
}

function readOne(
  pdf: PdfTail,
  view: PdfView,
  field: SignatureField,
  value: PdfDict,
  holder: number,
  changeSince: (revision: number) => Change,
): PdfSignature {
  const problems: SignatureProblem[] = [];
  if (value.repeats) problems.push("repeated_keys");
  const rangeItems = as(value.entries.get("ByteRange"), "array")?.items ?? [];
  const byteRange = rangeItems.map((item) => as(item, "number")?.value ?? Number.NaN);
  const wellFormed = isByteRange(rangeItems);
  if (!wellFormed) problems.push("byte_range_malformed");
  const contents = contentsOf(view, value, holder);
  if (contents === undefined) problems.push("contents_missing");
  const [, gapStart = -1, gapEnd = -1] = byteRange;
  if (wellFormed && contents !== undefined && (gapStart !== contents.start || gapEnd !== contents.end)) {
    problems.push("gap_not_contents");
  }
  const end = coverageOf(byteRange);
  if (wellFormed && end > pdf.source.size) problems.push("range_beyond_file");
  const revision = wellFormed ? pdf.revisions.findIndex(({ eof }) => endsAt(pdf, eof, end)) : -1;
  if (wellFormed && !isBroughtBy(pdf, view, pdf.revisions[revision], holder))
    problems.push("not_at_revision_end");

  const text = (key: string) => {
    const found = as(view.resolve(value.entries.get(key)), "string");
    return found && decodeText(found.bytes);
  };
  const [name, reason, date] = [text("Name"), text("Reason"), text("M")];
  const signedAt = date === undefined ? undefined : decodeDate(date);
  const change = revision === -1 || hasStrayBytes(pdf, revision) ? unknownChange : changeSince(revision);
  return {
    fieldName: field.name,
    subFilter: nameOf(view.resolve(value.entries.get("SubFilter"))) ?? "",
    byteRange,
    contents: contents?.bytes ?? new Uint8Array(0),
    contentsHexStart: contents?.start ?? -1,
    contentsHexEnd: contents?.end ?? -1,
    ...(signedAt !== undefined && { signedAt }),
    ...(name !== undefined && { name }),
    ...(reason !== undefined && { reason }),
    problems,
    coversWholeFile: wellFormed && end === pdf.source.size,
    changedAfter: wordFor(change, revision > 0),
    change,
    restrictions: restrictionsBy(pdf.view(pdf.revisions[revision]?.section ?? 0), value, field.dict),
    revision,
  };
}

function isByteRange(items: readonly PdfObject[]): boolean {
  const [zero, , gapEnd] = items.map((item) => countOf(item));
  if (items.length !== 4 || zero !== 0 || gapEnd === undefined) return false;
  return items.every((item) => {
    const number = as(item, "number");
    return number !== undefined && /^\d{1,15}$/.test(number.text);
  });
}

function coverageOf(byteRange: readonly number[]): number {
  return (byteRange[2] ?? 0) + (byteRange[3] ?? 0);
}

// The hexadecimal string itself, in the file and not in an object stream, where it has no offsets.
function contentsOf(view: PdfView, value: PdfDict, holder: number): PdfString | undefined {
  const contents = as(value.entries.get("Contents"), "string");
  if (contents === undefined || !contents.hex) return undefined;
  return view.find(holder)?.kind === "offset" ? contents : undefined;
}

// The range may or may not take in the end of line after %%EOF.
function endsAt(pdf: PdfTail, eof: number | undefined, end: number): boolean {
  if (eof === undefined || end < eof || end > eof + 2) return false;
  const rest = Buffer.from(pdf.source.read(eof, end - eof)).toString("latin1");
  return rest === "" || rest === "\n" || rest === "\r" || rest === "\r\n";
}

function isBroughtBy(
  pdf: PdfTail,
  view: PdfView,
  revision: PdfRevision | undefined,
  holder: number,
): boolean {
  if (revision === undefined) return false;
  const signed = pdf.view(revision.section).find(holder);
  const read = view.find(holder);
  if (signed?.kind !== "offset" || read?.kind !== "offset" || signed.offset !== read.offset) return false;
  const own = pdf.sections.slice(revision.section, revision.section + revision.sections);
  return own.some((section) => {
    const entry = section.find(holder);
    return entry?.kind === "offset" && entry.offset === read.offset;
  });
}

// What follows the newest %%EOF belongs to no revision, and nobody signed it.
function hasStrayBytes(pdf: PdfTail, revision: number): boolean {
  const eof = pdf.revisions[0]?.eof;
  if (eof === undefined) return revision !== 0;
  const stray = pdf.source.size - eof;
  return stray > MAX_TRAILING_BYTES || !pdf.source.read(eof, stray).every(isWhite);
}
