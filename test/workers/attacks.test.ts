import { expect } from "chai";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { serialize } from "../../src/workers/pdf/syntax/serialize.ts";
import { type SignatureReport, verifySource } from "../../src/workers/verify-document.ts";
import { aHandmadePdf, anEmptyPage, latin1, open, revised } from "./pdf/documents.ts";
import { createTestPki } from "./pki.ts";
import { reallySigned } from "./real-signature.ts";

const pki = createTestPki();
const sign = (bytes: Uint8Array) => reallySigned(bytes, pki.member);
const reportOn = (bytes: Uint8Array) => verifySource(bytesSource(bytes), { trustDer: [pki.rootDer] });

/** The first signature's. */
function judged(bytes: Uint8Array): SignatureReport {
  return reportOn(bytes).signatures[0] ?? expect.fail();
}

const content = (text: string) => `<< /Length ${text.length} >>\nstream\n${text}\nendstream`;
const look = (text: string) =>
  `<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length ${text.length} >>\nstream\n${text}\nendstream`;

describe("an attack on a signed document", () => {
  const page = "/Contents 4 0 R /Resources << /Font << /F 5 0 R >> >>";
  const document = aHandmadePdf(
    {
      ...anEmptyPage("/Metadata 7 0 R", page),
      4: content("BT /F 9 Tf (1 000) Tj ET"),
      5: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
      6: "<< /Title (Lettre) >>",
      7: `<< /Type /Metadata /Subtype /XML ${content("<a/>").slice(3)}`,
    },
    "/Info 6 0 R",
  );
  const signed = sign(document);
  const now = (num: number) => serialize(open(signed).latest.object(num));
  const free = open(signed).latest.limit();
  const failsBy = (bytes: Uint8Array, ...problems: string[]) => {
    const report = judged(bytes);
    expect(report.verdict).to.equal("TOTAL-FAILED");
    expect(report.problems).to.include.members(problems);
    expect(reportOn(bytes).verdict).to.equal("TOTAL-FAILED");
  };
  const tampered = (from: RegExp, to: string) => {
    const text = latin1(signed);
    const changed = text.replace(from, (found) => to.padEnd(found.length));
    expect(changed).to.have.length(text.length).and.not.equal(text);
    return Buffer.from(changed, "latin1");
  };

  it("needs none: what was signed passes", () => {
    expect(reportOn(signed).indication).to.equal("TOTAL-PASSED");
  });

  it("USF: the byte range or the contents are missing or absurd", () => {
    const range = /\/ByteRange \[[^\]]*\]/;
    failsBy(tampered(range, "/ByteRange null"), "byte_range_malformed");
    failsBy(tampered(range, "/ByteRange [0 1 2]"), "byte_range_malformed");
    failsBy(tampered(range, "/ByteRange [0 -1 2 9]"), "byte_range_malformed");
    failsBy(tampered(range, "/ByteRange [0 0 0 0]"), "gap_not_contents");
    failsBy(tampered(/\/ByteRange/, "/XyteRange"), "byte_range_malformed");
    failsBy(tampered(/\/Contents </, "/Xontents <"), "contents_missing");
    failsBy(tampered(/\/Contents <[0-9a-f]*>/, "/Contents null"), "contents_missing");
  });

  it("USF: a byte range is said twice", () => {
    failsBy(tampered(/\/Filter \/Adobe\.PPKLite/, "/ByteRange [0 1 2 3]"), "repeated_keys");
  });

  it("SWA: the second range is moved to behind what was put in its place", () => {
    const text = latin1(signed);
    const [all = "", , second = ""] = /\/ByteRange \[0 (\d+) (\d+) \d+\] */.exec(text) ?? [];
    const gapEnd = Number(second);
    const [newest] = open(signed).sections;
    // The last startxref is signed and stays: where it leads to, there is a table of the attacker's now.
    const evil = `4 0 obj\n${content("BT (9 000) Tj ET")}\nendobj\n`;
    const closing = "\n>>\nendobj\n";
    const before = `${closing}${evil}`.padEnd(newest.offset - gapEnd);
    const row = (num: number, at: number) => `${num} 1\n${String(at).padStart(10, "0")} 00000 n \n`;
    const tableFor = (length: number) => {
      const rows = [...newest.numbers()].map((num) => {
        const entry = newest.find(num);
        const at = entry?.kind === "offset" ? entry.offset : 0;
        return row(num, at > gapEnd ? at + length : at);
      });
      const trailer = `<< /Size ${free} /Root 1 0 R /Info 6 0 R /Prev ${open(document).sections[0].offset} >>`;
      return `xref\n${rows.join("")}${row(4, gapEnd + closing.length)}trailer\n${trailer}\nstartxref\n${newest.offset}\n%%EOF\n`;
    };
    const length = before.length + tableFor(0).length;
    const put = before + tableFor(length);
    const moved = text.slice(0, gapEnd) + put + text.slice(gapEnd);
    const range = all.replace(second, String(gapEnd + put.length)).slice(0, all.length);
    const attacked = Buffer.from(moved.replace(all, range), "latin1");
    expect(latin1(attacked.subarray(newest.offset, newest.offset + 4))).to.equal("xref");
    failsBy(attacked, "gap_not_contents");
  });

  it("ISA: a later revision changes what is shown", () => {
    failsBy(revised(signed, { 4: content("BT /F 9 Tf (9 000) Tj ET") }), "changed_after_signing");
    failsBy(revised(signed, { 3: now(3).replace("200 200", "100 100") }), "changed_after_signing");
    failsBy(
      revised(signed, { 2: now(2).replace("/Count 1", "/Count 1 /Rotate 180") }),
      "changed_after_signing",
    );
  });

  it("ISA: a later revision hides itself behind a signature of nothing", () => {
    const changed = revised(signed, { 4: content("BT /F 9 Tf (9 000) Tj ET") });
    failsBy(sign(changed), "changed_after_signing");
  });

  it("ISA: bytes after the end, or a table that leads to them", () => {
    failsBy(Buffer.concat([signed, Buffer.from("4 0 obj\n(x)\nendobj\n")]), "changed_after_signing");
    const table = `xref\n4 1\n${"0".repeat(10)} 00000 n \ntrailer\n<< /Size ${free} /Root 1 0 R /Info 6 0 R /Prev ${open(signed).sections[0].offset} >>\nstartxref\n${signed.length}\n%%EOF\n`;
    failsBy(Buffer.concat([signed, Buffer.from(table)]), "changed_after_signing");
  });

  it("ISA: the newest table leaves the signed ones out", () => {
    const bytes = latin1(revised(signed, { 4: content("BT (x) Tj ET") })).replace(
      /\/Prev \d+(?=[\s\S]{0,60}$)/,
      "",
    );
    expect(reportOn(Buffer.from(bytes, "latin1")).verdict).not.to.equal("TOTAL-PASSED");
  });

  it("brings another font, catalog, or text under the same number", () => {
    failsBy(revised(signed, { 5: now(5).replace("Helvetica", "Symbol") }), "changed_after_signing");
    failsBy(revised(signed, { [free]: now(1) }, free), "changed_after_signing");
    failsBy(revised(signed, { 6: "<< /Title 4 0 R >>" }), "changed_after_signing");
    const metadata = now(7).replace("/Metadata", "/XObject");
    failsBy(revised(signed, { 7: `${metadata}\nstream\n<a/>\nendstream` }), "changed_after_signing");
  });

  it("smuggles content into a security store, which the page waited for", () => {
    const waiting = sign(aHandmadePdf(anEmptyPage("", "/Contents [30 0 R]")));
    const catalog = serialize(open(waiting).latest.object(1)).replace("<<", "<< /DSS << /Certs [30 0 R] >>");
    failsBy(revised(waiting, { 1: catalog, 30: content("BT (x) Tj ET") }), "changed_after_signing");
  });

  it("puts the signature in an object stream, where it has no place in the file", () => {
    const body = "<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 9 9 9] /Contents <00> >>";
    const header = "20 0 ";
    const stream = `<< /Type /ObjStm /N 1 /First ${header.length} /Length ${header.length + body.length} >>\nstream\n${header}${body}\nendstream`;
    const base = latin1(
      aHandmadePdf({
        ...anEmptyPage("/AcroForm << /Fields [8 0 R] >>"),
        8: "<< /FT /Sig /T (s) /V 20 0 R >>",
        9: stream,
      }),
    );
    const at = base.length;
    const row = (type: number, a: number, b: number) => Buffer.from([type, a >> 8, a & 255, b]);
    const rows = Buffer.concat([row(2, 9, 0), row(1, at, 0)]);
    const previous = /startxref\n(\d+)/.exec(base)?.[1];
    const head = `21 0 obj\n<< /Type /XRef /W [1 2 1] /Index [20 2] /Size 22 /Root 1 0 R /Prev ${previous} /Length ${rows.length} >>\nstream\n`;
    const tail = `\nendstream\nendobj\nstartxref\n${at}\n%%EOF\n`;
    failsBy(Buffer.concat([Buffer.from(base + head, "latin1"), rows, Buffer.from(tail)]), "contents_missing");
  });

  it("shadow: what was hidden, replaced, or both, is shown by a later revision", () => {
    const overlay = "/Annots [10 0 R]";
    const hidden = {
      1: "<< /Type /Catalog /Pages 2 0 R >>",
      2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      3: `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] ${overlay} /Contents 4 0 R >>`,
      4: content("BT (good) Tj ET"),
      10: "<< /Type /Annot /Subtype /Stamp /Rect [0 0 200 200] /AP << /N 11 0 R >> >>",
      11: look("1 g 0 0 9 9 re f"),
    };
    const shadowed = sign(aHandmadePdf(hidden));
    failsBy(revised(shadowed, { 11: look("0 0 0 0 re f") }), "changed_after_signing");
    failsBy(revised(shadowed, { 10: hidden[10].replace("200 200", "0 0") }), "changed_after_signing");
    const replacing = sign(aHandmadePdf({ ...hidden, 3: hidden[3].replace("4 0 R", "40 0 R") }));
    failsBy(revised(replacing, { 40: content("BT (bad) Tj ET") }), "changed_after_signing");
  });
});

