import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { buildCrl, type Crl, type CrlContent, readCrl } from "../../../src/workers/x509/crl.ts";
import { sequence } from "../../../src/workers/x509/der.ts";
import { DerError } from "../../../src/workers/x509/der-reader.ts";
import { buildOcspRequest, certIdOf, readOcspRequest } from "../../../src/workers/x509/ocsp.ts";
import {
  buildOcspRefusal,
  buildOcspResponse,
  type OcspResponder,
  type OcspStatement,
  readOcspResponse,
  readOcspStatus,
} from "../../../src/workers/x509/ocsp-response.ts";
import { revocationOf } from "../../../src/workers/x509/revocation.ts";
import { needProgram, ran } from "../../support/programs.ts";
import { createAuthorities, pemOf, read, survivors } from "../authorities.ts";
import { type Folder, temporaryFolder } from "../letters.ts";
import { someDay } from "../pki.ts";

const days = (count: number) => new Date(someDay.getTime() + count * 24 * 3_600_000);

const pki = createAuthorities();
const issuer = read(pki.issuing.certificateDer);
const urls = {
  crl: "http://pki.example/a.crl",
  ocsp: "http://pki.example/ocsp",
  caIssuers: "http://pki.example/a",
};
const member = pki.issue("member", { urls });
const certificate = read(member.certificateDer);
const { serialHex } = certificate;

const listed = (content: Partial<CrlContent> = {}, by = pki.issuing): Uint8Array =>
  buildCrl(by, { thisUpdate: someDay, nextUpdate: days(7), number: 4n, revoked: [], ...content });

const statement = (more: Partial<OcspStatement> = {}): OcspStatement => ({
  certId: certIdOf(certificate, issuer),
  status: "good",
  thisUpdate: someDay,
  nextUpdate: days(1),
  ...more,
});

const answered = (more: Partial<OcspStatement> = {}, by: OcspResponder = pki.responder): Uint8Array =>
  buildOcspResponse(by, [statement(more)], someDay);

const byCrl = (at: Date, ...crls: Uint8Array[]) =>
  revocationOf(certificate, issuer, { crls: crls.map(readCrl), ocsps: [] }, at);
const byOcsp = (at: Date, ...ocsps: Uint8Array[]) =>
  revocationOf(certificate, issuer, { crls: [], ocsps: ocsps.map(readOcspResponse) }, at);

describe("certificates", () => {
  it("say where their revocation is told", () => {
    expect(certificate).to.deep.include({
      crlUrls: [urls.crl],
      ocspUrls: [urls.ocsp],
      issuerUrls: [urls.caIssuers],
    });
    expect(read(pki.responder.certificateDer)).to.deep.include({
      isOcspNoCheck: true,
      extendedKeyUsage: { purposes: ["1.3.6.1.5.5.7.3.9"], isCritical: false },
    });
  });

  it("of one use name nobody to ask, and are good until somebody says otherwise", () => {
    const oneUse = read(pki.issue("one-use", { urls }).certificateDer);
    expect(oneUse).to.deep.include({
      isNeverRevoked: true,
      crlUrls: [],
      ocspUrls: [],
      issuerUrls: [urls.caIssuers],
    });
    const told = (crls: Uint8Array[]) =>
      revocationOf(oneUse, issuer, { crls: crls.map(readCrl), ocsps: [] }, days(400)).status;
    expect(told([])).to.equal("good");
    expect(told([listed({ revoked: [{ serialHex: oneUse.serialHex, at: days(1) }] })])).to.equal("revoked");
    expect(certificate.isNeverRevoked).to.equal(false);
    expect(revocationOf(certificate, issuer, { crls: [], ocsps: [] }, someDay).status).to.equal("unknown");
  });
});

