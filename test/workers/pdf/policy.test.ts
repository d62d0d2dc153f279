import { deflateSync } from "node:zlib";
import { expect } from "chai";
import { inspectPdf } from "../../../src/workers/pdf/inspect.ts";
import { bytesSource } from "../../../src/workers/pdf/source.ts";
import { createTestPki } from "../pki.ts";
import { reallySigned } from "../real-signature.ts";
import { aDocument, aHandmadePdf, anEmptyPage, latin1, revised } from "./documents.ts";

function verdict(bytes: Uint8Array, allowEmbeddedFiles = false): string {
  const limits = { maxBytes: 10_000_000, maxPages: 500, allowEmbeddedFiles };
  const inspection = inspectPdf(bytesSource(bytes), limits);
  return inspection.ok ? "ok" : inspection.code;
}

/** An object that is a stream of these bytes. */
function stream(entries: string, bytes: Uint8Array | string): string {
  const data = typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1");
  return `<< ${entries} /Length ${data.length} >>\nstream\n${data}\nendstream`;
}

/** A page whose only resource is this object. */
function withXObject(object: string, more: Record<number, string> = {}): Uint8Array {
  return aHandmadePdf({ ...anEmptyPage("", "/Resources << /XObject << /X 4 0 R >> >>"), 4: object, ...more });
}

const image = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8";
const zeros = (megabytes: number) => deflateSync(Buffer.alloc(megabytes * 1024 * 1024));
const hex = (bytes: Uint8Array) => `${Buffer.from(bytes).toString("hex")}>`;
/** Runs of 128 zeros each: 64 times the size. */
const runs = (count: number) => Buffer.alloc(count * 2, Buffer.from([0x81, 0]));

