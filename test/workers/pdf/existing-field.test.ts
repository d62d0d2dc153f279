import { expect } from "chai";
import type { SignatureRequest } from "../../../src/workers/pdf/revision.ts";
import { readSignatures } from "../../../src/workers/pdf/signatures.ts";
import { as } from "../../../src/workers/pdf/syntax/objects.ts";
import { serialize } from "../../../src/workers/pdf/syntax/serialize.ts";
import { aHandmadePdf, anEmptyPage, open, signed } from "./documents.ts";
import { refusalOf } from "./refusal.ts";

const LINES = ["Zoé"];
const RECT = "/Rect [10 10 110 60]";

/** A form whose field 4 stands on the page. */
function aField(field: string, more: Record<number, string> = {}, annots = "[4 0 R]"): Uint8Array {
  return aHandmadePdf({
    ...anEmptyPage("/AcroForm << /Fields [4 0 R] >>", `/Annots ${annots}`),
    4: `<< /Type /Annot /Subtype /Widget /FT /Sig /P 3 0 R ${field} >>`,
    ...more,
  });
}

function filled(bytes: Uint8Array, fieldName: string, changes: Partial<SignatureRequest> = {}): Uint8Array {
  return signed(bytes, { appearance: { at: { fieldName }, lines: LINES }, ...changes });
}

function text(bytes: Uint8Array, num: number): string {
  return serialize(open(bytes).latest.object(num));
}

