import { PDF, type PdfDict, PdfName, PdfRef, PdfStream } from "@libpdf/core";
import { damaged, PdfRefused } from "./refused.ts";
import { refuseUnrepairable } from "./repairable.ts";
import { bytesSource, type PdfSource } from "./source.ts";
import { standingIn } from "./standing.ts";
import { parseIndirectAt } from "./syntax/parser.ts";

/** Whether forms and annotations become part of the pages, and what acts by itself is taken out. */
export interface RewriteOptions {
  readonly neutralise: boolean;
}

const STARTXREF = "startxref";

type Item = ReturnType<PDF["context"]["resolve"]> | undefined;

/**
 * Writes an unsigned file anew: one revision, with only the objects that its pages use. A library that looks for
 * objects when the cross-reference sections mislead does it, in the inspecting process only: it hangs on some files.
 * Throws `PdfRefused`: `pdf_encrypted`, `pdf_damaged_signed`, `pdf_truncated`, `pdf_damaged`.
 */
export async function rewritePdf(bytes: Uint8Array, options: RewriteOptions): Promise<Uint8Array> {
  refuseUnrepairable(bytes);
  try {
    return await rewritten(bytes, bytes, options);
  } catch (error) {
    if (!(error instanceof PdfRefused) || error.code !== "pdf_damaged") throw error;
    // The library looks for objects only where it finds no section at all, not where a section misleads.
    return await rewritten(bytes, withoutSections(bytes), options);
  }
}

async function rewritten(
  original: Uint8Array,
  bytes: Uint8Array,
  { neutralise }: RewriteOptions,
): Promise<Uint8Array> {
  try {
    const pdf = await PDF.load(bytes);
    if (pdf.isEncrypted) throw new PdfRefused("pdf_encrypted", "encrypted, found while it was repaired");
    const catalog = pdf.context.catalog.getDict();
    refuseSigned(pdf, catalog);
    refuseLosses(pdf, catalog, bytesSource(original));
    if (neutralise) flatten(pdf, catalog);
    // The library saves a document that nobody changed as it was; and some damaged catalogs do not say what they are.
    catalog.set("Type", PdfName.of("Catalog"));
    return await pdf.save({ compressStreams: false });
  } catch (error) {
    if (error instanceof PdfRefused) throw error;
    const kind = error instanceof Error ? error.name : "unknown";
    throw damaged(`cannot be repaired: ${kind}`, { cause: error });
  }
}

/** The file with every `startxref` written over, so that its objects have to be looked for. */
function withoutSections(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(STARTXREF); at !== -1; at = copy.indexOf(STARTXREF, at + 1))
    copy.fill("%", at, at + STARTXREF.length);
  return copy;
}

function refuseSigned(pdf: PDF, catalog: PdfDict): void {
  const stack = itemsOf(dictOf(pdf, catalog.get("AcroForm")), "Fields");
  const seen = new Set<string>();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const key = next instanceof PdfRef ? `${next.objectNumber} ${next.generation}` : undefined;
    if (key !== undefined && seen.has(key)) continue;
    if (key !== undefined) seen.add(key);
    const field = dictOf(pdf, next);
    if (dictOf(pdf, field?.get("V"))?.has("ByteRange"))
      throw new PdfRefused("pdf_damaged_signed", "a damaged file with a signature");
    stack.push(...itemsOf(field, "Kids"));
  }

  function itemsOf(dict: PdfDict | undefined, name: string): Item[] {
    const list = resolved(pdf, dict?.get(name));
    return list?.type === "array" ? [...list] : [];
  }
}

/**
 * Refuses a file of which an object is lost, or was guessed at by the library: what is shown would not be what was
 * written. Only where objects are may be wrong, not what they say.
 */
function refuseLosses(pdf: PDF, catalog: PdfDict, source: PdfSource): void {
  const offsets = new Map([...standingIn(source)].map(({ num, offset }) => [num, offset]));
  const seen = new Set<string>();
  const stack: Item[] = [catalog];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next instanceof PdfRef) {
      const key = `${next.objectNumber} ${next.generation}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const object = pdf.context.resolve(next);
      if (object === null) throw damaged("an object is lost");
      const offset = offsets.get(next.objectNumber);
      if (offset !== undefined) parseIndirectAt(source, offset);
      stack.push(object);
    } else if (next?.type === "dict" || next instanceof PdfStream) {
      for (const [, value] of next) stack.push(value);
    } else if (next?.type === "array") stack.push(...next);
  }
}

function flatten(pdf: PDF, catalog: PdfDict): void {
  pdf.getForm()?.flatten();
  pdf.flattenAnnotations({ removeLinks: true });
  for (const key of ["OpenAction", "AA", "AcroForm", "Requirements"]) catalog.delete(key);
  dictOf(pdf, catalog.get("Names"))?.delete("JavaScript");
  for (const page of pdf.getPages()) for (const key of ["AA", "PresSteps"]) page.dict.delete(key);
}

function dictOf(pdf: PDF, item: Item): PdfDict | undefined {
  const object = resolved(pdf, item);
  return object?.type === "dict" ? object : undefined;
}

function resolved(pdf: PDF, item: Item): Item {
  return item instanceof PdfRef ? pdf.context.resolve(item) : item;
}
