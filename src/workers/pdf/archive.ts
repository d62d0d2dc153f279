import { type SignatureEvidence, writeStore } from "./evidence-store.ts";
import { placeField, type RevisedObject, revised } from "./field.ts";
import { catalogOf } from "./pages.ts";
import { dict, integer, name, nameOf, type PdfObject, ref, withEntries } from "./syntax/objects.ts";
import type { PdfTail } from "./tail.ts";
import { type PreparedRevision, TailWriter } from "./tail-writer.ts";
import type { PdfView } from "./view.ts";

/** The revision that gives a document what later checks of its signatures will need (EN 319 142-1, 5.4.2). */
export function appendEvidence(pdf: PdfTail, evidence: readonly SignatureEvidence[]): Uint8Array {
  const writer = new TailWriter(pdf);
  writeObjects(writer, withStore(writer, pdf, [], evidence, false));
  return writer.end();
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
  const writer = new TailWriter(pdf);
  const timestamp = ref(writer.next(), 0);
  const field = placeField(pdf.latest, timestamp, "Timestamp", () => writer.next());
  const holes = writer.signature(
    timestamp.num,
    [
      ["Type", name("DocTimeStamp")],
      ["Filter", name("Adobe.PPKLite")],
      ["SubFilter", name("ETSI.RFC3161")],
    ],
    tokenBytes,
  );
  writeObjects(writer, withStore(writer, pdf, field, evidence, true));
  return writer.endSigned(holes);
}

/** These objects and those of the store; whichever of them holds the catalog has it name the store. */
function withStore(
  writer: TailWriter,
  pdf: PdfTail,
  objects: readonly RevisedObject[],
  evidence: readonly SignatureEvidence[],
  isCovered: boolean,
): RevisedObject[] {
  const view = pdf.latest;
  const catalog = catalogOf(view);
  const store = ref(writer.next(), 0);
  const all = objects.some(({ num }) => num === catalog.ref.num)
    ? objects
    : [...objects, revised(view, catalog.ref, catalog.dict)];
  const entries: [string, PdfObject][] = [["DSS", store], ...extensionsOf(pdf)];
  return [
    ...all.map((each) =>
      each.num === catalog.ref.num ? { ...each, object: grown(each.object, entries) } : each,
    ),
    { num: store.num, gen: 0, object: writeStore(writer, view, evidence, isCovered) },
  ];
}

function grown(object: PdfObject, entries: [string, PdfObject][]): PdfObject {
  const isDict = object !== null && typeof object !== "boolean" && object.type === "dict";
  return isDict ? withEntries(object, entries) : object;
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

function writeObjects(writer: TailWriter, objects: readonly RevisedObject[]): void {
  for (const object of objects.toSorted((a, b) => a.num - b.num)) writer.object(object);
}
