import { expect } from "chai";
import { prepareSignature } from "../../../src/workers/pdf/revision.ts";
import { readSignatures } from "../../../src/workers/pdf/signatures.ts";
import { aHandmadePdf, anEmptyPage, aRequest, joined, open, revised, signed } from "./documents.ts";

describe("a field whose widget is a separate kid, signed after another signature", () => {
  const widget = (more = "") =>
    `<< /Type /Annot /Subtype /Widget /Parent 6 0 R /Rect [10 10 150 60] /P 3 0 R ${more} >>`;
  const document = aHandmadePdf({
    ...anEmptyPage("/AcroForm << /Fields [6 0 R 8 0 R] >>", "/Annots [7 0 R 9 0 R]"),
    6: "<< /FT /Sig /T (client) /Kids [7 0 R] >>",
    7: widget(),
    8: "<< /FT /Sig /T (other) /Kids [9 0 R] >>",
    9: widget().replace("6 0 R", "8 0 R"),
  });
  const once = signed(document);
  const appearance = { at: { fieldName: "client" }, lines: ["Alice"] };
  const change = (bytes: Uint8Array) =>
    readSignatures(open(bytes)).find(({ fieldName }) => fieldName !== "client")?.changedAfter;

  it("is a signature among others", () => {
    const twice = joined(once, prepareSignature(open(once), aRequest({ appearance })));
    expect(change(twice)).to.equal("signatures-only");
  });

  it("is other when another field's widget gets a look with it, or the widget moves", () => {
    const look = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >>\nstream\n\nendstream";
    const free = open(once).latest.limit();
    const value = "<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <00> >>";
    const field = `<< /FT /Sig /T (client) /Kids [7 0 R] /V ${free} 0 R >>`;
    const ap = `/AP << /N ${free + 1} 0 R >> /F 132`;
    const base = { 6: field, [free]: value, [free + 1]: look };
    expect(change(revised(once, { ...base, 7: widget(ap) }))).to.equal("signatures-only");
    expect(change(revised(once, { ...base, 9: widget(ap).replace("6 0 R", "8 0 R") }))).to.equal("other");
    expect(change(revised(once, { ...base, 9: widget(ap) }))).to.equal("other");
    expect(change(revised(once, { ...base, 7: widget(ap).replace("150 60", "190 190") }))).to.equal("other");
  });
});