describe("what may change after a signature", () => {
  const text =
    "<< /Type /Annot /Subtype /Widget /FT /Tx /T (total) /V (1) /Rect [9 9 99 20] /P 3 0 R /AP << /N 7 0 R >> >>";
  const form = (catalog = "") =>
    aHandmadePdf({
      ...anEmptyPage(`/AcroForm 5 0 R ${catalog}`, "/Annots [6 0 R]"),
      5: "<< /Fields [6 0 R] >>",
      6: text,
      7: look("BT (1) Tj ET"),
    });
  /** Signed by one whose signature dictionary says so, as a certification where the catalog names it. */
  const restricted = (reference: string) => {
    const perms = `/Perms << /DocMDP ${open(form()).latest.limit()} 0 R >>`;
    return reallySigned(form(perms), pki.member, { entries: `/Reference [${reference}]` });
  };
  const docMdp = (p: number) =>
    `<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P ${p} /V /1.2 >> >>`;
  const fieldMdp = (parameters: string) =>
    `<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams << /Type /TransformParams /V /1.2 ${parameters} >> >>`;
  const filled = (bytes: Uint8Array) =>
    revised(bytes, { 6: text.replace("(1)", "(2)").replace("7 0 R", "50 0 R"), 50: look("BT (2) Tj ET") });
  const annotated = (bytes: Uint8Array) => {
    const page = serialize(open(bytes).latest.object(3)).replace(/\/Annots \[/, "/Annots [60 0 R ");
    const ordered = page.replace(/\/Annots \[60 0 R ([^\]]*)\]/, "/Annots [$1 60 0 R]");
    return revised(bytes, {
      3: ordered,
      60: "<< /Type /Annot /Subtype /FreeText /Rect [0 0 50 50] /P 3 0 R >>",
    });
  };
  const indicated = (bytes: Uint8Array) => {
    const { indication, problems } = judged(bytes);
    return [indication, ...problems];
  };

  it("leaves a filled form open when nobody allowed it", () => {
    const signed = sign(form());
    expect(indicated(filled(signed))).to.deep.equal([
      "INDETERMINATE/SIG_CONSTRAINTS_FAILURE",
      "forms_filled",
    ]);
    expect(judged(filled(signed)).filledAfter).to.deep.equal(["total"]);
  });

  it("lets a form be filled that a certification left open, and then tells it", () => {
    for (const p of [2, 3]) {
      const report = judged(sign(filled(restricted(docMdp(p)))));
      expect([report.indication, report.changedAfter, report.allows]).to.deep.equal([
        "TOTAL-PASSED",
        "forms-filled",
        p,
      ]);
    }
  });

  it("refuses any change but evidence after a certification that allows none", () => {
    const certified = restricted(docMdp(1));
    expect(judged(certified).indication).to.equal("TOTAL-PASSED");
    expect(judged(filled(certified)).problems).to.include("change_forbidden");
    const catalog = serialize(open(certified).latest.object(1)).replace("<<", "<< /DSS << /Certs [] >>");
    expect(judged(revised(certified, { 1: catalog })).problems).to.deep.equal([]);
  });

  it("never lets a locked field be filled", () => {
    const failed = ["TOTAL-FAILED/FORMAT_FAILURE", "locked_field_changed"];
    for (const lock of [
      "/Action /All",
      "/Action /Include /Fields [(total)]",
      "/Action /Exclude /Fields [(x)]",
    ]) {
      const locked = restricted(`${docMdp(2)} ${fieldMdp(lock)}`);
      expect(indicated(filled(locked)), lock).to.deep.equal(failed);
    }
    const free = restricted(`${docMdp(2)} ${fieldMdp("/Action /Include /Fields [(x)]")}`);
    expect(indicated(filled(free))).to.deep.equal(["TOTAL-PASSED"]);
  });

  it("EAA: leaves open what annotations show over certified content, and refuses them where they are not allowed", () => {
    const open3 = ["INDETERMINATE/SIG_CONSTRAINTS_FAILURE", "annotated_after_signing"];
    expect(indicated(annotated(restricted(docMdp(3))))).to.deep.equal(open3);
    const failed = ["TOTAL-FAILED/FORMAT_FAILURE", "changed_after_signing"];
    expect(indicated(annotated(restricted(docMdp(2))))).to.deep.equal(failed);
    expect(indicated(annotated(sign(form())))).to.deep.equal(failed);
  });

  it("refuses a field whose place, type or action changes with its value", () => {
    for (const [from, to] of [
      ["99 20", "999 999"],
      ["/Tx", "/Btn"],
      ["/V (1)", "/V (2) /A << /S /Hide >>"],
    ] as const) {
      expect(judged(revised(restricted(docMdp(2)), { 6: text.replace(from, to) })).problems).to.deep.equal([
        "changed_after_signing",
      ]);
    }
  });

  it("tells a filled field whose look was written over the old one, unless something else shows it too", () => {
    const certified = restricted(docMdp(2));
    const over = { 6: text.replace("(1)", "(2)"), 7: look("BT (2) Tj ET") };
    expect(judged(revised(certified, over)).problems).to.deep.equal([]);
    const perms = (free: number) => `/AcroForm 5 0 R /Perms << /DocMDP ${free} 0 R >>`;
    const sharing = (resources: string, field: string) => {
      const objects = {
        ...anEmptyPage(perms(10), `/Annots [6 0 R] /Contents 8 0 R /Resources << /XObject ${resources} >>`),
        5: "<< /Fields [6 0 R] >>",
        6: field,
        7: look("BT (1) Tj ET"),
        8: content("/N Do"),
        9: "<< /N 7 0 R >>",
      };
      return reallySigned(aHandmadePdf(objects), pki.member, { entries: `/Reference [${docMdp(2)}]` });
    };
    const apart = text.replace("<< /N 7 0 R >>", "9 0 R");
    expect(judged(revised(sharing("<< >>", apart), { 7: over[7] })).problems).to.deep.equal([]);
    for (const [resources, field] of [
      ["9 0 R", apart],
      ["<< /N 7 0 R >>", apart],
      ["6 0 R", apart.replace("/V (1)", "/N 7 0 R")],
    ] as const)
      expect(judged(revised(sharing(resources, field), { 7: over[7] })).problems, resources).to.deep.equal([
        "changed_after_signing",
      ]);
  });
});
