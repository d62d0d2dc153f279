import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { expect } from "chai";
import { type Certificate, readCertificate } from "../../../src/workers/x509/certificate.ts";
import {
  createKeyPair,
  createRoot,
  type Issuer,
  issueCertificate,
  validityOf,
} from "../../../src/workers/x509/issue.ts";
import { personCommonName } from "../../../src/workers/x509/name.ts";
import { findPath } from "../../../src/workers/x509/path.ts";
import { needProgram, ran } from "../../support/programs.ts";
import { type Folder, temporaryFolder } from "../letters.ts";
import { createTestPki, rsaKeyPair, someDay } from "../pki.ts";

const pem = (der: Uint8Array): string => new X509Certificate(der).toString();
const person = { country: "FR", givenName: "Anaïs", surname: "Lœwenstein", commonName: "Anaïs Lœwenstein" };

function chainOf(rootCurve: "P-256" | "P-384" | "RSA"): { rootDer: Uint8Array; issuing: Issuer } {
  const rootKeys = rootCurve === "RSA" ? rsaKeyPair() : createKeyPair(rootCurve);
  const rootDer = createRoot({ country: "FR", commonName: "Racine" }, rootKeys, validityOf("root", someDay));
  const keys = rootCurve === "RSA" ? rsaKeyPair() : createKeyPair(rootCurve);
  const root = { certificateDer: rootDer, privateKey: rootKeys.privateKey };
  const name = { country: "FR", commonName: "Émission" };
  const certificateDer = issueCertificate(
    root,
    name,
    keys.publicKeyDer,
    "issuing",
    validityOf("issuing", someDay),
  );
  return { rootDer, issuing: { certificateDer, privateKey: keys.privateKey } };
}

describe("certificates", () => {
  let folder: Folder;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  for (const kind of ["P-256", "P-384", "RSA"] as const) {
    it(`are verified by openssl from ${kind} authorities down`, async function () {
      needProgram(this, "openssl");
      this.timeout(20_000);
      const { rootDer, issuing } = chainOf(kind);
      const validity = validityOf("one-use", someDay);
      const leaf = issueCertificate(
        issuing,
        person,
        createKeyPair("P-256").publicKeyDer,
        "one-use",
        validity,
      );
      writeFileSync(folder.path("root.pem"), pem(rootDer));
      writeFileSync(folder.path("issuing.pem"), pem(issuing.certificateDer));
      writeFileSync(folder.path("leaf.pem"), pem(leaf));
      const epoch = String(someDay.getTime() / 1000);
      const { status, stdout, stderr } = await ran("openssl", [
        ...["verify", "-x509_strict", "-check_ss_sig", "-attime", epoch],
        ...[
          "-CAfile",
          folder.path("root.pem"),
          "-untrusted",
          folder.path("issuing.pem"),
          folder.path("leaf.pem"),
        ],
      ]);
      expect(stdout + stderr).to.contain("leaf.pem: OK");
      expect(status).to.equal(0);
    });
  }

  it("say who, by whom, for what and until when", () => {
    const { issuing } = chainOf("P-256");
    const keys = createKeyPair("P-256");
    const validity = validityOf("member", someDay);
    const certificate = readCertificate(
      issueCertificate(issuing, person, keys.publicKeyDer, "member", validity),
    );
    expect(certificate.subject).to.deep.equal(person);
    expect(certificate.issuer).to.deep.equal({ country: "FR", commonName: "Émission" });
    expect(certificate.notBefore.toISOString()).to.equal("2026-03-02T09:55:00.000Z");
    expect(certificate.notAfter.toISOString()).to.equal("2029-03-02T10:00:00.000Z");
    expect(certificate.keyUsage).to.deep.equal(["digitalSignature", "nonRepudiation"]);
    expect(certificate.isCa).to.equal(false);
    expect(certificate.publicKey.export({ type: "spki", format: "der" })).to.deep.equal(keys.publicKeyDer);
    const authority = readCertificate(issuing.certificateDer);
    expect(authority.isCa).to.equal(true);
    expect(authority.pathLength).to.equal(0);
    expect(authority.keyUsage).to.deep.equal(["keyCertSign", "cRLSign"]);
  });

  it("are read alike by node:crypto", () => {
    const pki = createTestPki();
    for (const der of [
      pki.rootDer,
      pki.authority.certificateDer,
      pki.member.certificateDer,
      pki.seal.certificateDer,
    ]) {
      const [ours, theirs] = [readCertificate(der), new X509Certificate(der)];
      expect(BigInt(`0x${ours.serialHex}`)).to.equal(BigInt(`0x${theirs.serialNumber}`));
      expect(ours.notAfter).to.deep.equal(new Date(theirs.validTo));
      expect(ours.isCa).to.equal(theirs.ca);
      expect(ours.publicKey.equals(theirs.publicKey)).to.equal(true);
      expect(theirs.subject.normalize("NFC")).to.contain(`CN=${ours.subject.commonName}`);
    }
  });

  it("have positive serial numbers of 127 random bits", () => {
    const { issuing } = chainOf("P-256");
    const { publicKeyDer } = createKeyPair("P-256");
    const serials = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const der = issueCertificate(issuing, person, publicKeyDer, "one-use", validityOf("one-use", someDay));
      const serial = BigInt(`0x${readCertificate(der).serialHex}`);
      expect(serial > 0n && serial < 2n ** 127n).to.equal(true);
      serials.add(String(serial));
    }
    expect(serials.size).to.equal(300);
  });

  it("refuse names that X.520 does not allow", () => {
    const { issuing } = chainOf("P-256");
    const issue = (subject: object) =>
      issueCertificate(
        issuing,
        subject,
        createKeyPair("P-256").publicKeyDer,
        "one-use",
        validityOf("one-use", someDay),
      );
    expect(() => issue({})).to.throw(RangeError);
    expect(() => issue({ commonName: "a\nb" })).to.throw(RangeError);
    expect(() => issue({ commonName: "a", country: "fra" })).to.throw(RangeError);
    expect(() => issue({ organization: "a".repeat(65) })).to.throw(RangeError);
    const longName = personCommonName(
      "Marie-Antoinette-Joséphine",
      "de La Rochefoucauld d'Estissac de Montmorency-Laval",
    );
    expect([...longName]).to.have.length.at.most(64);
    expect(() => issue({ commonName: longName })).not.to.throw();
  });
});

