import { createHash } from "node:crypto";
import {
  PDFArray,
  PDFDocument,
  PDFHexString,
  PDFInvalidObject,
  PDFName,
  PDFNumber,
  PDFString,
} from "@cantoo/pdf-lib";
import { buildSignedData, cmsBytesFor } from "../../src/workers/cms/build.ts";
import { signerFor } from "../../src/workers/signer-keys.ts";
import type { Sign } from "./contestants.ts";
import type { Identity } from "./identities.ts";

const star = "*********";

/** @cantoo/pdf-lib appends the revision, as its README does; the CMS is ours, for it makes none. */
export async function cantooWith({ key, rootDer }: Identity): Promise<Sign> {
  const signer = signerFor({ kind: "kept", key, rootDer }, new Date());
  const contentsBytes = cmsBytesFor(signer);
  return async (pdf) => {
    const document = await PDFDocument.load(pdf, { forIncrementalUpdate: true });
    addField(document, contentsBytes);
    const saved = await document.save();
    const bytes = Buffer.from(saved.buffer, saved.byteOffset, saved.byteLength);
    const gapStart = bytes.lastIndexOf("/Contents <") + "/Contents ".length;
    const gapEnd = gapStart + contentsBytes * 2 + 2;
    const rangeStart = bytes.lastIndexOf("/ByteRange [");
    const rangeEnd = bytes.indexOf("]", rangeStart) + 1;
    const range = `/ByteRange [0 ${gapStart} ${gapEnd} ${bytes.length - gapEnd}]`;
    bytes.write(range.padEnd(rangeEnd - rangeStart), rangeStart, "latin1");
    const hash = createHash("sha256").update(bytes.subarray(0, gapStart)).update(bytes.subarray(gapEnd));
    const cms = buildSignedData({ ...signer, documentDigest: hash.digest() });
    bytes.write(Buffer.from(cms).toString("hex"), gapStart + 1, "latin1");
    return { whole: bytes };
  };
}

function addField(document: PDFDocument, contentsBytes: number): void {
  const { context } = document;
  const byteRange = PDFArray.withContext(context);
  byteRange.push(PDFNumber.of(0));
  for (let i = 0; i < 3; i++) byteRange.push(PDFName.of(star));
  const dictionary = context.obj({
    Type: "Sig",
    Filter: "Adobe.PPKLite",
    SubFilter: "ETSI.CAdES.detached",
    ByteRange: byteRange,
    Contents: PDFHexString.of("0".repeat(contentsBytes * 2)),
    Reason: PDFString.of("Bench"),
    M: PDFString.fromDate(new Date()),
    Name: PDFString.of("Collecte bench"),
  });
  // So that it is not packed into an object stream.
  const plain = new Uint8Array(dictionary.sizeInBytes());
  dictionary.copyBytesInto(plain, 0);
  const value = context.register(PDFInvalidObject.of(plain));
  const [page] = document.getPages();
  if (page === undefined) throw new Error("a document without pages");
  const widget = context.register(
    context.obj({
      ...{ Type: "Annot", Subtype: "Widget", FT: "Sig", Rect: [0, 0, 0, 0], F: 132 },
      ...{ V: value, T: PDFString.of("Signature1"), P: page.ref },
    }),
  );
  const annotations = page.node.lookupMaybe(PDFName.of("Annots"), PDFArray) ?? context.obj([]);
  annotations.push(widget);
  page.node.set(PDFName.of("Annots"), annotations);
  const form = document.catalog.getOrCreateAcroForm();
  form.dict.set(PDFName.of("SigFlags"), PDFNumber.of(3));
  form.dict.set(PDFName.of("Fields"), context.obj([widget]));
}
