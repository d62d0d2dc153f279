import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import type { SignTask } from "../../../src/actors/runtime/ports.ts";
import { inspectPdf } from "../../../src/workers/pdf/inspect.ts";
import { pagesOf } from "../../../src/workers/pdf/pages.ts";
import { PdfRefused } from "../../../src/workers/pdf/refused.ts";
import { readSignatures } from "../../../src/workers/pdf/signatures.ts";
import { bytesSource } from "../../../src/workers/pdf/source.ts";
import { sightOf } from "../../../src/workers/pdf/stamp/place.ts";
import { dict } from "../../../src/workers/pdf/syntax/objects.ts";
import { signDocument } from "../../../src/workers/sign-document.ts";
import { needProgram } from "../../support/programs.ts";
import { temporaryFolder } from "../letters.ts";
import { clientOf, createTestPki, memberOf, sealOf, someDay } from "../pki.ts";
import { open, signed } from "./documents.ts";
import { checkWithQpdf } from "./qpdf.ts";
import { rendered } from "./rendered.ts";

const CORPUS = resolve("../shared/corpus");
const LIMITS = { maxBytes: 10_000_000, maxPages: 500 };
// One begins with text before %PDF-; one had its binary parts rewritten as UTF-8, and its offsets are lost.
const MAY_BE_REFUSED = 2;
const RENDERED = 40;
// Four hold an object that can't be read; two were made for a shadow attack, and wait for what is to come.
const MAY_TAKE_NO_STAMP = 6;

function filesOf(folder: string): { name: string; bytes: Uint8Array }[] {
  return readdirSync(join(CORPUS, folder)).map((name) => {
    const bytes = readFileSync(join(CORPUS, folder, name));
    return { name, bytes: name.endsWith(".gz") ? gunzipSync(bytes, { maxOutputLength: 2 ** 28 }) : bytes };
  });
}

function verdict(bytes: Uint8Array): string {
  const inspection = inspectPdf(bytesSource(bytes), LIMITS);
  return inspection.ok ? "ok" : inspection.code;
}

/** The first and last signature in the middle of the last page, side by side; none on a page too small for two. */
function plansFor(bytes: Uint8Array): Partial<SignTask>[] {
  const view = open(bytes).latest;
  const pages = [...pagesOf(view)];
  const { corners, turn, unit } = sightOf(view, pages.at(-1)?.dict ?? dict([]));
  const sides = [corners.right - corners.left, corners.top - corners.bottom].map((side) => side * unit);
  const [width = 0, height = 0] = turn === 90 || turn === 270 ? sides.reverse() : sides;
  if (Math.min(width, height) < 20) return [];
  const here = { page: pages.length, bottom: height / 3, width: width / 3, height: height / 3 };
  const lines = ["Éloïse", "Signé le 02/03/2026 à 11:00 (heure de Paris)"];
  const fields = [{ fieldName: "collecte-last", box: { ...here, left: width / 2 } }];
  return [
    { appearance: { at: { ...here, left: 0 }, lines }, fields },
    {},
    { appearance: { at: { fieldName: "collecte-last" }, lines } },
  ];
}