describe("a CRL", () => {
  let folder: Folder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it("is read as it was written", () => {
    const revoked = [
      { serialHex: "0f", at: days(-2) },
      { serialHex: "ff00", at: days(-1), reason: "keyCompromise" as const },
    ];
    const crl = readCrl(listed({ revoked, keepsExpiredFrom: days(-30) }));
    expect(crl).to.deep.include({
      thisUpdate: someDay,
      nextUpdate: days(7),
      number: 4n,
      unknownCritical: [],
    });
    expect(crl.keepsExpiredFrom).to.deep.equal(days(-30));
    expect(() => listed({ revoked: [{ serialHex: "abc", at: someDay }] })).to.throw(RangeError);
    expect([...crl.revoked]).to.deep.equal([
      ["0f", { at: days(-2) }],
      ["ff00", { at: days(-1), reason: "keyCompromise" }],
    ]);
  });

  it("passes openssl's check, and makes it refuse what is revoked", async function () {
    needProgram(this, "openssl");
    const [root, chain, list] = [folder.path("root.pem"), folder.path("chain.pem"), folder.path("list.pem")];
    writeFileSync(root, pemOf(pki.rootDer));
    writeFileSync(chain, pemOf(pki.issuing.certificateDer));
    writeFileSync(folder.path("leaf.pem"), pemOf(member.certificateDer));
    writeFileSync(
      folder.path("list.der"),
      listed({ revoked: [{ serialHex, at: someDay, reason: "superseded" }] }),
    );
    const checked = await ran("openssl", [
      ...["crl", "-inform", "DER", "-in", folder.path("list.der"), "-CAfile", chain, "-verify"],
      ...["-out", list],
    ]);
    expect(checked.stderr).to.contain("verify OK");
    const refused = await ran("openssl", [
      ...["verify", "-crl_check", "-CRLfile", list, "-CAfile", root, "-untrusted", chain],
      ...["-attime", String(days(1).getTime() / 1000), folder.path("leaf.pem")],
    ]);
    expect(refused.stderr).to.contain("certificate revoked");
  });

  it("of 100,000 entries is read and asked in well under a second", () => {
    const revoked = Array.from({ length: 100_000 }, (_, i) => ({
      serialHex: (2n ** 125n + BigInt(i)).toString(16),
      at: someDay,
      ...(i % 2 === 0 && { reason: "superseded" as const }),
    }));
    const der = listed({ revoked });
    const crl = readCrl(der);
    expect(crl.revoked.size).to.equal(100_000);
    expect(crl.revoked.get(revoked[77_777]?.serialHex ?? "")?.at).to.deep.equal(someDay);
  });
});

describe("what a CRL says of a certificate", () => {
  it("is good until it is due for renewal, and nothing after", () => {
    expect(byCrl(days(7), listed())).to.deep.equal({ status: "good", source: "crl", thisUpdate: someDay });
    expect(byCrl(days(8), listed()).status).to.equal("unknown");
    expect(byCrl(days(-9), listed()).status).to.equal("good");
  });

  it("is revoked from that day on, for ever, and good before", () => {
    const list = listed({ revoked: [{ serialHex, at: someDay, reason: "keyCompromise" }] });
    const revoked = { revokedAt: someDay, reason: "keyCompromise", source: "crl", thisUpdate: someDay };
    expect(byCrl(days(99), list)).to.deep.equal({ status: "revoked", ...revoked });
    expect(byCrl(days(-1), list)).to.deep.equal({ status: "good", ...revoked });
  });

  it("may be taken back when the certificate was only on hold", () => {
    const held = listed({ revoked: [{ serialHex, at: days(-1), reason: "certificateHold" }] });
    const released = listed({ thisUpdate: days(1), nextUpdate: days(8) });
    expect(byCrl(days(0), held).status).to.equal("revoked");
    expect(byCrl(days(0), held, released).status).to.equal("good");
    expect(byCrl(days(9), held).status).to.equal("unknown");
    const removed = listed({ revoked: [{ serialHex, at: days(-1), reason: "removeFromCRL" }] });
    expect(byCrl(days(0), removed).status).to.equal("good");
  });

  it("is nothing once the certificate has run out, unless the CRL keeps such", () => {
    const late = { thisUpdate: days(1200), nextUpdate: days(1207) };
    expect(byCrl(days(1), listed(late)).status).to.equal("unknown");
    expect(byCrl(days(1), listed({ ...late, keepsExpiredFrom: someDay })).status).to.equal("good");
    const revoked = [{ serialHex, at: someDay }];
    expect(byCrl(days(1), listed({ ...late, revoked })).status).to.equal("revoked");
  });

  it("is nothing by another key of the same name, by a certificate that may not, or not understood", () => {
    const impostor = createAuthorities();
    expect(byCrl(someDay, listed({}, impostor.issuing)).status).to.equal("unknown");
    const crl = readCrl(listed());
    const judged = (more: Partial<Crl>) =>
      revocationOf(certificate, issuer, { crls: [{ ...crl, ...more }], ocsps: [] }, someDay).status;
    expect(judged({})).to.equal("good");
    expect(judged({ unknownCritical: ["2.5.29.27"] })).to.equal("unknown");
    const whole = { urls: [], onlyUsers: false, onlyAuthorities: false, isPartial: false };
    expect(judged({ scope: { ...whole, onlyUsers: true, urls: [urls.crl] } })).to.equal("good");
    expect(judged({ scope: { ...whole, onlyAuthorities: true } })).to.equal("unknown");
    expect(judged({ scope: { ...whole, isPartial: true } })).to.equal("unknown");
    expect(judged({ scope: { ...whole, urls: ["http://pki.example/other.crl"] } })).to.equal("unknown");
    const mayNot = { ...issuer, keyUsage: ["keyCertSign" as const] };
    const list = { crls: [readCrl(listed())], ocsps: [] };
    expect(revocationOf(certificate, mayNot, list, someDay).status).to.equal("unknown");
  });
});

