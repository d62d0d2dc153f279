import { degrees, PDFDocument, PDFName, StandardFonts } from "pdf-lib";
import { prepareSignature, type SignatureRequest } from "../../../src/workers/pdf/revision.ts";
import { bytesSource } from "../../../src/workers/pdf/source.ts";
import { as } from "../../../src/workers/pdf/syntax/objects.ts";
import { openPdf, type PdfTail } from "../../../src/workers/pdf/tail.ts";
import type { PreparedRevision } from "../../../src/workers/pdf/tail-writer.ts";

export const SIGNING_TIME = new Date("2025-01-31T09:30:00.500Z");

/** A document of text pages, by pdf-lib. */
export async function aDocument(
  options: { pages?: number; objectStreams?: boolean } = {},
): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  for (let i = 0; i < (options.pages ?? 2); i++) {
    document
      .addPage()
      .drawText(`Lettre de mission, page ${i + 1} : é è ç`, { x: 50, y: 700, font, rotate: degrees(0) });
  }
  return document.save({ useObjectStreams: options.objectStreams ?? false });
}

/** A document with a text field that has a widget on its first page. */
export async function aForm(
  options: { objectStreams?: boolean; indirectAnnots?: boolean } = {},
): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const page = document.addPage();
  const field = document.getForm().createTextField("Signature1");
  field.addToPage(page, { x: 50, y: 50, width: 100, height: 20 });
  if (options.indirectAnnots === true) {
    const annotations = page.node.Annots();
    if (annotations !== undefined)
      page.node.set(PDFName.of("Annots"), document.context.register(annotations));
  }
  return document.save({ useObjectStreams: options.objectStreams ?? false });
}

/** A document written by hand: objects by number, a classic table, and more for its trailer. */
export function aHandmadePdf(
  objects: Readonly<Record<number, string>>,
  trailer = "",
  header = "%PDF-1.7\n",
): Uint8Array {
  let text = header;
  const offsets = new Map<number, number>();
  for (const [num, body] of Object.entries(objects)) {
    offsets.set(Number(num), text.length);
    text += `${num} 0 obj\n${body}\nendobj\n`;
  }
  const size = Math.max(...offsets.keys()) + 1;
  const start = text.length;
  text += `xref\n0 ${size}\n0000000000 65535 f \n`;
  for (let num = 1; num < size; num++) {
    const offset = offsets.get(num);
    text += offset === undefined ? "0000000000 00000 f \n" : `${String(offset).padStart(10, "0")} 00000 n \n`;
  }
  text += `trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, "latin1");
}

/** The three objects of a document with one empty page, and what the catalog and the page say besides. */
export function anEmptyPage(catalog = "", page = ""): Record<number, string> {
  return {
    1: `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
    2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    3: `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] ${page} >>`,
  };
}

/** A later revision of a document: these objects, written anew or for the first time. */
export function revised(bytes: Uint8Array, objects: Readonly<Record<number, string>>, root = 1): Uint8Array {
  const pdf = open(bytes);
  let text = "";
  let table = "xref\n";
  for (const [num, body] of Object.entries(objects)) {
    table += `${num} 1\n${String(bytes.length + text.length).padStart(10, "0")} 00000 n \n`;
    text += `${num} 0 obj\n${body}\nendobj\n`;
  }
  const size = Math.max(pdf.latest.limit(), ...Object.keys(objects).map((num) => Number(num) + 1));
  const start = bytes.length + text.length;
  const information = as(pdf.trailer.entries.get("Info"), "ref");
  const info = information === undefined ? "" : `/Info ${information.num} 0 R`;
  const trailer = `<< /Size ${size} /Root ${root} 0 R ${info} /Prev ${pdf.sections[0].offset} >>`;
  text += `${table}trailer\n${trailer}\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.concat([bytes, Buffer.from(text, "latin1")]);
}

export function open(bytes: Uint8Array): PdfTail {
  return openPdf(bytesSource(bytes));
}

export function aRequest(changes: Partial<SignatureRequest> = {}): SignatureRequest {
  return { signingTime: SIGNING_TIME, contentsBytes: 64, ...changes };
}

/** The document with one more signature, its CMS a few bytes that say nothing. */
export function signed(bytes: Uint8Array, changes: Partial<SignatureRequest> = {}): Uint8Array {
  const prepared = prepareSignature(open(bytes), aRequest(changes));
  return joined(bytes, prepared);
}

export function joined(bytes: Uint8Array, prepared: PreparedRevision): Uint8Array {
  return Buffer.concat([bytes, prepared.tail]);
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
