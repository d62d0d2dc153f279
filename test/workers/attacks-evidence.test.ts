import { createHash } from "node:crypto";
import { expect } from "chai";
import { buildSignedData } from "../../src/workers/cms/build.ts";
import { checkSignedData } from "../../src/workers/cms/check.ts";
import { buildTimestampToken } from "../../src/workers/cms/timestamp/token.ts";
import { prepareDocumentTimestamp } from "../../src/workers/pdf/archive.ts";
import { fillContents } from "../../src/workers/pdf/revision.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { verifySource } from "../../src/workers/verify-document.ts";
import { createAuthorities } from "./authorities.ts";
import { aHandmadePdf, anEmptyPage, open } from "./pdf/documents.ts";
import { createTestPki, someDay } from "./pki.ts";
import { reallySigned } from "./real-signature.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const pki = createTestPki();

describe("a document timestamp that anybody made over another's signature", () => {
  const { rootDer, tsu } = createAuthorities();
  const signed = reallySigned(aHandmadePdf(anEmptyPage()), pki.member);
  const prepared = prepareDocumentTimestamp(open(signed), [], 8_000);
  const tail = Buffer.from(prepared.tail);
  const [, gapStart, gapEnd] = prepared.byteRange;
  const whole = Buffer.concat([signed, tail]);
  const digest = sha256(Buffer.concat([whole.subarray(0, gapStart), whole.subarray(gapEnd)]));
  const token = buildTimestampToken(tsu, { digest, policy: "1.2.3", serial: 1n, genTime: someDay });
  fillContents(tail, prepared, token);
  const stamped = Buffer.concat([signed, tail]);
  const reportBy = (...trustDer: Uint8Array[]) =>
    verifySource(bytesSource(stamped), { trustDer, at: someDay.getTime() });

  it("raises its level only when its authority is trusted", () => {
    const trusting = reportBy(pki.rootDer, rootDer);
    expect(trusting.documentTimestamps[0]?.problems).to.deep.equal([]);
    expect(trusting.signatures[0]?.level).not.to.equal("B-B");
    expect(trusting.signatures[0]?.provenAt).to.equal(Math.floor(someDay.getTime() / 1000) * 1000);
    const [signature] = reportBy(pki.rootDer).signatures;
    expect(signature).to.include({ verdict: "TOTAL-PASSED", level: "B-B" });
    expect(signature).not.to.have.property("provenAt");
  });
});

describe("a service's key that signs a document", () => {
  it("is not taken for a signatory's", () => {
    const { rootDer, tsu, responder } = createAuthorities();
    const documentDigest = sha256(Buffer.from("Lettre"));
    for (const signer of [tsu, responder]) {
      const cms = buildSignedData({ ...signer, documentDigest });
      expect(checkSignedData(cms, documentDigest, [rootDer], someDay).problems).to.deep.equal(["key_usage"]);
    }
  });
});

describe("a document that does not begin with its header", () => {
  it("is told, for readers differ over what its offsets count from", () => {
    const signed = reallySigned(aHandmadePdf(anEmptyPage(), "", "\n%PDF-1.7\n"), pki.member);
    const { verdict, problems } = verifySource(bytesSource(signed), { trustDer: [pki.rootDer] });
    expect([verdict, ...problems]).to.deep.equal(["INDETERMINATE", "header_not_first"]);
  });
});