describe("an empty field that the document has", () => {
  it("is filled where it stands, and stays there", () => {
    const bytes = filled(aField(`/T (Client) ${RECT} /F 4`), "Client");
    expect(readSignatures(open(bytes)).map(({ fieldName }) => fieldName)).to.deep.equal(["Client"]);
    expect(text(bytes, 4)).to.contain("/Rect [10 10 110 60]").and.to.contain("/AP").and.to.contain("/F 132");
    expect(text(bytes, 1)).to.contain("/SigFlags 3");
    expect(text(bytes, 3)).to.contain("/Annots [4 0 R]");
  });

  it("stays invisible where its author gave it no room", () => {
    for (const field of ["/Rect [0 0 0 0]", `${RECT} /F 2`, `${RECT} /F 32`]) {
      const bytes = filled(aField(`/T (Client) ${field}`), "Client");
      expect(text(bytes, 4)).not.to.contain("/AP");
      expect(readSignatures(open(bytes))).to.have.length(1);
    }
  });

  it("is found by its full name beneath its parents, its type inherited and its widget apart", () => {
    const bytes = aHandmadePdf({
      ...anEmptyPage("/AcroForm 4 0 R", "/Annots [7 0 R]"),
      4: "<< /Fields [5 0 R] >>",
      5: "<< /T (Parties) /FT /Sig /Kids [6 0 R] >>",
      6: "<< /T (Client) /Parent 5 0 R /Kids [7 0 R] >>",
      7: `<< /Type /Annot /Subtype /Widget /Parent 6 0 R ${RECT} /MK << /R 90 >> >>`,
    });
    const done = filled(bytes, "Parties.Client");
    expect(readSignatures(open(done)).map(({ fieldName }) => fieldName)).to.include("Parties.Client");
    expect(text(done, 6)).to.contain("/V ").and.not.to.contain("/AP");
    expect(text(done, 7)).to.contain("/AP").and.not.to.contain("/V ");
    const view = open(done).latest;
    const look = view.dict(view.dict(view.dict(view.object(7))?.entries.get("AP"))?.entries.get("N"));
    expect(serialize(look?.entries.get("BBox") ?? null)).to.equal("[0 0 50 100]");
    expect(serialize(look?.entries.get("Matrix") ?? null)).to.equal("[0 1 -1 0 100 0]");
    expect(refusalOf(() => filled(bytes, "Parties"))).to.equal("field_missing");
    expect(refusalOf(() => filled(bytes, "Client"))).to.equal("field_missing");
  });

  it("is drawn by its page's turn when nothing says where that page is but its annotations", () => {
    const bytes = aHandmadePdf({
      ...anEmptyPage("/AcroForm << /Fields [4 0 R] >>", "/Rotate 270 /Annots [4 0 R]"),
      4: `<< /Subtype /Widget /FT /Sig /T (Client) ${RECT} >>`,
    });
    expect(Buffer.from(filled(bytes, "Client")).toString("latin1")).to.contain("/Matrix [0 -1 1 0 0 50]");
  });

  it("is refused when it is missing, of another kind, signed, or read-only", () => {
    const refused = (field: string, more = {}) => refusalOf(() => filled(aField(field, more), "Client"));
    expect(refused(`/T (Other) ${RECT}`)).to.equal("field_missing");
    expect(refused(`/T (Client) ${RECT} /FT /Tx`)).to.equal("field_missing");
    expect(refused(`/T (Client) ${RECT} /Ff 1`)).to.equal("field_read_only");
    expect(refused(`/T (Client) ${RECT} /V 5 0 R`, { 5: "<< /Type /Sig >>" })).to.equal("field_taken");
    const once = filled(aField(`/T (Client) ${RECT}`), "Client");
    expect(refusalOf(() => filled(once, "Client"))).to.equal("field_taken");
  });

  it("is refused when its seed value binds us to what ours is not", () => {
    const seeded = (seed: string, changes: Partial<SignatureRequest> = {}) =>
      refusalOf(() => filled(aField(`/T (Client) ${RECT} /SV << ${seed} >>`), "Client", changes));
    const bad = "field_seed_value";
    expect(seeded("/Filter /Other /Ff 1")).to.equal(bad);
    expect(seeded("/Filter /Other /Ff 0")).to.equal("none");
    expect(seeded("/SubFilter [/adbe.pkcs7.detached] /Ff 2")).to.equal(bad);
    expect(seeded("/SubFilter [/adbe.pkcs7.detached /ETSI.CAdES.detached] /Ff 2")).to.equal("none");
    expect(seeded("/DigestMethod [(SHA512)] /Ff 64")).to.equal(bad);
    expect(seeded("/DigestMethod [(SHA512) (SHA256)] /Ff 64")).to.equal("none");
    expect(seeded("/Reasons [(Lu)] /Ff 8")).to.equal(bad);
    expect(seeded("/Reasons [(Lu)] /Ff 8", { reason: "Lu" })).to.equal("none");
    expect(seeded("/Reasons [(.)] /Ff 8", { reason: "Lu" })).to.equal(bad);
    expect(seeded("/AddRevInfo true /Ff 32")).to.equal(bad);
    expect(seeded("/LockDocument true /Ff 128")).to.equal(bad);
    expect(seeded("/LockDocument true /Ff 128", { lock: true })).to.equal("none");
    expect(seeded("/AppearanceFilter (x) /Ff 256")).to.equal(bad);
    expect(seeded("/MDP << /P 2 >>")).to.equal(bad);
    expect(seeded("/MDP << /P 2 >>", { certify: true })).to.equal("none");
    expect(seeded("/MDP << /P 0 >>", { certify: true })).to.equal(bad);
    expect(seeded("/Cert << /Ff 1 /Subject [(x)] >>")).to.equal(bad);
    expect(seeded("/TimeStamp << /URL (https://tsa.example) /Ff 1 >>")).to.equal(bad);
    expect(seeded("/TimeStamp << /URL (https://tsa.example) >>")).to.equal("none");
    expect(seeded("/V 9 /Ff 4")).to.equal(bad);
  });

  it("brings its own lock into force", () => {
    const bytes = filled(
      aField(`/T (Client) ${RECT} /Lock << /Type /SigFieldLock /Action /Include /Fields [(Montant)] >>`),
      "Client",
    );
    const view = open(bytes).latest;
    const value = view.dict(view.dict(view.object(4))?.entries.get("V"));
    const [reference] = view.items(value?.entries.get("Reference"));
    expect(serialize(reference ?? null))
      .to.contain("/TransformMethod /FieldMDP")
      .and.to.contain("/Action /Include")
      .and.to.contain("/Fields [(Montant)]")
      .and.to.contain("/Data 1 0 R");
    expect(refusalOf(() => signed(bytes))).to.equal("none");
  });
});

