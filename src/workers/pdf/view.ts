import { decodeStream, type InflationBudget } from "./filters.ts";
import { ObjectStreamHeader } from "./object-stream-header.ts";
import { collectReferences } from "./references.ts";
import { damaged, PdfRefused } from "./refused.ts";
import { bytesSource, type PdfSource } from "./source.ts";
import { countOf, nameOf, type PdfDict, type PdfObject, type PdfStream } from "./syntax/objects.ts";
import { type IndirectObject, parseIndirectAt, parseObjectAt } from "./syntax/parser.ts";
import { MAX_OBJECT_NUMBER, type XrefEntry, type XrefSection } from "./xref.ts";

const MAX_REFERENCE_CHAIN = 32;

interface ObjectStream {
  readonly body: PdfSource;
  readonly header: ObjectStreamHeader;
  readonly parsed: Map<number, PdfObject>;
}

/** What was parsed of a file, by place, shared by all its views. */
export class ObjectCache {
  readonly source: PdfSource;
  readonly budget: InflationBudget;
  readonly placed = new Map<number, IndirectObject>();
  readonly streams = new Map<number, ObjectStream>();
  readonly opening = new Set<number>();
  /** What the objects of a section refer to; undefined for a section with an object that cannot be read. */
  readonly mentions = new Map<XrefSection, ReadonlySet<number> | undefined>();

  constructor(source: PdfSource, budget: InflationBudget) {
    this.source = source;
    this.budget = budget;
  }
}

/** The objects of a document as some of its sections (newest first) leave them. */
export class PdfView {
  readonly source: PdfSource;
  readonly sections: readonly XrefSection[];
  readonly #cache: ObjectCache;

  constructor(cache: ObjectCache, sections: readonly XrefSection[]) {
    this.source = cache.source;
    this.sections = sections;
    this.#cache = cache;
  }

  /** Where the object is, or undefined when no section knows it. */
  find(num: number): XrefEntry | undefined {
    for (const section of this.sections) {
      const entry = section.find(num);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** One more than the highest object number that is listed, or announced by a trailer's /Size. */
  limit(): number {
    let limit = 0;
    for (const section of this.sections) {
      limit = Math.max(limit, section.limit, countOf(section.trailer.entries.get("Size")) ?? 0);
    }
    if (limit > MAX_OBJECT_NUMBER) throw damaged("an object number too high");
    return limit;
  }

  /** The object of that number, null when there is none; throws `PdfRefused` when it is not where it should be. */
  object(num: number): PdfObject {
    const entry = this.find(num);
    if (entry === undefined || entry.kind === "free") return null;
    return entry.kind === "offset" ? this.#placed(num, entry.offset) : this.#compressed(num, entry);
  }

  /** The object itself, or the one that it refers to. */
  resolve(object: PdfObject | undefined): PdfObject {
    let current = object ?? null;
    for (let i = 0; i < MAX_REFERENCE_CHAIN; i++) {
      if (current === null || typeof current === "boolean" || current.type !== "ref") return current;
      current = this.object(current.num);
    }
    throw damaged("references in a circle");
  }

  /** The dictionary (or that of a stream) that an object is or refers to, or undefined. */
  dict(object: PdfObject | undefined): PdfDict | undefined {
    const resolved = this.resolve(object);
    if (resolved === null || typeof resolved === "boolean") return undefined;
    if (resolved.type === "stream") return resolved.dict;
    return resolved.type === "dict" ? resolved : undefined;
  }

  /** The items of the array that an object is or refers to, or none. */
  items(object: PdfObject | undefined): readonly PdfObject[] {
    const resolved = this.resolve(object);
    if (resolved === null || typeof resolved === "boolean" || resolved.type !== "array") return [];
    return resolved.items;
  }

  /** The raw bytes of a stream; throws `PdfRefused` when its length leads out of the file. */
  raw(stream: PdfStream): Uint8Array {
    const length = countOf(this.resolve(stream.dict.entries.get("Length")));
    if (length === undefined || stream.dataStart + length > this.source.size) {
      throw damaged("a stream of unknown or absurd length");
    }
    return this.source.read(stream.dataStart, length);
  }

  /** Throws `pdf_damaged` when an object stream that was read for any view holds an object twice. */
  refuseTwins(): void {
    for (const { header } of this.#cache.streams.values()) header.refuseTwins();
  }

  /**
   * Whether an object that one of the sections lists, replaced since or not, may refer to one of these numbers. Each
   * section is read once for all views: "no" is certain and cheap, "yes" is to be looked into.
   */
  mayReferTo(numbers: ReadonlySet<number>): boolean {
    return this.sections.some((section, index) => {
      const known = this.#cache.mentions;
      if (!known.has(section)) known.set(section, this.#mentionsOf(section, index));
      const mentions = known.get(section);
      return mentions === undefined || [...numbers].some((num) => mentions.has(num));
    });
  }

  #mentionsOf(section: XrefSection, index: number): ReadonlySet<number> | undefined {
    const view = new PdfView(this.#cache, this.sections.slice(index));
    const mentions = new Set<number>();
    try {
      for (const num of section.numbers()) collectReferences(view.object(num), mentions);
      return mentions;
    } catch (error) {
      if (error instanceof PdfRefused) return undefined;
      throw error;
    }
  }

  #placed(num: number, offset: number): PdfObject {
    let found = this.#cache.placed.get(offset);
    if (found === undefined) {
      found = parseIndirectAt(this.source, offset);
      this.#cache.placed.set(offset, found);
    }
    if (found.num !== num) throw damaged(`object ${num} is not where it should be`);
    return found.object;
  }

  #compressed(num: number, entry: Extract<XrefEntry, { kind: "compressed" }>): PdfObject {
    const stream = this.#objectStream(entry.stream);
    const offset = stream.header.offsetOf(num, entry.index);
    if (offset === undefined) throw damaged(`object ${num} is not in its object stream`);
    let object = stream.parsed.get(offset);
    if (object === undefined) {
      object = parseObjectAt(stream.body, offset);
      stream.parsed.set(offset, object);
    }
    return object;
  }

  #objectStream(num: number): ObjectStream {
    const entry = this.find(num);
    // An object stream is never inside another one (ISO 32000-2, 7.5.7), so this cannot go round.
    if (entry?.kind !== "offset") throw damaged(`no object stream ${num}`);
    const known = this.#cache.streams.get(entry.offset);
    if (known !== undefined) return known;
    const holder = this.#placed(num, entry.offset);
    if (holder === null || typeof holder === "boolean" || holder.type !== "stream") {
      throw damaged(`object ${num} is no object stream`);
    }
    // Its own /Length could be said to be inside it.
    const { opening } = this.#cache;
    if (opening.has(entry.offset)) throw damaged(`object stream ${num} needs itself`);
    opening.add(entry.offset);
    try {
      const stream = this.#openObjectStream(holder);
      this.#cache.streams.set(entry.offset, stream);
      return stream;
    } finally {
      opening.delete(entry.offset);
    }
  }

  #openObjectStream(holder: PdfStream): ObjectStream {
    const count = countOf(this.resolve(holder.dict.entries.get("N")));
    const first = countOf(this.resolve(holder.dict.entries.get("First")));
    if (nameOf(holder.dict.entries.get("Type")) !== "ObjStm" || count === undefined || first === undefined) {
      throw damaged("an object stream without type, count or start");
    }
    const resolve = (object: PdfObject | undefined) => this.resolve(object);
    const body = bytesSource(decodeStream(this.raw(holder), holder.dict, resolve, this.#cache.budget));
    return { body, header: new ObjectStreamHeader(body, count, first), parsed: new Map() };
  }
}
