import { changeOf } from "./changes.ts";
import { sameEntries, sameObject } from "./compare.ts";
import { storeOf } from "./evidence-store.ts";
import { catalogOf } from "./pages.ts";
import { PdfRefused } from "./refused.ts";
import { as, type PdfDict, type PdfObject, type PdfRef, type PdfStream } from "./syntax/objects.ts";
import { serialize } from "./syntax/serialize.ts";
import type { PdfTail } from "./tail.ts";
import type { PdfView } from "./view.ts";
import { type WrittenObject, writeStream, writeTable } from "./xref-write.ts";

// EN 319 142-1, 5.4.2.2; its /VRI, of 5.4.2.3, names by SHA-1 what nothing would cover here.
const LISTS: ReadonlySet<string> = new Set(["Certs", "CRLs", "OCSPs"]);

/**
 * Whether the revision of that index, which no signature covers, brings evidence and nothing else, and is written to the
 * byte as we write one: rewritten from what was read of it, it is the same. So a byte of it that changed is noticed,
 * but for those of the evidence itself, which its issuers signed.
 */
export function isEvidenceRevision(pdf: PdfTail, index: number): boolean {
  try {
    return new EvidenceRevision(pdf, index).isSound();
  } catch (error) {
    if (error instanceof PdfRefused) return false;
    throw error;
  }
}

class EvidenceRevision {
  readonly #pdf: PdfTail;
  readonly #index: number;
  readonly #before: PdfView;
  readonly #after: PdfView;

  constructor(pdf: PdfTail, index: number) {
    this.#pdf = pdf;
    this.#index = index;
    this.#before = pdf.view(pdf.revisions[index + 1]?.section ?? pdf.sections.length);
    this.#after = pdf.view(pdf.revisions[index]?.section ?? 0);
  }

  isSound(): boolean {
    const { other, signed, shown, annotated, filled } = changeOf(this.#pdf, this.#index);
    if (other || signed || shown || annotated || filled.length > 0) return false;
    return this.#onlyEvidence() && this.#isWrittenAsOurs();
  }

  #onlyEvidence(): boolean {
    const catalog = catalogOf(this.#after);
    const store = storeOf(this.#after);
    if (store === undefined || !this.#sameCatalog(catalogOf(this.#before).dict, catalog.dict)) return false;
    const listed = new Set<number>();
    const holder = as(catalog.dict.entries.get("DSS"), "ref");
    if (holder !== undefined && !this.#isThere(holder)) return false;
    const index = this.#before.dict(catalogOf(this.#before).dict.entries.get("DSS"))?.entries.get("VRI");
    for (const [key, value] of store.entries) {
      if (key === "VRI" && sameObject(index ?? null, value, this.#before, this.#after)) continue;
      if (!LISTS.has(key) || !this.#addListed(value, listed)) return false;
    }
    const own = new Set([catalog.ref.num, holder?.num]);
    const [section] = this.#after.sections;
    return [...(section?.numbers() ?? [])].every(
      (num) => own.has(num) || listed.has(num) || this.#isSelf(num),
    );
  }

  // The catalog may get a store, and the name of the extension that stores are before PDF 2.0 (EN 319 142-1, 5.6).
  #sameCatalog(before: PdfDict, after: PdfDict): boolean {
    const except = ["DSS", "Extensions"];
    if (after.repeats || !sameEntries(before.entries, after.entries, except, this.#before, this.#after))
      return false;
    const [then, now] = [before.entries.get("Extensions"), after.entries.get("Extensions")];
    const old = this.#before.dict(then)?.entries ?? new Map<string, PdfObject>();
    const young = this.#after.dict(now)?.entries ?? new Map<string, PdfObject>();
    if (sameEntries(old, young, [], this.#before, this.#after)) return true;
    const added = as(young.get("ESIC"), "dict");
    const isOurs = added !== undefined && serialize(added) === "<<\n/BaseVersion /1.7\n/ExtensionLevel 1\n>>";
    return isOurs && !old.has("ESIC") && sameEntries(old, young, ["ESIC"], this.#before, this.#after);
  }

  #addListed(list: PdfObject, listed: Set<number>): boolean {
    return (as(list, "array")?.items ?? [null]).every((item) => {
      const reference = as(item, "ref");
      if (reference === undefined || !this.#isThere(reference)) return false;
      const isNew = !listed.has(reference.num);
      listed.add(reference.num);
      return isNew && as(this.#after.object(reference.num), "stream") !== undefined;
    });
  }

  #isThere({ num, gen }: PdfRef): boolean {
    const entry = this.#after.find(num);
    return entry?.kind === "offset" && entry.gen === gen;
  }

  #isSelf(num: number): boolean {
    const [section] = this.#after.sections;
    const entry = section?.find(num);
    return section?.kind === "stream" && entry?.kind === "offset" && entry.offset === section.offset;
  }

  #isWrittenAsOurs(): boolean {
    const [section] = this.#after.sections;
    const [older] = this.#before.sections;
    const [end, start] = [this.#pdf.revisions[this.#index]?.eof, this.#pdf.revisions[this.#index + 1]?.eof];
    if (section === undefined || older === undefined || start === undefined || end === undefined)
      return false;
    const objects: WrittenObject[] = [];
    for (const num of section.numbers()) {
      const entry = section.find(num);
      if (entry?.kind !== "offset") return false;
      objects.push({ num, gen: entry.gen, offset: entry.offset });
    }
    const inOrder = objects.toSorted((a, b) => a.offset - b.offset);
    const body = inOrder.filter(({ offset }) => offset !== section.offset);
    const tail = this.#pdf.source.read(start, this.#pdf.source.size - start);
    const text = Buffer.from(tail)
      .toString("latin1")
      .slice(0, end - start + 1);
    const [ending = ""] = /^(?:\r\n|\n|\r)?\n?/.exec(text) ?? [];
    let written = ending;
    for (const { num, gen, offset } of body) {
      if (offset !== start + written.length) return false;
      written += `${num} ${gen} obj\n${this.#textOf(num)}\nendobj\n`;
    }
    if (section.offset !== start + written.length) return false;
    const size = Math.max(this.#before.limit(), ...objects.map(({ num }) => num + 1));
    const byNumber = objects.toSorted((a, b) => a.num - b.num);
    const write = section.kind === "stream" ? writeStream : writeTable;
    written += write(byNumber, older.trailer, older.offset, size);
    return `${written}startxref\n${section.offset}\n%%EOF\n` === text;
  }

  #textOf(num: number): string {
    const object = this.#after.object(num);
    const stream = as(object, "stream");
    return stream === undefined ? serialize(object) : this.#textOfStream(stream);
  }

  #textOfStream(stream: PdfStream): string {
    // Not deflated: that leaves bits which say nothing.
    if ([...stream.dict.entries.keys()].join() !== "Length") return "";
    const raw = Buffer.from(this.#after.raw(stream)).toString("latin1");
    return `${serialize(stream.dict)}\nstream\n${raw}\nendstream`;
  }
}
