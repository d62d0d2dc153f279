import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { createSignAtLevel, type SignAtLevel } from "../../../src/actors/effects/sign-at-level.ts";
import { Retryable } from "../../../src/actors/runtime/errors.ts";
import type {
  KeyMaterial,
  PadesLevel,
  SignerSpec,
  SignResult,
  StampingUnit,
} from "../../../src/actors/runtime/ports.ts";
import { readSignedData, splitContents } from "../../../src/workers/cms/signed-data.ts";
import { readEvidence, storeOf } from "../../../src/workers/pdf/evidence-store.ts";
import { type PdfSignature, readSignatures } from "../../../src/workers/pdf/signatures.ts";
import { bytesSource } from "../../../src/workers/pdf/source.ts";
import { openPdf } from "../../../src/workers/pdf/tail.ts";
import { verifyDocument } from "../../../src/workers/verify-document.ts";
import { needProgram, ran } from "../../support/programs.ts";
import { thrownBy } from "../../support/thrown.ts";
import { type Folder, temporaryFolder, writeLetter } from "../letters.ts";
import { createTrust, inThisThread, type Trust } from "./trust.ts";

const start = Date.parse("2026-11-23T13:05:00.400Z");

describe("a document signed at a level", () => {
  let folder: Folder;
  let now: number;
  let trust: Trust;
  let signAtLevel: SignAtLevel;

  beforeEach(() => {
    folder = temporaryFolder();
    now = start;
    trust = createTrust({ now: () => now });
    const { tsa, revocation, rootDer } = trust;
    signAtLevel = createSignAtLevel({ pool: inThisThread, tsa, revocation, anchors: async () => [rootDer] });
  });
  afterEach(() => folder.remove());

  async function sign(step: number, signer: SignerSpec, level: PadesLevel, complete: boolean) {
    const [path, outPath] = [folder.path(`${step}.pdf`), folder.path(`${step + 1}.pdf`)];
    const result = await signAtLevel({ path, outPath, signer, signingTime: now, name: "Zoé Łuczak" }, level, {
      complete,
    });
    return result as SignResult & { ok: true };
  }

  /** Three signatories, days apart: longer than a one-use certificate lives. */
  async function signThrice(level: PadesLevel, objectStreams = true): Promise<void> {
    await writeLetter(folder.path("0.pdf"), objectStreams);
    for (const [step, name] of ["Alice", "Bob", "Chloé"].entries()) {
      const complete = step === 2;
      const result = await sign(step, trust.client(name), level, complete);
      expect(result).to.include({ ok: true, level: complete ? level : "B-T" });
      now += 3 * 24 * 3_600_000;
    }
  }

  const bytesOf = (step: number) => readFileSync(folder.path(`${step}.pdf`));
  const opened = (step: number) => openPdf(bytesSource(bytesOf(step)));
  const report = (step: number) => verifyDocument(folder.path(`${step}.pdf`), { trustDer: [trust.rootDer] });

  for (const level of ["B-T", "B-LT", "B-LTA"] as const) {
    for (const objectStreams of [false, true]) {
      it(`has three signatures at ${level}, object streams: ${objectStreams}`, async () => {
        await signThrice(level, objectStreams);
        const { verdict, problems, signatures } = report(3);
        expect({ verdict, problems }).to.deep.equal({ verdict: "TOTAL-PASSED", problems: [] });
        expect(signatures.map((signature) => signature.level)).to.deep.equal([level, level, level]);
        expect(opened(3).revisions).to.have.length(level === "B-T" ? 4 : 5);
      });
    }
  }

  describe("by our own unit, in the threads", () => {
    let asked: string[];
    let unit: () => Promise<StampingUnit>;
    beforeEach(() => {
      asked = [];
      unit = async () => trust.unit();
      const { revocation, rootDer } = trust;
      const told = new Proxy(inThisThread, {
        get: (target, name) => {
          asked.push(String(name));
          return Reflect.get(target, name);
        },
      });
      const tsa = { stamp: () => expect.fail("asked from outside") };
      signAtLevel = createSignAtLevel({
        pool: told,
        tsa,
        own: { pool: told, unit: () => unit() },
        revocation,
        anchors: async () => [rootDer],
      });
    });

    it("is the same at B-LTA in two steps, and has places no larger than their tokens need", async () => {
      await writeLetter(folder.path("0.pdf"), true);
      const first = await sign(0, trust.client("Alice"), "B-LTA", true);
      expect(first).to.include({ ok: true, level: "B-LTA" });
      expect(await sign(1, trust.client("Bob"), "B-LTA", true)).to.include({ ok: true, level: "B-LTA" });
      expect(asked).to.deep.equal(["gatherStamped", "finishStamped", "gatherStamped", "finishStamped"]);
      const { verdict, problems, signatures } = report(2);
      expect({ verdict, problems }).to.deep.equal({ verdict: "TOTAL-PASSED", problems: [] });
      expect(signatures.map(({ level }) => level)).to.deep.equal(["B-LTA", "B-LTA"]);
      const { contents } = readSignatures(opened(2)).at(-1) as PdfSignature;
      expect(contents.length - splitContents(contents).cms.length).to.be.lessThan(200);
    });

    it("waits for a unit that can't stamp, and leaves nothing", async () => {
      await writeLetter(folder.path("0.pdf"), true);
      const broken = { ...trust.unit().key, pkcs8: new Uint8Array(3) } as KeyMaterial;
      unit = async () => ({ ...trust.unit(), key: broken });
      const thrown = await thrownBy(sign(0, trust.client("Alice"), "B-LTA", true));
      expect(thrown).to.have.property("pending", "timestamp_pending");
      unit = () => Promise.reject(new Retryable("store_away"));
      const away = await thrownBy(sign(0, trust.client("Alice"), "B-LTA", true));
      expect(away).to.have.property("pending", "timestamp_pending");
      expect(existsSync(folder.path("1.pdf"))).to.equal(false);
    });
  });

  it("keeps its earlier bytes, and each signature's place no larger than its token needs", async () => {
    await signThrice("B-LTA");
    expect(bytesOf(3).subarray(0, bytesOf(2).length)).to.deep.equal(bytesOf(2));
    const [, second, third, timestamp] = readSignatures(opened(3));
    for (const { contents } of [second, third, timestamp] as PdfSignature[]) {
      const { cms } = splitContents(contents);
      expect(contents.length - cms.length).to.be.lessThan(200);
    }
  });

  it("gives a seal alone its evidence too, in a store that holds each thing once", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    expect(await sign(0, trust.seal, "B-LTA", true)).to.include({ ok: true, level: "B-LTA" });
    const { certificates, crls, ocsps } = readEvidence(opened(1).latest);
    // Root, issuing authority, seal, timestamp unit; the root's list; an answer for each of the last two.
    expect([certificates.length, crls.length, ocsps.length]).to.deep.equal([4, 1, 2]);
  });

  it("is timestamped though its last signature locks it, and its first one certifies", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    for (const [step, ends] of [{ certify: true }, { lock: true }].entries()) {
      const [path, outPath] = [folder.path(`${step}.pdf`), folder.path(`${step + 1}.pdf`)];
      const task = { path, outPath, signer: trust.client("Alice"), signingTime: now, name: "Alice", ...ends };
      const level = step === 1 ? "B-LTA" : "B-T";
      const result = await signAtLevel(task, level, { complete: step === 1 });
      expect(result).to.include({ ok: true, level });
    }
    expect(report(2).verdict).to.equal("TOTAL-PASSED");
  });

  it("adds to a store that is there and drops nothing of it", async () => {
    await writeLetter(folder.path("0.pdf"), true);
    await sign(0, trust.client("Alice"), "B-LT", true);
    const before = readEvidence(opened(1).latest);
    now += 60_000;
    await sign(1, trust.client("Bob"), "B-LTA", true);
    const after = readEvidence(opened(2).latest);
    for (const list of ["certificates", "crls", "ocsps"] as const) {
      for (const one of before[list])
        expect(after[list].some((other) => Buffer.compare(one, other) === 0)).to.equal(true);
    }
    const entries = storeOf(opened(2).latest)?.entries.get("VRI");
    expect(entries).to.have.property("entries").with.property("size", 2);
    expect(report(2).signatures.map(({ level }) => level)).to.deep.equal(["B-LTA", "B-LTA"]);
  });

  it("leaves what a store says of one signature to the letter, for a timestamp covers it", async () => {
    const entriesOf = (step: number) => {
      const { latest } = opened(step);
      return [...(latest.dict(storeOf(latest)?.entries.get("VRI"))?.entries ?? [])];
    };
    await writeLetter(folder.path("0.pdf"), true);
    await sign(0, trust.client("Alice"), "B-LTA", true);
    const before = entriesOf(1);
    now += 60_000;
    await sign(1, trust.client("Bob"), "B-LTA", true);
    expect(before).to.have.length(1);
    expect(entriesOf(2)).to.have.length(3);
    expect(entriesOf(2).slice(0, 1)).to.deep.equal(before);
  });

  it("makes a revision anew when a token is larger than its place, and learns", async () => {
    const { tsa, revocation, rootDer } = trust;
    let prepared: number[] = [];
    const pool = {
      ...inThisThread,
      prepare: (task: Parameters<typeof inThisThread.prepare>[0], tokenBytes: number) => {
        prepared.push(tokenBytes);
        return inThisThread.prepare(task, tokenBytes > 8_000 ? 100 : tokenBytes);
      },
    };
    signAtLevel = createSignAtLevel({ pool, tsa, revocation, anchors: async () => [rootDer] });
    await writeLetter(folder.path("0.pdf"), true);
    expect(await sign(0, trust.client("Alice"), "B-T", false)).to.include({ ok: true, level: "B-T" });
    expect(prepared).to.have.length(2);
    expect(prepared[1]).to.be.lessThan(2_000);
    prepared = [];
    await sign(1, trust.client("Bob"), "B-T", false);
    expect(prepared).to.have.length(1);
  });

  it("claims and leaves nothing when a token is for something else", async () => {
    const { tsa, revocation, rootDer } = trust;
    const lying = { stamp: () => tsa.stamp(Buffer.alloc(32, 7)) };
    signAtLevel = createSignAtLevel({
      pool: inThisThread,
      tsa: lying,
      revocation,
      anchors: async () => [rootDer],
    });
    await writeLetter(folder.path("0.pdf"), true);
    const result: SignResult = await sign(0, trust.client("Alice"), "B-T", false);
    expect(result.ok && result.level === "B-T").to.equal(false);
  });

  it("passes openssl: the signatures, their timestamps and the document's", async function () {
    needProgram(this, "openssl");
    await signThrice("B-LTA");
    const whole = bytesOf(3);
    const root = folder.path("root.pem");
    writeFileSync(root, new X509Certificate(trust.rootDer).toString());
    const file = (name: string, bytes: Uint8Array) => {
      writeFileSync(folder.path(name), bytes);
      return folder.path(name);
    };
    const at = ["-attime", String(Math.floor(now / 1000))];
    const stampOf = async (token: Uint8Array, data: Uint8Array) => {
      const given = ["-in", file("token.der", token), "-token_in", "-data", file("data", data)];
      const { stdout, stderr } = await ran("openssl", ["ts", "-verify", ...given, "-CAfile", root, ...at]);
      expect(`${stdout}${stderr}`).to.contain("Verification: OK");
    };
    const signatures = readSignatures(opened(3));
    expect(signatures).to.have.length(4);
    for (const [i, { contents, byteRange, subFilter, signedAt }] of signatures.entries()) {
      const [, gapStart = 0, gapEnd = 0, rest = 0] = byteRange;
      const covered = Buffer.concat([whole.subarray(0, gapStart), whole.subarray(gapEnd, gapEnd + rest)]);
      const { cms } = splitContents(contents);
      if (i === 3) {
        expect(subFilter).to.equal("ETSI.RFC3161");
        await stampOf(cms, covered);
        continue;
      }
      const given = ["-inform", "DER", "-in", file("cms.der", cms), "-content", file("covered", covered)];
      const time = ["-attime", String((signedAt?.getTime() ?? 0) / 1000)];
      const flags = ["-binary", "-purpose", "any", "-CAfile", root, "-out", folder.path("out"), ...time];
      const { status, stderr } = await ran("openssl", ["cms", "-verify", ...given, ...flags]);
      expect(status, stderr).to.equal(0);
      const { timestampsDer, signature } = readSignedData(cms);
      expect(timestampsDer).to.have.length(1);
      await stampOf(timestampsDer[0] ?? new Uint8Array(), signature);
    }
  });

  it("passes pdfsig and qpdf", async function () {
    needProgram(this, "pdfsig");
    needProgram(this, "qpdf");
    for (const level of ["B-LT", "B-LTA"] as const) {
      await signThrice(level);
      const seen = await ran("pdfsig", ["-nocert", folder.path("3.pdf")]);
      expect(seen.stdout.match(/Signature is Valid/g)).to.have.length(3);
      const checked = await ran("qpdf", ["--check", folder.path("3.pdf")]);
      expect(checked.status, checked.stdout).to.equal(0);
    }
  });
});
