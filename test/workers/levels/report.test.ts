import { readFileSync } from "node:fs";
import { expect } from "chai";
import { createSignAtLevel } from "../../../src/actors/effects/sign-at-level.ts";
import type { PadesLevel } from "../../../src/actors/runtime/ports.ts";
import { verificationAnswer } from "../../../src/http/answers/checks.ts";
import { bytesSource } from "../../../src/workers/pdf/source.ts";
import { type VerifyReport, verifySource } from "../../../src/workers/verify-document.ts";
import { type Folder, temporaryFolder, writeLetter } from "../letters.ts";
import { createTrust, inThisThread, type Trust } from "./trust.ts";

const start = Date.parse("2026-11-23T13:05:00.400Z");
const yearMs = 365 * 24 * 3_600_000;

describe("the report on a document signed at a level", () => {
  let folder: Folder;
  let trust: Trust;
  const files = new Map<PadesLevel, Uint8Array>();

  before(async () => {
    folder = temporaryFolder();
    trust = createTrust({ now: () => start });
    const { tsa, revocation, rootDer } = trust;
    const anchors = async () => [rootDer];
    const signAtLevel = createSignAtLevel({ pool: inThisThread, tsa, revocation, anchors });
    await writeLetter(folder.path("letter.pdf"), true);
    for (const level of ["B-B", "B-T", "B-LT", "B-LTA"] as const) {
      const [path, outPath] = [folder.path("letter.pdf"), folder.path(`${level}.pdf`)];
      const task = { path, outPath, signer: trust.client("Alice"), signingTime: start, name: "Alice" };
      expect(await signAtLevel(task, level, { complete: true })).to.include({ ok: true });
      files.set(level, readFileSync(outPath));
    }
  });
  after(() => folder.remove());

  function report(level: PadesLevel, at: number, trustDer = [trust.rootDer]): VerifyReport {
    return verifySource(bytesSource(files.get(level) ?? expect.fail()), { trustDer, at });
  }

  it("outlives the one-use certificate by its timestamp, and only by that", () => {
    const later = start + yearMs;
    expect(report("B-B", later).indication).to.equal("INDETERMINATE/OUT_OF_BOUNDS_NO_POE");
    for (const level of ["B-T", "B-LT", "B-LTA"] as const) {
      const { indication, signatures } = report(level, later);
      expect(indication).to.equal("TOTAL-PASSED");
      const [signature] = signatures;
      expect([signature?.level, signature?.provenAt]).to.deep.equal([level, Math.floor(start / 1000) * 1000]);
      expect(signature?.timestamp).to.include({ tsa: "Un timestamping", isProof: true });
    }
  });

  it("is described field by field where the API answers it", () => {
    for (const level of files.keys()) {
      const answered: unknown = JSON.parse(JSON.stringify(report(level, start)));
      expect(verificationAnswer.parse(answered), level).to.deep.equal(answered);
    }
  });

  it("is undecided once the timestamp's own authority has run out too", () => {
    const { indication, signatures } = report("B-T", start + 50 * yearMs);
    expect(indication).to.match(/^INDETERMINATE/);
    expect(signatures[0]?.problems).to.include.members(["timestamp_untrusted", "certificate_expired"]);
    expect(signatures[0]).not.to.have.property("provenAt");
  });

  it("tells the level without trust, but for document timestamps that nobody vouches for, and proves nothing", () => {
    const { indication, signatures, documentTimestamps } = report("B-LTA", start, []);
    expect(indication).to.equal("INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND");
    expect(signatures[0]).to.include({ level: "B-LT" }).and.not.have.property("provenAt");
    expect(documentTimestamps.map(({ isProof }) => isProof)).to.deep.equal([false]);
  });

  it("shows document timestamps apart, and what was said of the certificate", () => {
    const { signatures, documentTimestamps } = report("B-LTA", start);
    expect(signatures.map(({ revocation }) => revocation.status)).to.deep.equal(["good"]);
    expect(documentTimestamps).to.have.length(1);
    expect(documentTimestamps[0]).to.include({ indication: "TOTAL-PASSED", coversWholeFile: true });
    // A one-use certificate, of which nothing will ever be said.
    expect(report("B-B", start).signatures[0]?.revocation).to.deep.equal({ status: "good" });
  });
});