describe("PDFs that we did not make", function () {
  this.timeout(120_000);

  before(function () {
    if (existsSync(CORPUS)) return;
    console.warn(`skipped: no corpus at ${CORPUS}`);
    this.skip();
  });

  it("are accepted when sound", () => {
    const files = filesOf("sound");
    const refused = files.filter(({ bytes }) => verdict(bytes) !== "ok");
    expect(refused.map(({ name }) => name)).to.have.length.at.most(MAY_BE_REFUSED);
    expect(files).to.have.length.above(50);
  });

  it("get some answer, quickly, when damaged, odd or hostile", () => {
    for (const folder of ["real", "damaged", "hostile", "signed", "shadow"]) {
      for (const { name, bytes } of filesOf(folder)) {
        const started = performance.now();
        verdict(bytes);
        expect(performance.now() - started, name).to.be.below(2_000);
      }
    }
  });

  it("are signed three times without a new complaint from qpdf", function () {
    needProgram(this, "qpdf");
    for (const { name, bytes } of [...filesOf("sound"), ...filesOf("real")]) {
      if (verdict(bytes) !== "ok") continue;
      const before = checkWithQpdf(bytes).status;
      const after = checkWithQpdf(signed(signed(signed(bytes))));
      if (after.status !== 0) expect(after.status, `${name}: ${after.output}`).to.equal(before);
    }
  });

  it("look the same with an invisible signature", function () {
    needProgram(this, "pdftoppm");
    for (const { name, bytes } of filesOf("real").slice(0, RENDERED)) {
      if (verdict(bytes) !== "ok") continue;
      const [before, after] = [rendered(bytes, 1), rendered(signed(bytes), 1)];
      expect(after.rgb.equals(before.rgb), name).to.equal(true);
    }
  });

  it("keep three sound signatures", () => {
    for (const { name, bytes } of [...filesOf("sound"), ...filesOf("real")]) {
      if (verdict(bytes) !== "ok") continue;
      const earlier = readSignatures(open(bytes)).length;
      const ours = readSignatures(open(signed(signed(signed(bytes))))).slice(earlier);
      expect(
        ours.flatMap(({ problems }) => problems),
        name,
      ).to.deep.equal([]);
      const changes = ours.map(({ changedAfter }) => changedAfter);
      expect(changes, name).to.deep.equal(["signatures-only", "signatures-only", "nothing"]);
    }
  });

  it("can be signed by a client, a member and a seal whenever they are accepted, two of them to be seen", async () => {
    const pki = createTestPki();
    const folder = temporaryFolder();
    const signers = [clientOf(pki), memberOf(pki), sealOf(pki)];
    let accepted = 0;
    const unreadable: string[] = [];
    try {
      for (const kind of readdirSync(CORPUS, { withFileTypes: true })) {
        if (!kind.isDirectory()) continue;
        for (const { name, bytes } of filesOf(kind.name)) {
          if (verdict(bytes) !== "ok") continue;
          accepted++;
          writeFileSync(folder.path("0.pdf"), bytes);
          let plans = plansFor(bytes);
          for (const [step, signer] of signers.entries()) {
            const [path, outPath] = [folder.path(`${step}.pdf`), folder.path(`${step + 1}.pdf`)];
            const task = { path, outPath, signer, signingTime: someDay.getTime(), name: "Éloïse" };
            const result = await signDocument({ ...task, ...plans[step] });
            if (result.ok) continue;
            // Where an object can't be read, nobody can say that what was signed did not wait for a stamp's objects.
            expect(result.code, name).to.equal("readback_failed");
            expect(plans[step]?.appearance, name).to.not.equal(undefined);
            unreadable.push(name);
            plans = [];
            expect(await signDocument(task), `${kind.name}/${name}`).to.include({ ok: true });
          }
        }
      }
    } finally {
      folder.remove();
    }
    expect(accepted).to.be.above(200);
    expect(unreadable, unreadable.join()).to.have.length.at.most(MAY_TAKE_NO_STAMP);
  });

  it("are refused with a true code when others signed them and something followed", () => {
    const broken = [...filesOf("signed"), ...filesOf("shadow")].filter(
      ({ bytes }) => verdict(bytes) === "pdf_signature_broken",
    );
    expect(broken.map(({ name }) => name)).to.include.members(["siwa.pdf", "pades-signed-annot-added.pdf"]);
    const accepted = filesOf("signed").filter(({ bytes }) => verdict(bytes) === "ok");
    expect(accepted).to.have.length.above(10);
    for (const { name, bytes } of filesOf("shadow")) {
      if (name.includes("manipulated")) expect(verdict(bytes), name).not.to.equal("ok");
    }
  });

  it("are never taken as unchanged when a shadow attack changed them", () => {
    const files = filesOf("shadow").filter(({ name }) => name.includes("manipulated"));
    expect(files).to.have.length.above(5);
    for (const { name, bytes } of files) {
      const changes = readSignatures(open(bytes)).map(({ changedAfter }) => changedAfter);
      expect(changes, name).to.deep.equal(["other"]);
    }
  });

  it("have signatures that can be read, or are refused", () => {
    for (const { name, bytes } of filesOf("signed")) {
      try {
        expect(readSignatures(open(bytes)), name).to.have.length.above(0);
      } catch (error) {
        if (!(error instanceof PdfRefused)) throw error;
      }
    }
  });
});
