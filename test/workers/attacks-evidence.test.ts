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
import { aHandmadePdf, anEmptyPage, latin1, open } from "./pdf/documents.ts";
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
  it("is told when it is another one to readers that count offsets from there", () => {
    const behind = (junk: number) => {
      const header = `${"x".repeat(junk)}%PDF-1.7\n`;
      return reallySigned(aHandmadePdf(anEmptyPage(), "", header), pki.member);
    };
    const said = (bytes: Uint8Array) => {
      const { verdict, problems } = verifySource(bytesSource(bytes), { trustDer: [pki.rootDer] });
      return [verdict, ...problems];
    };
    expect(said(behind(0))).to.deep.equal(["TOTAL-PASSED"]);
    expect(said(behind(60))).to.deep.equal(["TOTAL-PASSED"]);
    // As far before its header as the last word "startxref" is behind the section that it announces.
    const bytes = behind(300);
    const between = latin1(bytes).lastIndexOf("xref") - open(bytes).sections[0].offset;
    expect(said(behind(between))).to.deep.equal(["INDETERMINATE", "two_readings"]);
  });
});