describe("the policy on uploads, anywhere in a document", () => {
  const bombs: [string, Uint8Array][] = [
    ["a picture", withXObject(stream(`${image} /Filter /FlateDecode`, zeros(65)))],
    ["a picture behind hexadecimal", withXObject(stream(`${image} /Filter [/AHx /Fl]`, hex(zeros(65))))],
    [
      "a picture behind a filter that changes nothing",
      withXObject(stream(`${image} /Filter [/Crypt /FlateDecode]`, zeros(65))),
    ],
    ["runs", withXObject(stream(`${image} /Filter /RunLengthDecode`, runs(600_000)))],
    ["Flate in Flate", withXObject(stream(`${image} /Filter [/Fl /Fl]`, deflateSync(zeros(65))))],
    ["five filters", withXObject(stream(`${image} /Filter [/AHx /AHx /AHx /AHx /AHx]`, ">"))],
    [
      "many that are not too large each",
      withXObject(stream(`${image} /SMask 5 0 R /Filter /FlateDecode`, zeros(60)), {
        5: stream(`${image} /SMask 6 0 R /Filter /FlateDecode`, zeros(60)),
        6: stream(`${image} /SMask 7 0 R /Filter /FlateDecode`, zeros(60)),
        7: stream(`${image} /SMask 8 0 R /Filter /FlateDecode`, zeros(60)),
        8: stream(`${image} /Filter /FlateDecode`, zeros(60)),
      }),
    ],
  ];
  for (const [what, bytes] of bombs) {
    it(`refuses what unpacks too far: ${what}`, () => expect(verdict(bytes)).to.equal("pdf_too_large"));
  }

  it("accepts pictures that are large, or of no filter of ours, and what nobody can reach", () => {
    expect(verdict(withXObject(stream(`${image} /Filter /FlateDecode`, zeros(40))))).to.equal("ok");
    expect(verdict(withXObject(stream(`${image} /Filter /DCTDecode`, "\xff\xd8")))).to.equal("ok");
    const unused = { ...anEmptyPage(), 4: stream(`${image} /Filter /FlateDecode`, zeros(65)) };
    expect(verdict(aHandmadePdf(unused))).to.equal("ok");
  });

  it("refuses data and pages of other files", () => {
    expect(verdict(withXObject(stream(`${image} /F (other.bin)`, "")))).to.equal("pdf_external_content");
    const form = "/Type /XObject /Subtype /Form /BBox [0 0 1 1]";
    const reference = stream(`${form} /Ref << /F (other.pdf) /Page 0 >>`, "");
    expect(verdict(withXObject(reference))).to.equal("pdf_external_content");
    expect(verdict(withXObject(stream(form, "")))).to.equal("ok");
  });

  it("refuses a stream that does not end where it says, and objects that are elsewhere", () => {
    const short = stream(image, "12345").replace("/Length 5", "/Length 3");
    expect(verdict(withXObject(short))).to.equal("pdf_damaged");
    const moved = latin1(withXObject(stream(image, "1"))).replace(
      /(?<=\n)\d{9}(\d) 00000 n(?= \ntrailer)/,
      "000000999$1 00000 n",
    );
    expect(verdict(Buffer.from(moved, "latin1"))).not.to.equal("ok");
  });

  it("refuses a key said twice with two values, not with one", () => {
    const said = (second: string) => withXObject(stream(`${image} /Intent /A /Intent ${second}`, "1"));
    expect(verdict(said("/B"))).to.equal("pdf_ambiguous");
    expect(verdict(said("/A"))).to.equal("ok");
  });

  it("refuses an object that stands or is listed twice in one revision, not in two", () => {
    const bytes = aHandmadePdf({ ...anEmptyPage(), 4: "(seen)" });
    const hidden = "4 0 obj\n(hidden)\nendobj\n";
    const twice = latin1(bytes)
      .replace("xref\n", `${hidden}xref\n`)
      .replace(/(?<=startxref\n)\d+/, (at) => String(Number(at) + hidden.length));
    expect(verdict(Buffer.from(twice, "latin1"))).to.equal("pdf_ambiguous");
    expect(verdict(revised(bytes, { 4: "(hidden)" }))).to.equal("ok");
    const listed = latin1(bytes).replace(/(?=trailer)/, "4 1\n0000000009 00000 n \n");
    expect(verdict(Buffer.from(listed, "latin1"))).to.equal("pdf_ambiguous");
    const quoted = { ...anEmptyPage(), 4: stream("", "\n3 0 obj\nnull\nendobj\n"), 5: "(1 0 obj)" };
    expect(verdict(aHandmadePdf(quoted))).to.equal("ok");
  });

  const groups = { 4: "<< /Type /OCG /Name (a) >>", 5: "<< /Type /OCG /Name (b) /Usage 6 0 R >>" };
  const layered = (config: string, usage = "<< >>", more: Record<number, string> = {}) =>
    aHandmadePdf({
      ...anEmptyPage(
        `/OCProperties << /OCGs [4 0 R 5 0 R] /D << ${config} >> >>`,
        "/Resources << /Properties << /M 7 0 R >> >>",
      ),
      ...groups,
      6: usage,
      ...more,
    });
  const switching = "/AS [<< /Event /Print /Category [/Print /Zoom] /OCGs [4 0 R 5 0 R] >>]";
  const membership = (entries: string) => ({ 7: `<< /Type /OCMD /OCGs [4 0 R 5 0 R] ${entries} >>` });
  const layers: [string, string, Uint8Array][] = [
    ["that are all on", "ok", layered("/ON [4 0 R] /Order [4 0 R 5 0 R]")],
    ["that are off", "pdf_hidden_layers", layered("/OFF [5 0 R]")],
    ["that are off unless named", "pdf_hidden_layers", layered("/BaseState /OFF /ON [4 0 R]")],
    ["that are all named", "ok", layered("/BaseState /OFF /ON [4 0 R 5 0 R]")],
    ["that are not printed", "pdf_hidden_layers", layered(switching, "<< /Print << /PrintState /OFF >> >>")],
    ["that are printed", "ok", layered(switching, "<< /Print << /PrintState /ON >> >>")],
    ["that depend on the zoom", "pdf_hidden_layers", layered(switching, "<< /Zoom << /min 1 >> >>")],
    [
      "with content for when they are off",
      "pdf_hidden_layers",
      layered("", "<< >>", membership("/P /AllOff")),
    ],
    ["with content for when they are on", "ok", layered("", "<< >>", membership("/P /AllOn"))],
    [
      "with a negation",
      "pdf_hidden_layers",
      layered("", "<< >>", membership("/VE [/And 4 0 R [/Not 5 0 R]]")),
    ],
    ["with two negations", "ok", layered("", "<< >>", membership("/VE [/Not [/Not 5 0 R]]"))],
  ];
  for (const [what, expected, bytes] of layers) {
    it(`${expected === "ok" ? "accepts" : "refuses"} layers ${what}`, () => {
      expect(verdict(bytes)).to.equal(expected);
    });
  }

  const link = (uri: string) =>
    anEmptyPage("", `/Annots [<< /Subtype /Link /A << /S /URI /URI (${uri}) >> >>]`);
  const script = "<< /S /JavaScript /JS (1) >>";
  const active: [string, Record<number, string>][] = [
    ["a link that runs a script", link("java\\nscript:alert")],
    ["a link to a file, with odd white space", link("\\001 f\\tile:///etc/passwd")],
    ["a base that is a file", anEmptyPage("/URI << /Base (file:///) >>")],
    ["a thread of another file", anEmptyPage("/OpenAction << /S /Thread /F (a.pdf) /D 0 >>")],
    ["a step of a presentation", anEmptyPage("", `/PresSteps << /NA ${script} >>`)],
    [
      "a script that is required",
      anEmptyPage("/Requirements [<< /S /EnableJavaScripts /RH << /S /JS >> >>]"),
    ],
    ["a page that XFA makes", anEmptyPage("/NeedsRendering true")],
    ["a sound", anEmptyPage("", "/Annots [<< /Subtype /Sound >>]")],
    ["a movie", anEmptyPage("", "/Annots [<< /Subtype /Movie >>]")],
    ["a thing in three dimensions", anEmptyPage("", "/Annots [<< /Subtype /3D >>]")],
  ];
  for (const [what, objects] of active) {
    it(`refuses ${what}`, () => expect(verdict(aHandmadePdf(objects))).to.equal("pdf_active_content"));
  }

  it("accepts embedded files when the firm may send them", () => {
    const file = "<< /Type /Filespec /F (facture.xml) /EF << /F 4 0 R >> >>";
    const invoice = {
      ...anEmptyPage(`/AF [5 0 R] /Names << /EmbeddedFiles << /Names [(facture.xml) 5 0 R] >> >>`),
      4: stream("/Type /EmbeddedFile", "<xml/>"),
      5: file,
    };
    expect(verdict(aHandmadePdf(invoice))).to.equal("pdf_embedded_files");
    expect(verdict(aHandmadePdf(invoice), true)).to.equal("ok");
    const bomb = { ...invoice, 4: stream("/Filter /FlateDecode", zeros(65)) };
    expect(verdict(aHandmadePdf(bomb), true)).to.equal("pdf_too_large");
    expect(verdict(aHandmadePdf(anEmptyPage("/Collection << >>")))).to.equal("pdf_embedded_files");
  });

  it("says of a signed file that is wrong besides that its signature is", async () => {
    const signed = reallySigned(await aDocument(), createTestPki().member);
    expect(verdict(signed)).to.equal("ok");
    const changed = latin1(signed).replace(/\/Producer <[0-9A-F]{2}/, "/Producer <00");
    expect(verdict(Buffer.from(changed, "latin1"))).to.equal("pdf_signature_broken");
  });
});
