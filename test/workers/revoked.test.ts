import { createPrivateKey } from "node:crypto";
import { expect } from "chai";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { as } from "../../src/workers/pdf/syntax/objects.ts";
import { serialize } from "../../src/workers/pdf/syntax/serialize.ts";
import { verifySource } from "../../src/workers/verify-document.ts";
import { readCertificate } from "../../src/workers/x509/certificate.ts";
import { buildCrl } from "../../src/workers/x509/crl.ts";
import { letter } from "./letters.ts";
import { open, revised } from "./pdf/documents.ts";
import { createTestPki, someDay } from "./pki.ts";
import { reallySigned } from "./real-signature.ts";

const hourMs = 3_600_000;

describe("a signature whose certificate was revoked", () => {
  const pki = createTestPki();
  const { authority, member } = pki;
  const key = createPrivateKey({ key: Buffer.from(authority.pkcs8), format: "der", type: "pkcs8" });
  const issuer = { certificateDer: authority.certificateDer, privateKey: key };
  const { serialHex } = readCertificate(member.certificateDer);
  let signed: Uint8Array;

  before(async () => {
    signed = reallySigned(await letter(false), member);
  });

  /** With a list in a security store that revokes it (or nobody) at that time, judged a day after the signature. */
  function judgedWith(revokedAt: number | undefined) {
    const crl = buildCrl(issuer, {
      thisUpdate: new Date(someDay.getTime() + 30 * hourMs),
      nextUpdate: new Date(someDay.getTime() + 60 * hourMs),
      number: 1n,
      revoked: revokedAt === undefined ? [] : [{ serialHex, at: new Date(revokedAt) }],
    });
    const { latest, trailer } = open(signed);
    const root = as(trailer.entries.get("Root"), "ref")?.num ?? expect.fail();
    const free = latest.limit();
    const catalog = serialize(latest.object(root)).replace("<<", `<< /DSS << /CRLs [${free} 0 R] >>`);
    const hex = Buffer.from(crl).toString("latin1");
    const stream = `<< /Length ${crl.length} >>\nstream\n${hex}\nendstream`;
    const bytes = revised(signed, { [root]: catalog, [free]: stream }, root);
    const at = someDay.getTime() + 24 * hourMs;
    const [signature] = verifySource(bytesSource(bytes), { trustDer: [pki.rootDer], at }).signatures;
    return [signature?.indication, ...(signature?.problems ?? []), signature?.revocation.status];
  }

  it("passes while the list does not name it", () => {
    expect(judgedWith(undefined)).to.deep.equal(["TOTAL-PASSED", "good"]);
  });

  it("is undecided when nothing proves that it came before the revocation", () => {
    expect(judgedWith(someDay.getTime() + hourMs)).to.deep.equal([
      "INDETERMINATE/REVOKED_NO_POE",
      "certificate_revoked_no_proof",
      "revoked",
    ]);
  });

  it("fails when the signer itself says that it came after", () => {
    expect(judgedWith(someDay.getTime() - hourMs)).to.deep.equal([
      "TOTAL-FAILED/REVOKED",
      "certificate_revoked",
      "revoked",
    ]);
  });
});
