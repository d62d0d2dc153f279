import { PdfRefused } from "./refused.ts";
import { type Standing, standingIn } from "./standing.ts";
import { ByteCursor } from "./syntax/bytes.ts";
import { as, countOf } from "./syntax/objects.ts";
import { ObjectParser, parseIndirectAt } from "./syntax/parser.ts";
import type { PdfTail } from "./tail.ts";
import type { XrefSection } from "./xref.ts";

/**
 * Refuses (`pdf_ambiguous`) an object that stands twice in one revision: readers that trust the cross-reference
 * sections see one, those that search the file see the other (shadow attacks hide their content so).
 */
export function refuseDuplicateObjects(pdf: PdfTail): void {
  for (const section of pdf.sections) refuseListedTwice(section);
  const objects = new Map<number, Standing[]>();
  for (const standing of standingIn(pdf.source)) {
    const same = objects.get(standing.num);
    if (same === undefined) objects.set(standing.num, [standing]);
    else same.push(standing);
  }
  const suspects = new Set([...objects].flatMap(([num, places]) => (places.length > 1 ? [num] : [])));
  if (suspects.size > 0) refuseStandingTwice(pdf, objects, suspects);
}

function refuseListedTwice({ ranges }: XrefSection): void {
  let end = 1;
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    // Number 0 heads the list of free ones, and some writers say so twice.
    if (Math.max(1, range.first) < end) twice(`object ${range.first} is listed twice in one section`);
    end = Math.max(end, range.first + range.count);
  }
}

function refuseStandingTwice(
  pdf: PdfTail,
  objects: ReadonlyMap<number, readonly Standing[]>,
  suspects: ReadonlySet<number>,
): void {
  let start = 0;
  for (const revision of pdf.revisions.toReversed()) {
    const end = revision.eof ?? pdf.source.size;
    const own = pdf.sections.slice(revision.section, revision.section + revision.sections);
    const listed = offsetsOf(own);
    const extents = new Extents(pdf, listed.values());
    for (const num of suspects) {
      const known = listed.get(num);
      if (known === undefined) continue;
      for (const { offset } of objects.get(num) ?? []) {
        if (offset === known || offset < start || offset >= end) continue;
        if (extents.hold(offset) || isEarlier(pdf, offset, known)) continue;
        twice(`object ${num} stands twice in one revision`);
      }
    }
    start = end;
  }
}

// Some writers update a file and then list all of it in one new section, without /Prev.
function isEarlier({ source }: PdfTail, offset: number, known: number): boolean {
  return offset < known && Buffer.from(source.read(offset, known - offset)).includes("%%EOF");
}

function offsetsOf(sections: readonly XrefSection[]): Map<number, number> {
  const offsets = new Map<number, number>();
  for (const section of sections) {
    for (const num of section.numbers()) {
      const entry = section.find(num);
      if (entry?.kind === "offset") offsets.set(num, entry.offset);
    }
  }
  return offsets;
}

/** From where to where the listed objects reach: an embedded PDF or a string may read like another object. */
class Extents {
  readonly #pdf: PdfTail;
  readonly #starts: readonly number[];
  readonly #ends = new Map<number, number>();

  constructor(pdf: PdfTail, offsets: Iterable<number>) {
    this.#pdf = pdf;
    this.#starts = [...offsets].sort((a, b) => a - b);
  }

  hold(place: number): boolean {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    const before = this.#starts[low - 1];
    if (before === undefined) return false;
    const end = this.#ends.get(before) ?? endOf(this.#pdf, before);
    this.#ends.set(before, end);
    return place < end;
  }
}

function endOf(pdf: PdfTail, offset: number): number {
  const { object } = parseIndirectAt(pdf.source, offset);
  const stream = as(object, "stream");
  if (stream !== undefined)
    return stream.dataStart + (countOf(pdf.latest.resolve(stream.dict.entries.get("Length"))) ?? 0);
  const cursor = new ByteCursor(pdf.source, offset);
  for (let i = 0; i < 2; i++) {
    cursor.skipBlank();
    cursor.takeInteger();
  }
  cursor.skipBlank();
  cursor.take("obj");
  new ObjectParser(cursor).object();
  return cursor.position;
}

function twice(detail: string): never {
  throw new PdfRefused("pdf_ambiguous", detail);
}
