import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import type { CmsSigner } from "../../../src/workers/cms/build.ts";
import { checkTimestampToken } from "../../../src/workers/cms/timestamp/check.ts";
import { buildTimestampRequest, readTimestampRequest } from "../../../src/workers/cms/timestamp/request.ts";
import {
  buildTimestampResponse,
  readTimestampResponse,
} from "../../../src/workers/cms/timestamp/response.ts";
import { buildTimestampToken, readTimestampToken } from "../../../src/workers/cms/timestamp/token.ts";
import { readCertificate } from "../../../src/workers/x509/certificate.ts";
import { DerError } from "../../../src/workers/x509/der-reader.ts";
import { needProgram, ran } from "../../support/programs.ts";
import { createAuthorities, pemOf, sha256, survivors } from "../authorities.ts";
import { type Folder, temporaryFolder } from "../letters.ts";
import { someDay } from "../pki.ts";

const pki = createAuthorities();
const anchors = [readCertificate(pki.rootDer)];
const document = Buffer.from("Bilan de l'exercice clos le 31 décembre");
const digest = sha256(document);
const policy = "1.3.6.1.4.1.99999.1.2";
const content = { digest, policy, serial: 2n ** 100n + 7n, genTime: someDay, nonce: 2n ** 63n + 1n };
const token = buildTimestampToken(pki.tsu, content);

const problemsOf = (der: Uint8Array, own: Uint8Array = digest) => {
  const check = checkTimestampToken(readTimestampToken(der), () => own, anchors, []);
  return check.problems;
};

/** A TSA's configuration as openssl wants it. */
const configuration = (folder: Folder, ess: "sha1" | "sha256") => `
[tsa]
default_tsa = unit
[unit]
serial = ${folder.path("serial")}
signer_digest = sha256
default_policy = ${policy}
digests = sha256, sha512
accuracy = secs:1, millisecs:500, microsecs:1
clock_precision_digits = 3
ess_cert_id_chain = no
ess_cert_id_alg = ${ess}
`;

