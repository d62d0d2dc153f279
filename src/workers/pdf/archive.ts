import { RevisionDraft } from "./draft.ts";
import { type SignatureEvidence, writeStore } from "./evidence-store.ts";
import { placeField } from "./field.ts";
import { catalogOf } from "./pages.ts";
import { dict, integer, name, nameOf, type PdfObject, withEntries } from "./syntax/objects.ts";
import type { PdfTail } from "./tail.ts";
import { type PreparedRevision, TailWriter } from "./tail-writer.ts";
import type { PdfView } from "./view.ts";

/** The revision that gives a document what later checks of its signatures will need (EN 319 142-1, 5.4.2). */
export function appendEvidence(pdf: PdfTail, evidence: readonly SignatureEvidence[]): Uint8Array {
  const draft = new RevisionDraft(pdf.latest);
  putStore(draft, pdf, evidence, false);
  return new TailWriter(pdf, draft).end();
}

/**
 * The same revision with a document timestamp over all of it (EN 319 142-1, 5.4.3), for a token of up to `tokenBytes`.
 * The field is invisible, and the dictionary says nothing but what it is: the token knows the time and the TSA.
 */
export function prepareDocumentTimestamp(
  pdf: PdfTail,
  evidence: readonly SignatureEvidence[],
  tokenBytes: number,
): PreparedRevision {
  const draft = new RevisionDraft(pdf.latest);
  const timestamp = draft.reserve();
  const more = placeField(draft, timestamp, { fieldName: "Timestamp", isTimestamp: true });
  putStore(draft, pdf, evidence, true);
  const writer = new TailWriter(pdf, draft);
  const entries: [string, PdfObject][] = [
    ["Type", name("DocTimeStamp")],
    ["Filter", name("Adobe.PPKLite")],
    ["SubFilter", name("ETSI.RFC3161")],
    ...more,
  ];
  return writer.endSigned(writer.signature(timestamp.num, entries, tokenBytes));
}

/** The store, and the catalog that names it, as this revision leaves it otherwise. */
function putStore(
  draft: RevisionDraft,
  pdf: PdfTail,
  evidence: readonly SignatureEvidence[],
  isCovered: boolean,
): void {
  const store = draft.add(writeStore(draft, evidence, isCovered));
  const { ref } = catalogOf(draft.view);
  const catalog = draft.dict(ref) ?? dict([]);
  draft.change(ref, withEntries(catalog, [["DSS", store], ...extensionsOf(pdf)]));
}

/** EN 319 142-1, 5.6: before PDF 2.0 a store and a document timestamp are an extension, which the catalog names. */
function extensionsOf({ latest, source }: PdfTail): [string, PdfObject][] {
  const catalog = catalogOf(latest).dict;
  const header = Buffer.from(source.read(0, 8)).toString("latin1");
  if (header.startsWith("%PDF-2") || versionOf(latest)?.startsWith("2")) return [];
  const extensions = latest.dict(catalog.entries.get("Extensions")) ?? dict([]);
  if (extensions.entries.has("ESIC")) return [];
  const etsi = dict([
    ["BaseVersion", name("1.7")],
    ["ExtensionLevel", integer(1)],
  ]);
  return [["Extensions", withEntries(extensions, [["ESIC", etsi]])]];
}

const versionOf = (view: PdfView): string | undefined =>
  nameOf(view.resolve(catalogOf(view).dict.entries.get("Version")));
