import { deflateSync } from "node:zlib";
import { expect } from "chai";
import { PDFDocument, PDFName, PDFRawStream } from "pdf-lib";
import { type Inspection, inspectPdf } from "../../../src/workers/pdf/inspect.ts";
import { bytesSource } from "../../../src/workers/pdf/source.ts";
import { aDocument, aForm, aHandmadePdf, anEmptyPage, latin1, revised, signed } from "./documents.ts";

function inspect(bytes: Uint8Array, limits = { maxBytes: 10_000_000, maxPages: 500 }): Inspection {
  return inspectPdf(bytesSource(bytes), limits);
}

function verdict(bytes: Uint8Array): string {
  const inspection = inspect(bytes);
  return inspection.ok ? "ok" : inspection.code;
}

function withText(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  return Buffer.from(change(latin1(bytes)), "latin1");
}

describe("the inspection of an upload", () => {
  it("counts pages and revisions", async () => {
    expect(inspect(await aDocument({ pages: 3 }))).to.deep.equal({
      ok: true,
      pages: 3,
      revisions: 1,
      signatures: 0,
    });
    const twice = revised(aHandmadePdf(anEmptyPage()), { 4: "(unused)" });
    expect(inspect(twice)).to.deep.equal({ ok: true, pages: 1, revisions: 2, signatures: 0 });
  });

  it("accepts forms, links, destinations and layers", async () => {
    expect(verdict(await aForm())).to.equal("ok");
    const goTo = "<< /S /GoTo /D [3 0 R /Fit] /Next << /S /Named /N /NextPage >> >>";
    const link = "<< /Subtype /Link /Rect [0 0 1 1] /A << /S /URI /URI (https://example.com) >> >>";
    const harmless = [
      anEmptyPage("/OpenAction [3 0 R /Fit]"),
      anEmptyPage(`/OpenAction ${goTo}`),
      anEmptyPage("/AA << >> /Names << /JavaScript << /Names [] >> /EmbeddedFiles << >> >>"),
      anEmptyPage("/OCProperties << /OCGs [] /D << >> >>", `/Annots [${link}]`),
      anEmptyPage("/AcroForm << /Fields [] /XFA null >>"),
    ];
    for (const objects of harmless) expect(verdict(aHandmadePdf(objects)), objects[1]).to.equal("ok");
  });

  it("refuses page contents that inflate too far, at once or layer by layer", async () => {
    for (const layers of [1, 2]) {
      const document = await PDFDocument.create();
      let bytes: Uint8Array = Buffer.alloc(65 * 1024 * 1024);
      for (let i = 0; i < layers; i++) bytes = deflateSync(bytes);
      const dict = document.context.obj({ Length: bytes.length, Filter: Array(layers).fill("FlateDecode") });
      const stream = PDFRawStream.of(dict, bytes);
      document.addPage().node.set(PDFName.of("Contents"), document.context.register(stream));
      const bomb = await document.save();
      expect(bomb.length).to.be.lessThan(200_000);
      expect(verdict(bomb), `${layers} layers`).to.equal("pdf_too_large");
    }
  });

  it("refuses what is no PDF from its first byte", async () => {
    expect(verdict(Buffer.from("PK\x03\x04"))).to.equal("not_a_pdf");
    expect(verdict(Buffer.alloc(0))).to.equal("not_a_pdf");
    expect(verdict(Buffer.concat([Buffer.from("\n"), await aDocument()]))).to.equal("not_a_pdf");
  });

  it("refuses a file that is cut anywhere", async () => {
    const bytes = await aDocument();
    for (const share of [0.3, 0.6, 0.9]) {
      expect(verdict(bytes.subarray(0, Math.floor(bytes.length * share))), String(share)).to.equal(
        "pdf_truncated",
      );
    }
  });

  it("refuses a second revision that is cut", async () => {
    const first = await aDocument();
    const bytes = signed(first);
    expect(verdict(bytes.subarray(0, bytes.length - 60))).to.equal("pdf_truncated");
  });

  it("refuses data after the end, but not white space", async () => {
    const bytes = await aDocument();
    expect(verdict(Buffer.concat([bytes, Buffer.from("<script>")]))).to.equal("pdf_trailing_data");
    expect(verdict(Buffer.concat([bytes, Buffer.alloc(70_000), Buffer.from("PK\x03\x04")]))).to.equal(
      "pdf_trailing_data",
    );
    expect(verdict(Buffer.concat([bytes, Buffer.from("\r\n\0\n")]))).to.equal("ok");
  });

  it("refuses an encrypted file", () => {
    expect(verdict(aHandmadePdf(anEmptyPage(), "/Encrypt << /Filter /Standard >>"))).to.equal(
      "pdf_encrypted",
    );
  });

  it("refuses a file, a page count or numbers that are too large", async () => {
    const bytes = await aDocument({ pages: 3 });
    expect(inspect(bytes, { maxBytes: 100, maxPages: 500 })).to.include({ code: "pdf_too_large" });
    expect(inspect(bytes, { maxBytes: 1e7, maxPages: 2 })).to.include({ code: "pdf_too_many_pages" });
    expect(inspect(bytes, { maxBytes: 1e7, maxPages: 3 })).to.include({ ok: true });
    const text = withText(aHandmadePdf(anEmptyPage()), (all) => all.replace("/Size 4", "/Size 200001"));
    expect(verdict(text)).to.equal("pdf_too_many_objects");
  });

  it("refuses over 64 revisions", () => {
    let bytes = aHandmadePdf(anEmptyPage());
    for (let i = 1; i <= 64; i++) bytes = revised(bytes, { 4: `(${i})` });
    expect(verdict(bytes)).to.equal("pdf_too_many_revisions");
  });

  it("refuses a page tree over 50 deep, and accepts one of 50", () => {
    const nested = (levels: number) => {
      const objects: Record<number, string> = { 1: "<< /Type /Catalog /Pages 2 0 R >>" };
      for (let i = 0; i < levels; i++) objects[2 + i] = `<< /Type /Pages /Kids [${3 + i} 0 R] /Count 1 >>`;
      objects[2 + levels] = "<< /Type /Page >>";
      return aHandmadePdf(objects);
    };
    expect(verdict(nested(50))).to.equal("ok");
    expect(verdict(nested(51))).to.equal("pdf_too_deep");
  });

  const damaged: [string, Record<number, string>][] = [
    ["a page listed twice", { ...anEmptyPage(), 2: "<< /Type /Pages /Kids [3 0 R 3 0 R] >>" }],
    ["no page", { ...anEmptyPage(), 2: "<< /Type /Pages /Kids [] >>" }],
    ["no catalog", { ...anEmptyPage(), 1: "<< /Pages 2 0 R >>" }],
    ["a catalog that is itself", { ...anEmptyPage(), 1: "1 0 R" }],
    ["contents that are no stream", anEmptyPage("", "/Contents 2 0 R")],
    [
      "contents beyond the end",
      { ...anEmptyPage("", "/Contents 4 0 R"), 4: "<< /Length 99999 >>\nstream\nx\nendstream" },
    ],
  ];
  for (const [what, objects] of damaged) {
    it(`refuses ${what}`, () => {
      expect(verdict(aHandmadePdf(objects))).to.equal("pdf_damaged");
    });
  }

  it("refuses a table whose offsets are wrong", async () => {
    const bytes = aHandmadePdf(anEmptyPage());
    const moved = withText(bytes, (text) => text.replace("0000000009 00000 n", "0000000012 00000 n"));
    expect(verdict(moved)).to.equal("pdf_damaged");
  });

  const script = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>";
  const active: [string, Record<number, string>][] = [
    ["an action on opening", anEmptyPage(`/OpenAction ${script}`)],
    [
      "an action after a harmless one",
      anEmptyPage(`/OpenAction << /S /GoTo /D [3 0 R] /Next [null ${script}] >>`),
    ],
    ["an action of the document", anEmptyPage(`/AA << /WC ${script} >>`)],
    ["an action of a page", anEmptyPage("", `/AA << /O ${script} >>`)],
    ["a named script", anEmptyPage(`/Names << /JavaScript << /Kids [<< /Names [(a) ${script}] >>] >> >>`)],
    ["an annotation's action", anEmptyPage("", "/Annots [<< /Subtype /Link /A << /S /Launch /F (x) >> >>]")],
    ["an annotation's trigger", anEmptyPage("", `/Annots [<< /Subtype /Widget /AA << /E ${script} >> >>]`)],
    [
      "a link to a file",
      anEmptyPage("", "/Annots [<< /Subtype /Link /A << /S /URI /URI (FILE:///etc) >> >>]"),
    ],
    [
      "a field's action",
      { ...anEmptyPage("/AcroForm << /Fields [4 0 R] >>"), 4: `<< /T (a) /AA << /K ${script} >> >>` },
    ],
    [
      "a kid's action",
      {
        ...anEmptyPage("/AcroForm << /Fields [4 0 R] >>"),
        4: "<< /T (a) /Kids [5 0 R] >>",
        5: "<< /A << /S /SubmitForm /F (x) >> >>",
      },
    ],
    ["an XFA form", anEmptyPage("/AcroForm << /Fields [] /XFA [(a)] >>")],
    ["rich media", anEmptyPage("", "/Annots [<< /Subtype /RichMedia >>]")],
    [
      "an outline's action",
      {
        ...anEmptyPage("/Outlines << /First 4 0 R >>"),
        4: "<< /Title (a) /Next 5 0 R >>",
        5: "<< /Title (b) /A << /S /ImportData /F (x) >> >>",
      },
    ],
  ];
  for (const [what, objects] of active) {
    it(`refuses ${what}`, () => {
      expect(verdict(aHandmadePdf(objects))).to.equal("pdf_active_content");
    });
  }

  const cyclic: [string, Record<number, string>][] = [
    ["a page tree", { ...anEmptyPage(), 2: "<< /Type /Pages /Kids [3 0 R 2 0 R] >>" }],
    ["actions", { ...anEmptyPage("/OpenAction 4 0 R"), 4: "<< /S /GoTo /D [3 0 R] /Next [4 0 R 4 0 R] >>" }],
    ["an outline", { ...anEmptyPage("/Outlines << /First 4 0 R >>"), 4: "<< /Next 4 0 R /First 4 0 R >>" }],
    ["fields", { ...anEmptyPage("/AcroForm << /Fields [4 0 R] >>"), 4: "<< /T (a) /Kids [4 0 R] >>" }],
    ["a name tree", { ...anEmptyPage("/Names << /JavaScript 4 0 R >>"), 4: "<< /Kids [4 0 R] >>" }],
  ];
  for (const [what, objects] of cyclic) {
    it(`refuses ${what} that goes round`, () => {
      expect(verdict(aHandmadePdf(objects))).to.equal("pdf_cyclic");
    });
  }

  it("accepts a kid that is listed with the fields too", () => {
    const objects = {
      ...anEmptyPage("/AcroForm << /Fields [4 0 R 5 0 R] >>"),
      4: "<< /T (a) /Kids [5 0 R] >>",
      5: "<< /T (b) /Parent 4 0 R >>",
    };
    expect(verdict(aHandmadePdf(objects))).to.equal("ok");
  });

  it("finishes on lists of very many items", () => {
    const many = "null ".repeat(300_000);
    const objects = anEmptyPage(`/OpenAction << /S /GoTo /Next [${many}] >>`);
    expect(verdict(aHandmadePdf(objects))).to.equal("pdf_damaged");
    expect(verdict(aHandmadePdf(anEmptyPage(`/Names << /JavaScript << /Kids [${many}] >> >>`)))).to.equal(
      "pdf_active_content",
    );
  });

  it("refuses embedded files", async () => {
    const document = await PDFDocument.create();
    document.addPage();
    await document.attach(new Uint8Array(10), "facture.xml");
    expect(verdict(await document.save())).to.equal("pdf_embedded_files");
    const annotation = anEmptyPage("", "/Annots [<< /Subtype /FileAttachment >>]");
    expect(verdict(aHandmadePdf(annotation))).to.equal("pdf_embedded_files");
    const associated = anEmptyPage("/AF [<< /Type /Filespec /EF << /F 3 0 R >> >>]");
    expect(verdict(aHandmadePdf(associated))).to.equal("pdf_embedded_files");
  });
});
