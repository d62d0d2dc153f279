import { createHash, createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { expect } from "chai";
import { ContentInfo, SignedData } from "pkijs";
import type { FileKeyMaterial } from "../../../src/actors/runtime/ports.ts";
import { buildSignedData, type CmsSigner, cmsBytesFor } from "../../../src/workers/cms/build.ts";
import { checkSignedData } from "../../../src/workers/cms/check.ts";
import { readCertificate } from "../../../src/workers/x509/certificate.ts";
import { createKeyPair, issueCertificate, validityOf } from "../../../src/workers/x509/issue.ts";
import { needProgram, ran } from "../../support/programs.ts";
import { temporaryFolder } from "../letters.ts";
import { createTestPki, someDay } from "../pki.ts";

const pki = createTestPki();
const document = Buffer.from("Lettre de mission, exercice clos le 31 décembre");
const documentDigest = createHash("sha256").update(document).digest();

function signerOf(material: FileKeyMaterial): CmsSigner {
  const { certificateDer, chainDer } = material;
  const key = Buffer.from(material.pkcs8);
  return { certificateDer, chainDer, privateKey: createPrivateKey({ key, format: "der", type: "pkcs8" }) };
}

function p384Signer(): CmsSigner {
  const authority = signerOf(pki.authority);
  const keys = createKeyPair("P-384");
  const subject = { givenName: "Ève", surname: "Ñuñez", commonName: "Ève Ñuñez" };
  const certificateDer = issueCertificate(
    authority,
    subject,
    keys.publicKeyDer,
    "one-use",
    validityOf("one-use", someDay),
  );
  return { certificateDer, chainDer: [authority.certificateDer], privateKey: keys.privateKey };
}

const signers: [string, CmsSigner, "signature" | "seal"][] = [
  ["P-256", signerOf(pki.member), "signature"],
  ["P-384", p384Signer(), "signature"],
  ["RSA", signerOf(pki.seal), "seal"],
];

describe("a CMS signature", () => {
  for (const [kind, signer, meaning] of signers) {
    it(`by ${kind} passes our check, as a ${meaning}`, () => {
      const check = checkSignedData(
        buildSignedData({ ...signer, documentDigest }),
        documentDigest,
        [pki.rootDer],
        someDay,
      );
      expect(check.problems).to.deep.equal([]);
      expect(check.ok).to.equal(true);
      expect(check.kind).to.equal(meaning);
      expect(check.chain).to.have.length(3);
      expect(check.hasSigningTime).to.equal(false);
    });

    it(`by ${kind} passes openssl's`, async function () {
      needProgram(this, "openssl");
      this.timeout(20_000);
      const folder = temporaryFolder();
      try {
        writeFileSync(folder.path("cms.der"), buildSignedData({ ...signer, documentDigest }));
        writeFileSync(folder.path("content"), document);
        writeFileSync(folder.path("root.pem"), new X509Certificate(pki.rootDer).toString());
        const { status, stderr } = await ran("openssl", [
          ...["cms", "-verify", "-cades", "-inform", "DER", "-in", folder.path("cms.der"), "-binary"],
          ...["-content", folder.path("content"), "-CAfile", folder.path("root.pem"), "-purpose", "any"],
          ...["-attime", String(someDay.getTime() / 1000), "-out", folder.path("out")],
        ]);
        expect(stderr).to.match(/CAdES Verification successful/i);
        expect(status).to.equal(0);
      } finally {
        folder.remove();
      }
    });

    it(`by ${kind} never outgrows its computed size, nor wastes more than an ECDSA signature varies`, () => {
      const most = cmsBytesFor(signer);
      const sizes = Array.from(
        { length: 60 },
        () => buildSignedData({ ...signer, documentDigest: randomBytes(32) }).length,
      );
      expect(Math.max(...sizes)).to.be.at.most(most);
      expect(Math.max(...sizes)).to.be.at.least(most - 4);
    });
  }

  it("is read by pkijs: three signed attributes, no signing-time, the root left out", () => {
    const [, signer] = signers[0] ?? expect.fail();
    const der = Uint8Array.from(buildSignedData({ ...signer, documentDigest }));
    const signedData = new SignedData({ schema: ContentInfo.fromBER(der.buffer).content });
    const types = signedData.signerInfos[0]?.signedAttrs?.attributes.map(({ type }) => type);
    expect(types).to.have.members([
      "1.2.840.113549.1.9.3",
      "1.2.840.113549.1.9.4",
      "1.2.840.113549.1.9.16.2.47",
    ]);
    expect(signedData.certificates).to.have.length(2);
    expect(signedData.encapContentInfo.eContent).to.equal(undefined);
  });
});

const serialOf = (certificateDer: Uint8Array): Uint8Array => readCertificate(certificateDer).serialDer;

describe("the check of a CMS", () => {
  const [, signer] = signers[0] ?? expect.fail();
  const cms = buildSignedData({ ...signer, documentDigest });
  const check = (der: Uint8Array, trust = [pki.rootDer], at = someDay, digest: Uint8Array = documentDigest) =>
    checkSignedData(der, digest, trust, at).problems;

  it("tells another document", () => {
    expect(check(cms, [pki.rootDer], someDay, randomBytes(32))).to.deep.equal(["digest_mismatch"]);
  });

  it("tells a root it doesn't know from no root at all", () => {
    expect(check(cms, [createTestPki().rootDer])).to.deep.equal(["chain_untrusted"]);
    expect(check(cms, [])).to.deep.equal(["no_certificate_chain_found"]);
  });

  it("tells an expired certificate", () => {
    expect(check(cms, [pki.rootDer], new Date("2030-01-01"))).to.deep.equal(["certificate_expired"]);
  });

  it("tells a certificate that is not the one the signer meant", () => {
    const authority = signerOf(pki.authority);
    const keys = createKeyPair("P-256");
    const issue = () =>
      issueCertificate(
        authority,
        { commonName: "Ida" },
        keys.publicKeyDer,
        "one-use",
        validityOf("one-use", someDay),
      );
    const chainDer = [authority.certificateDer];
    const own = { certificateDer: issue(), chainDer, privateKey: keys.privateKey };
    // Same key and name, another serial number: only signing-certificate-v2 binds the signature to its certificate.
    let other = issue();
    while (other.length !== own.certificateDer.length) other = issue();
    const swapped = Buffer.from(buildSignedData({ ...own, documentDigest }));
    const certificateAt = swapped.indexOf(own.certificateDer);
    const [before, after] = [serialOf(own.certificateDer), serialOf(other)];
    swapped.set(other, certificateAt);
    swapped.set(after, swapped.indexOf(before, certificateAt + other.length));
    expect(check(swapped)).to.deep.equal(["ess_mismatch"]);
  });

  for (const [kind, each] of [signers[0], signers[2]].flatMap((entry) =>
    entry === undefined ? [] : [entry],
  )) {
    it(`reports every flipped bit of one by ${kind}, wherever it is`, function () {
      this.timeout(60_000);
      const whole = buildSignedData({ ...each, documentDigest });
      expect(check(whole)).to.deep.equal([]);
      const passed: number[] = [];
      for (let bit = 0; bit < whole.length * 8; bit++) {
        const flipped = Uint8Array.from(whole);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        if (check(flipped).length === 0) passed.push(bit >> 3);
      }
      expect(passed).to.deep.equal([]);
    });
  }

  it("tells what is no certificate from a certificate with an unknown kind of key", () => {
    const withChain = (chainDer: Uint8Array[]) =>
      check(buildSignedData({ ...signer, chainDer, documentDigest }));
    expect(withChain([Uint8Array.of(0x30, 0)])).to.deep.equal(["cms_malformed"]);
    const odd = Buffer.from(pki.authority.certificateDer);
    const ecPublicKey = Buffer.from("2a8648ce3d0201", "hex");
    odd[odd.indexOf(ecPublicKey) + ecPublicKey.length - 1] = 0x7f;
    expect(withChain([odd])).to.deep.equal(["algorithm_unsupported", "chain_untrusted"]);
  });

  it("answers any bytes without throwing", () => {
    for (let i = 0; i < 300; i++) expect(check(randomBytes(i))).to.deep.equal(["cms_malformed"]);
    for (let i = 0; i < cms.length; i++) expect(check(cms.subarray(0, i))).to.deep.equal(["cms_malformed"]);
  });
});