describe("a field that an earlier signature locked", () => {
  const locked = (action: string) =>
    aHandmadePdf({
      ...anEmptyPage("/AcroForm << /Fields [4 0 R 6 0 R] >>", "/Annots [4 0 R 6 0 R]"),
      4: "<< /Subtype /Widget /FT /Sig /T (First) /V 5 0 R /Rect [0 0 0 0] /P 3 0 R >>",
      5: `<< /Type /Sig /Reference [<< /TransformMethod /FieldMDP /TransformParams << ${action} >> >>] >>`,
      6: "<< /Subtype /Widget /FT /Sig /T (Client) /Rect [0 0 0 0] /P 3 0 R >>",
    });

  it("is refused, by name or with all the others", () => {
    const refusal = "pdf_certified_no_changes";
    expect(refusalOf(() => filled(locked("/Action /All"), "Client"))).to.equal(refusal);
    expect(refusalOf(() => filled(locked("/Action /Include /Fields [(Client)]"), "Client"))).to.equal(
      refusal,
    );
    expect(refusalOf(() => filled(locked("/Action /Exclude /Fields [(Other)]"), "Client"))).to.equal(refusal);
  });

  it("is free when it is not among those", () => {
    expect(refusalOf(() => filled(locked("/Action /Include /Fields [(Other)]"), "Client"))).to.equal("none");
    expect(refusalOf(() => filled(locked("/Action /Exclude /Fields [(Client)]"), "Client"))).to.equal("none");
    expect(refusalOf(() => signed(locked("/Action /Exclude /Fields [(Client)]")))).not.to.equal("none");
  });
});

describe("a first signature that certifies", () => {
  it("is named by the catalog and allows signatures alone", () => {
    const bytes = signed(aHandmadePdf({ ...anEmptyPage("/Perms 4 0 R"), 4: "<< >>" }), { certify: true });
    const view = open(bytes).latest;
    const perms = view.dict(view.dict(view.object(1))?.entries.get("Perms"));
    const value = view.dict(perms?.entries.get("DocMDP"));
    const [reference] = view.items(value?.entries.get("Reference"));
    expect(serialize(reference ?? null))
      .to.contain("/TransformMethod /DocMDP")
      .and.to.match(/\/P 2\s+\/V \/1\.2/);
    const third = signed(signed(bytes), {
      appearance: { at: { page: 1, left: 5, bottom: 5, width: 50, height: 20 }, lines: LINES },
    });
    expect(readSignatures(open(third)).flatMap(({ problems }) => problems)).to.deep.equal([]);
  });

  it("is named even where the catalog speaks of an object that there is not", () => {
    const view = open(signed(aHandmadePdf(anEmptyPage("/Perms 4 0 R")), { certify: true })).latest;
    expect(serialize(view.object(1))).to.match(/\/Perms <<\s+\/DocMDP 4 0 R/);
  });

  it("is refused in a document that has a signature", () => {
    const plain = aHandmadePdf(anEmptyPage());
    expect(refusalOf(() => signed(signed(plain), { certify: true }))).to.equal("certify_not_first");
    expect(refusalOf(() => signed(signed(plain, { certify: true }), { certify: true }))).to.equal(
      "certify_not_first",
    );
  });
});

describe("a last signature that locks", () => {
  it("lets no other follow", () => {
    const plain = aHandmadePdf(anEmptyPage("/AcroForm << /Fields [4 0 R] >>", "/Annots [4 0 R]"));
    const bytes = signed(signed(plain), { lock: true });
    expect(Buffer.from(bytes).toString("latin1")).to.match(/\/Lock \d+ 0 R/);
    const last = readSignatures(open(bytes));
    expect(last.flatMap(({ problems }) => problems)).to.deep.equal([]);
    expect(last.map(({ changedAfter }) => changedAfter)).to.deep.equal(["signatures-only", "nothing"]);
    expect(refusalOf(() => signed(bytes))).to.equal("pdf_certified_no_changes");
  });

  it("locks from a field that was there too", () => {
    const bytes = filled(aField(`/T (Client) ${RECT}`), "Client", { lock: true });
    const form = open(bytes).latest.object(4);
    expect(as(form, "dict")?.entries.has("Lock")).to.equal(false);
    expect(refusalOf(() => signed(bytes))).to.equal("pdf_certified_no_changes");
  });
});