/** What openssl's TSA answers to this request. */
async function replyOf(folder: Folder, unit: CmsSigner, request: Uint8Array, ess: "sha1" | "sha256") {
  writeFileSync(folder.path("tsa.cnf"), configuration(folder, ess));
  writeFileSync(folder.path("serial"), "01\n");
  writeFileSync(folder.path("unit.pem"), pemOf(unit.certificateDer));
  writeFileSync(folder.path("issuing.pem"), pemOf(pki.issuing.certificateDer));
  const { privateKey } = unit;
  if (!("export" in privateKey)) throw new Error("not a key in memory");
  writeFileSync(folder.path("key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(folder.path("request.tsq"), request);
  const { status, stderr } = await ran("openssl", [
    ...["ts", "-reply", "-config", folder.path("tsa.cnf"), "-section", "unit"],
    ...["-queryfile", folder.path("request.tsq"), "-signer", folder.path("unit.pem")],
    ...["-inkey", folder.path("key.pem"), "-chain", folder.path("issuing.pem")],
    ...["-out", folder.path("reply.tsr")],
  ]);
  expect(status, stderr).to.equal(0);
  return readFileSync(folder.path("reply.tsr"));
}

describe("a timestamp token", () => {
  let folder: Folder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it("says what was asked, and passes our check", () => {
    const read = readTimestampToken(token);
    expect(read).to.deep.include({ policy, genTime: someDay, nonce: content.nonce, accuracyMs: 1000 });
    expect(BigInt(`0x${read.serialHex}`)).to.equal(content.serial);
    expect(read.imprint).to.deep.equal({ algorithm: "sha256", digest: Uint8Array.from(digest) });
    const check = checkTimestampToken(read, () => digest, anchors, []);
    expect(check.problems).to.deep.equal([]);
    expect(check.chain).to.have.length(3);
    expect(check.signer?.subject.commonName).to.equal("Un timestamping");
  });

  it("passes openssl's check, alone and in an answer to openssl's request", async function () {
    needProgram(this, "openssl");
    this.timeout(20_000);
    writeFileSync(folder.path("root.pem"), pemOf(pki.rootDer));
    writeFileSync(folder.path("issuing.pem"), pemOf(pki.issuing.certificateDer));
    writeFileSync(folder.path("token.der"), token);
    writeFileSync(folder.path("document"), document);
    const trust = [
      ...["-CAfile", folder.path("root.pem"), "-untrusted", folder.path("issuing.pem")],
      ...["-attime", String(someDay.getTime() / 1000)],
    ];
    const alone = await ran("openssl", [
      ...["ts", "-verify", "-in", folder.path("token.der"), "-token_in", "-data", folder.path("document")],
      ...trust,
    ]);
    expect(alone.stdout + alone.stderr).to.contain("Verification: OK");
    await ran("openssl", [
      ...["ts", "-query", "-data", folder.path("document"), "-sha256", "-cert", "-tspolicy", policy],
      ...["-out", folder.path("request.tsq")],
    ]);
    const request = readTimestampRequest(readFileSync(folder.path("request.tsq")));
    expect(request).to.deep.include({ policy, wantsCertificate: true });
    const { nonce } = request;
    const answer = buildTimestampToken(pki.tsu, {
      ...content,
      digest: request.imprint.digest,
      nonce: nonce ?? 0n,
    });
    writeFileSync(folder.path("reply.tsr"), buildTimestampResponse({ tokenDer: answer }));
    const replied = await ran("openssl", [
      ...["ts", "-verify", "-in", folder.path("reply.tsr"), "-queryfile", folder.path("request.tsq")],
      ...trust,
    ]);
    expect(replied.stdout + replied.stderr).to.contain("Verification: OK");
  });

  for (const ess of ["sha1", "sha256"] as const) {
    it(`by openssl is read and checked, with its certificate named by ${ess}`, async function () {
      needProgram(this, "openssl");
      this.timeout(20_000);
      const now = new Date();
      const unit = pki.issue("timestamping");
      const nonce = 77n;
      const reply = await replyOf(folder, unit, buildTimestampRequest({ digest, nonce, policy }), ess);
      const response = readTimestampResponse(reply);
      if (!response.ok) throw new Error(response.status);
      const read = readTimestampToken(response.tokenDer);
      expect(read).to.deep.include({ policy, nonce, accuracyMs: 1501 });
      expect(Math.abs(read.genTime.getTime() - now.getTime())).to.be.lessThan(60_000);
      const check = checkTimestampToken(read, () => digest, anchors, [], someDay);
      expect(check.problems).to.deep.equal([]);
    });
  }

  it("that openssl refuses to make is a refusal with its reason", async function () {
    needProgram(this, "openssl");
    const request = buildTimestampRequest({ digest, nonce: 1n, policy: "1.2.3.4" });
    const response = readTimestampResponse(
      await replyOf(folder, pki.issue("timestamping"), request, "sha256"),
    );
    expect(response).to.deep.include({ ok: false, status: "rejection", failureInfo: "unacceptedPolicy" });
  });

  it("is told when it is over something else, by another root, too early, or not by a timestamp unit", () => {
    expect(problemsOf(token, sha256(Buffer.from("autre")))).to.deep.equal(["imprint_mismatch"]);
    const read = readTimestampToken(token);
    const check = (at?: Date, trusted = anchors) =>
      checkTimestampToken(read, () => digest, trusted, [], at).problems;
    expect(check(undefined, [readCertificate(createAuthorities().rootDer)])).to.deep.equal([
      "chain_untrusted",
    ]);
    expect(check(undefined, [])).to.deep.equal(["no_certificate_chain_found"]);
    expect(check(new Date("2040-01-01"))).to.include("certificate_expired");
    const early = buildTimestampToken(pki.tsu, { ...content, genTime: new Date("2020-01-01") });
    expect(problemsOf(early)).to.deep.equal(["certificate_not_yet_valid"]);
    expect(problemsOf(buildTimestampToken(pki.issue("member"), content))).to.deep.equal([
      "not_for_timestamping",
    ]);
    expect(checkTimestampToken(read, () => undefined, anchors, []).problems).to.deep.equal([
      "imprint_unsupported",
    ]);
  });

  it("reports every flipped bit, wherever it is", function () {
    this.timeout(60_000);
    const passed = survivors(token, (flipped) => {
      try {
        return problemsOf(flipped).length === 0;
      } catch (error) {
        expect(error).to.be.instanceOf(DerError);
        return false;
      }
    });
    expect(passed).to.deep.equal([]);
  });

  it("and its messages are read or refused with a DerError, whatever the bytes", () => {
    const request = buildTimestampRequest({ digest, nonce: 5n, policy });
    const refusal = buildTimestampResponse({ failureInfo: "timeNotAvailable", text: "l'horloge dort" });
    expect(readTimestampResponse(refusal)).to.deep.equal({
      ok: false,
      status: "rejection",
      failureInfo: "timeNotAvailable",
      text: "l'horloge dort",
    });
    const readers = [readTimestampRequest, readTimestampResponse, readTimestampToken];
    const samples = [token, request, refusal];
    const change = fc.tuple(fc.constantFrom(...samples), fc.nat(), fc.nat(255), fc.nat());
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), change), (sample) => {
        for (const reader of readers) {
          try {
            reader(sample instanceof Uint8Array ? sample : mutated(sample));
          } catch (error) {
            expect(error).to.be.instanceOf(DerError);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("is read by node's own certificates too", () => {
    const unit = new X509Certificate(pki.tsu.certificateDer);
    expect(unit.keyUsage).to.deep.equal(["1.3.6.1.5.5.7.3.8"]);
  });
});

/** A sample with one byte changed, cut at a place. */
function mutated([sample, at, byte, end]: [Uint8Array, number, number, number]): Uint8Array {
  const copy = Uint8Array.from(sample);
  copy[at % copy.length] = byte;
  return end % 3 === 0 ? copy.subarray(0, end % copy.length) : copy;
}
