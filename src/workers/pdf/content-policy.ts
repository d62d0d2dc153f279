import { refuseActiveAction, refuseActiveTriggers, refuseLocalUri } from "./actions.ts";
import { fieldsOf, formOf } from "./fields.ts";
import { catalogOf } from "./pages.ts";
import { PdfRefused } from "./refused.ts";
import { as, nameOf, type PdfDict, type PdfObject } from "./syntax/objects.ts";
import type { PdfView } from "./view.ts";

const ACTIVE_ANNOTATIONS = new Set(["RichMedia", "3D", "Screen", "Movie", "Sound"]);
const MAX_OUTLINE_ITEMS = 200_000;
const MAX_NAME_TREE_NODES = 10_000;

/** What a firm may allow that is refused otherwise: Factur-X carries an invoice's data as an embedded file. */
export interface ContentAllowance {
  readonly embeddedFiles: boolean;
}

/** Refuses active content and embedded files that hang on the document itself: catalog, names, form, outline. */
export function refuseDocumentContent(view: PdfView, allowance: ContentAllowance): void {
  const catalog = catalogOf(view).dict;
  refuseActiveAction(view, catalog.entries.get("OpenAction"));
  refuseActiveTriggers(view, catalog.entries.get("AA"));
  const names = view.dict(catalog.entries.get("Names"));
  if (hasLeaves(view, names?.entries.get("JavaScript"))) active("document JavaScript");
  if (hasLeaves(view, names?.entries.get("AlternatePresentations"))) active("a presentation");
  if (!allowance.embeddedFiles) {
    if (hasLeaves(view, names?.entries.get("EmbeddedFiles"))) embedded("embedded files");
    if (view.dict(catalog.entries.get("Collection")) !== undefined) embedded("a collection of files");
    refuseAssociatedFiles(view, catalog);
  }
  refuseLocalUri(view, view.dict(catalog.entries.get("URI"))?.entries.get("Base"));
  refuseRequirements(view, catalog);
  if (view.resolve(catalog.entries.get("NeedsRendering")) === true) active("a page made by XFA");
  if (view.resolve(formOf(view)?.entries.get("XFA")) !== null) active("XFA form");
  for (const { dict } of fieldsOf(view)) refuseActions(view, dict);
  refuseOutline(view, catalog.entries.get("Outlines"));
}

/** Refuses active content and embedded files on one page. */
export function refusePageContent(view: PdfView, page: PdfDict, allowance: ContentAllowance): void {
  refuseActiveTriggers(view, page.entries.get("AA"));
  refusePresentation(view, page.entries.get("PresSteps"));
  if (!allowance.embeddedFiles) refuseAssociatedFiles(view, page);
  for (const item of view.items(page.entries.get("Annots"))) {
    const annotation = view.dict(item);
    if (annotation === undefined) continue;
    const kind = nameOf(view.resolve(annotation.entries.get("Subtype")));
    if (kind !== undefined && ACTIVE_ANNOTATIONS.has(kind)) active(`${kind} annotation`);
    if (kind === "FileAttachment" && !allowance.embeddedFiles) embedded("file attachment annotation");
    refuseActions(view, annotation);
  }
}

function refuseActions(view: PdfView, holder: PdfDict): void {
  refuseActiveAction(view, holder.entries.get("A"));
  refuseActiveAction(view, holder.entries.get("PA"));
  refuseActiveTriggers(view, holder.entries.get("AA"));
}

function refuseAssociatedFiles(view: PdfView, holder: PdfDict): void {
  for (const item of view.items(holder.entries.get("AF"))) {
    if (view.dict(view.dict(item)?.entries.get("EF")) !== undefined) embedded("associated file");
  }
}

/** Requirement handlers (ISO 32000-2, 12.11) name scripts of the document. */
function refuseRequirements(view: PdfView, catalog: PdfDict): void {
  for (const item of view.items(catalog.entries.get("Requirements"))) {
    const handlers = view.dict(item)?.entries.get("RH");
    const list = as(view.resolve(handlers), "array")?.items ?? [handlers];
    const isScript = (handler: PdfObject | undefined) =>
      nameOf(view.resolve(view.dict(handler)?.entries.get("S"))) === "JS";
    if (list.some(isScript)) active("a script that is required");
  }
}

/** The steps of a presentation (12.4.4.2), each with actions for going on and back. */
function refusePresentation(view: PdfView, steps: PdfObject | undefined): void {
  const seen = new Set<number>();
  for (let next = steps; next !== undefined; ) {
    const num = as(next, "ref")?.num;
    if (num !== undefined && seen.has(num)) break;
    if (num !== undefined) seen.add(num);
    const step: PdfDict | undefined = view.dict(next);
    refuseActiveAction(view, step?.entries.get("NA"));
    refuseActiveAction(view, step?.entries.get("PA"));
    next = step?.entries.get("Next");
  }
}

function hasLeaves(view: PdfView, tree: PdfObject | undefined): boolean {
  const stack: PdfObject[] = [tree ?? null];
  const seen = new Set<number>();
  for (let nodes = 0, next = stack.pop(); next !== undefined; next = stack.pop()) {
    const num = as(next, "ref")?.num;
    if (num !== undefined && seen.has(num)) cyclic("a name tree that meets itself");
    if (num !== undefined) seen.add(num);
    if (++nodes > MAX_NAME_TREE_NODES) return true;
    const node = view.dict(next);
    if (view.items(node?.entries.get("Names")).length > 0) return true;
    for (const kid of view.items(node?.entries.get("Kids"))) stack.push(kid);
  }
  return false;
}

function refuseOutline(view: PdfView, outlines: PdfObject | undefined): void {
  const stack: PdfObject[] = [view.dict(outlines)?.entries.get("First") ?? null];
  const seen = new Set<number>();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const num = as(next, "ref")?.num;
    if (num === undefined) continue;
    if (seen.has(num)) cyclic("an outline that meets itself");
    seen.add(num);
    if (seen.size > MAX_OUTLINE_ITEMS) throw new PdfRefused("pdf_too_many_objects", "an outline too long");
    const item = view.dict(next);
    if (item === undefined) continue;
    refuseActiveAction(view, item.entries.get("A"));
    stack.push(item.entries.get("Next") ?? null, item.entries.get("First") ?? null);
  }
}

function cyclic(detail: string): never {
  throw new PdfRefused("pdf_cyclic", detail);
}

function active(detail: string): never {
  throw new PdfRefused("pdf_active_content", detail);
}

function embedded(detail: string): never {
  throw new PdfRefused("pdf_embedded_files", detail);
}