describe("an OCSP answer", () => {
  let folder: Folder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it("is read as it was written, by both digests, with its nonce", () => {
    const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const certIds = (["sha1", "sha256"] as const).map((digest) => certIdOf(certificate, issuer, digest));
    const revokedAt = days(-1);
    const [sha1, sha256] = certIds.map((certId) => statement({ certId, status: "revoked", revokedAt }));
    if (sha1 === undefined || sha256 === undefined) expect.fail();
    const der = buildOcspResponse(
      pki.responder,
      [sha1, { ...sha256, archiveCutoff: days(-9) }],
      days(1),
      nonce,
    );
    const { statements, ...rest } = readOcspResponse(der);
    expect(rest).to.deep.include({ nonce, producedAt: days(1), unknownCritical: [] });
    expect(statements.map(({ certId }) => certId.digest)).to.deep.equal(["sha1", "sha256"]);
    expect(statements[1]).to.deep.include({ status: "revoked", revokedAt, archiveCutoff: days(-9) });
    const request = readOcspRequest(buildOcspRequest(certificate, issuer, nonce));
    expect(request.certIds[0]?.serialHex).to.equal(serialHex);
    expect(request.nonce).to.deep.equal(nonce);
  });

  it("passes openssl's check, by a delegate and by the authority itself", async function () {
    needProgram(this, "openssl");
    writeFileSync(folder.path("root.pem"), pemOf(pki.rootDer));
    writeFileSync(folder.path("issuing.pem"), pemOf(pki.issuing.certificateDer));
    writeFileSync(folder.path("leaf.pem"), pemOf(member.certificateDer));
    const itself = { ...pki.issuing, chainDer: [] };
    for (const responder of [pki.responder, itself]) {
      writeFileSync(folder.path("answer.der"), answered({}, responder));
      const { stdout, stderr } = await ran("openssl", [
        ...["ocsp", "-respin", folder.path("answer.der"), "-CAfile", folder.path("root.pem")],
        ...["-verify_other", folder.path("issuing.pem"), "-no_nonce"],
        ...["-issuer", folder.path("issuing.pem"), "-cert", folder.path("leaf.pem")],
        // Its clock is ours, however far from that day; -attime is for certificates alone.
        ...["-attime", String(someDay.getTime() / 1000), "-validity_period", "2000000000"],
      ]);
      expect(stderr).to.contain("Response verify OK");
      expect(stdout).to.contain("leaf.pem: good");
    }
  });

  it("and a CRL by openssl are read, and say what openssl was told", async function () {
    needProgram(this, "openssl");
    this.timeout(20_000);
    const { privateKey } = pki.issuing;
    if (!("export" in privateKey)) throw new Error("not a key in memory");
    mkdirSync(folder.path("db"));
    const revokedAt = "260301000000Z";
    const serial = serialHex.toUpperCase();
    writeFileSync(
      folder.path("db/index"),
      `R\t290302100000Z\t${revokedAt},keyCompromise\t${serial}\tunknown\t/CN=x\n`,
    );
    writeFileSync(folder.path("db/number"), "1f\n");
    writeFileSync(
      folder.path("ca.cnf"),
      `[ca]\ndefault_ca=a\n[a]\ndatabase=${folder.path("db/index")}\ncrlnumber=${folder.path("db/number")}\n` +
        "default_md=sha256\ndefault_crl_days=30\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid:always\n",
    );
    writeFileSync(folder.path("issuing.pem"), pemOf(pki.issuing.certificateDer));
    writeFileSync(folder.path("leaf.pem"), pemOf(member.certificateDer));
    writeFileSync(folder.path("key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
    const ca = ["-keyfile", folder.path("key.pem"), "-cert", folder.path("issuing.pem")];
    const list = await ran("openssl", [
      ...["ca", "-gencrl", "-config", folder.path("ca.cnf"), ...ca, "-out", folder.path("list.pem")],
    ]);
    expect(list.status, list.stderr).to.equal(0);
    await ran("openssl", [
      "crl",
      "-in",
      folder.path("list.pem"),
      "-outform",
      "DER",
      "-out",
      folder.path("list.der"),
    ]);
    const crl = readCrl(readFileSync(folder.path("list.der")));
    expect(crl.number).to.equal(0x1fn);
    const told = { status: "revoked", revokedAt: new Date("2026-03-01T00:00:00Z"), reason: "keyCompromise" };
    expect(revocationOf(certificate, issuer, { crls: [crl], ocsps: [] }, days(1))).to.deep.include(told);

    const answer = await ran("openssl", [
      ...["ocsp", "-index", folder.path("db/index"), "-rsigner", folder.path("issuing.pem")],
      ...[
        "-rkey",
        folder.path("key.pem"),
        "-CA",
        folder.path("issuing.pem"),
        "-issuer",
        folder.path("issuing.pem"),
      ],
      ...["-cert", folder.path("leaf.pem"), "-ndays", "3", "-respout", folder.path("answer.der")],
      ...["-reqout", folder.path("request.der"), "-noverify"],
    ]);
    expect(answer.status, answer.stderr).to.equal(0);
    const request = readOcspRequest(readFileSync(folder.path("request.der")));
    expect(request.certIds).to.deep.equal([certIdOf(certificate, issuer)]);
    const ocsp = readOcspResponse(readFileSync(folder.path("answer.der")));
    expect(ocsp.nonce).to.deep.equal(request.nonce);
    expect(revocationOf(certificate, issuer, { crls: [], ocsps: [ocsp] }, days(1))).to.deep.include(told);
  });

  it("counts by the authority or its delegate of that day, and by nobody else", () => {
    expect(byOcsp(someDay, answered())).to.deep.include({ status: "good", source: "ocsp" });
    expect(byOcsp(someDay, answered({}, { ...pki.issuing, chainDer: [] })).status).to.equal("good");
    expect(byOcsp(someDay, answered({}, pki.issue("member"))).status).to.equal("unknown");
    expect(byOcsp(someDay, answered({}, createAuthorities().responder)).status).to.equal("unknown");
    const validity = { notBefore: days(-30), notAfter: days(-1) };
    expect(byOcsp(someDay, answered({}, pki.issue("ocsp", { validity }))).status).to.equal("unknown");
  });

  it("of another certificate, unknown, or too old says nothing; one revocation is enough", () => {
    const other = read(pki.issue("member").certificateDer);
    expect(byOcsp(someDay, answered({ certId: certIdOf(other, issuer) })).status).to.equal("unknown");
    expect(byOcsp(someDay, answered({ status: "unknown" })).status).to.equal("unknown");
    expect(byOcsp(days(2), answered()).status).to.equal("unknown");
    const revoked = answered({ status: "revoked", revokedAt: days(-3), thisUpdate: days(-2) });
    expect(byOcsp(someDay, answered(), revoked).status).to.equal("revoked");
    expect(byOcsp(days(-4), answered(), revoked).status).to.equal("good");
  });

  it("may be a refusal, which needs no signature", () => {
    expect(readOcspStatus(buildOcspRefusal("tryLater"))).to.equal("tryLater");
    expect(() => readOcspResponse(buildOcspRefusal("unauthorized"))).to.throw(DerError);
  });
});

describe("evidence", () => {
  it("says nothing more with any bit flipped", function () {
    this.timeout(60_000);
    const [list, answer] = [listed({ revoked: [{ serialHex: "07", at: someDay }] }), answered()];
    const says = (status: () => string) => {
      try {
        return status() !== "unknown";
      } catch (error) {
        expect(error).to.be.instanceOf(DerError);
        return false;
      }
    };
    expect(survivors(list, (flipped) => says(() => byCrl(someDay, flipped).status))).to.deep.equal([]);
    const authority = Buffer.from(answer).indexOf(pki.issuing.certificateDer);
    // The chain that an answer brings along is not looked at: the authority is known.
    const passed = survivors(answer, (flipped) => says(() => byOcsp(someDay, flipped).status));
    expect(passed.filter((at) => at < authority)).to.deep.equal([]);
  });

  it("is read or refused with a DerError, whatever the bytes", () => {
    const samples = [
      listed({ revoked: [{ serialHex, at: someDay }] }),
      answered(),
      buildOcspRequest(certificate, issuer),
    ];
    const change = fc.tuple(fc.constantFrom(...samples), fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), change), (sample) => {
        const bytes = sample instanceof Uint8Array ? sequence(sample) : Uint8Array.from(sample[0]);
        if (!(sample instanceof Uint8Array)) bytes[sample[1] % bytes.length] = sample[2];
        for (const reader of [readCrl, readOcspRequest, readOcspResponse, readOcspStatus]) {
          try {
            reader(bytes);
          } catch (error) {
            expect(error).to.be.instanceOf(DerError);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