describe("a certificate path", () => {
  const at = someDay;

  it("is refused over an issuer that is no authority", () => {
    const pki = createTestPki();
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const member = createKeyPair("P-256");
    const { issuing, rootDer } = chainOf("P-256");
    const memberDer = issueCertificate(
      issuing,
      person,
      member.publicKeyDer,
      "member",
      validityOf("member", at),
    );
    const spki = keys.publicKey.export({ type: "spki", format: "der" });
    const forged = issueCertificate(
      { certificateDer: memberDer, privateKey: member.privateKey },
      person,
      spki,
      "one-use",
      validityOf("one-use", at),
    );
    const others = [memberDer, issuing.certificateDer].map(readCertificate);
    const path = findPath(readCertificate(forged), others, [readCertificate(rootDer)], at);
    expect(path.problems).to.include.members(["issuer_not_authority", "key_usage", "path_too_long"]);
    const elsewhere = findPath(readCertificate(forged), others, [readCertificate(pki.rootDer)], at);
    expect(elsewhere.problems).to.deep.equal(["chain_untrusted"]);
  });

  it("is refused when an authority has the right name and another key", () => {
    const [ours, impostor] = [chainOf("P-256"), chainOf("P-256")];
    const validity = validityOf("one-use", at);
    const leaf = issueCertificate(
      impostor.issuing,
      person,
      createKeyPair("P-256").publicKeyDer,
      "one-use",
      validity,
    );
    const others = [
      readCertificate(ours.issuing.certificateDer),
      readCertificate(impostor.issuing.certificateDer),
    ];
    const { problems } = findPath(readCertificate(leaf), others, [readCertificate(ours.rootDer)], at);
    expect(problems).to.deep.equal(["chain_untrusted"]);
  });

  it("is judged at the time asked, to the second", () => {
    const { issuing, rootDer } = chainOf("P-256");
    const validity = validityOf("one-use", at, 4);
    const der = issueCertificate(issuing, person, createKeyPair("P-256").publicKeyDer, "one-use", validity);
    const leaf = readCertificate(der);
    const judged = (when: number) =>
      findPath(leaf, [readCertificate(issuing.certificateDer)], [readCertificate(rootDer)], new Date(when))
        .problems;
    expect(judged(validity.notBefore.getTime())).to.deep.equal([]);
    expect(judged(validity.notAfter.getTime())).to.deep.equal([]);
    expect(judged(validity.notAfter.getTime() + 1000)).to.deep.equal(["certificate_expired"]);
    const before = findPath(
      leaf,
      [readCertificate(issuing.certificateDer)],
      [readCertificate(rootDer)],
      new Date(validity.notBefore.getTime() - 1000),
    );
    expect(before.problems).to.deep.equal(["certificate_not_yet_valid"]);
  });

  it("checks each signature on a certificate once, and one-use certificates push out no member's", () => {
    const { issuing, rootDer } = chainOf("P-256");
    const others = [readCertificate(issuing.certificateDer)];
    const anchors = [readCertificate(rootDer)];
    const keys = createKeyPair("P-256");
    const leaf = (profile: "member" | "one-use") =>
      readCertificate(
        issueCertificate(issuing, person, keys.publicKeyDer, profile, validityOf(profile, someDay)),
      );
    let checks = 0;
    const counted = (certificate: Certificate, sha256 = certificate.sha256): Certificate => ({
      ...certificate,
      sha256,
      get signedPart() {
        checks++;
        return certificate.signedPart;
      },
    });
    const found = (certificate: Certificate) => findPath(certificate, others, anchors, at).problems;
    const member = counted(leaf("member"));
    const oneUse = leaf("one-use");
    expect([...found(member), ...found(member)]).to.deep.equal([]);
    expect(checks).to.equal(1);
    for (let i = 0; i < 1_500; i++) expect(found(counted(oneUse, String(i)))).to.deep.equal([]);
    expect(checks).to.equal(1_501);
    found(member);
    found(counted(oneUse, "1499"));
    expect(checks).to.equal(1_501);
    found(counted(oneUse, "0"));
    expect(checks).to.equal(1_502);
  });
});
