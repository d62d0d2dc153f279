import { createHash } from "node:crypto";
import { expect } from "chai";
import { createHttpTsa } from "../../../src/actors/effects/http-tsa.ts";
import { createOutgoing } from "../../../src/actors/effects/outgoing.ts";
import { Retryable } from "../../../src/actors/runtime/errors.ts";
import { createTimestampCodec } from "../../../src/workers/cms/timestamp/codec.ts";
import { readTimestampToken } from "../../../src/workers/cms/timestamp/token.ts";
import { readCertificate } from "../../../src/workers/x509/certificate.ts";
import { thrownBy } from "../../support/thrown.ts";
import { startTsa, type TestTsa, type TsaMood } from "../../support/tsa.ts";
import { createAuthorities } from "../../workers/authorities.ts";
import { someDay } from "../../workers/pki.ts";

const now = someDay.getTime();
const pki = createAuthorities();
const anchors = [readCertificate(pki.rootDer)];
const digest = createHash("sha256").update("Lettre").digest();
const longAgo = { notBefore: new Date(now - 9e9), notAfter: new Date(now - 1e9) };
const certificates = {
  unit: pki.tsu,
  expired: pki.issue("timestamping", { validity: longAgo }),
  notUnit: pki.issue("member"),
};

describe("the client of a TSA", () => {
  let tsa: TestTsa;
  const outgoing = createOutgoing({ mayLoop: true });
  const impatient = createOutgoing({ mayLoop: true, timeoutMs: 300 });
  const client = (more: { trusted?: typeof anchors; authorization?: string; policy?: string } = {}) =>
    createHttpTsa({
      url: tsa.url,
      outgoing: tsa.mood === "hang" ? impatient : outgoing,
      codec: createTimestampCodec(more.trusted ?? anchors),
      clock: { now: () => now },
      policy: more.policy ?? "1.2.3.4.5",
      ...(more.authorization !== undefined && { authorization: more.authorization }),
    });

  before(async () => {
    tsa = await startTsa({ ...certificates, now: () => now });
  });
  beforeEach(() => {
    tsa.mood = "well";
  });
  after(async () => {
    outgoing.close();
    impatient.close();
    await tsa.close();
  });

  it("brings a token over the digest, under the policy asked, also from a slow TSA", async () => {
    const token = readTimestampToken(await client({ authorization: "Basic eDp5" }).stamp(digest));
    expect(token.policy).to.equal("1.2.3.4.5");
    expect(token.imprint.digest).to.deep.equal(Uint8Array.from(digest));
    expect(tsa.asked.at(-1)).to.include({
      authorization: "Basic eDp5",
      "content-type": "application/timestamp-query",
    });
    tsa.mood = "slow";
    await client().stamp(digest);
    await client({ trusted: [] }).stamp(digest);
  });

  it("never uses a nonce twice", async () => {
    const many = Array.from({ length: 40 }, () => client().stamp(digest));
    const tokens = (await Promise.all(many)).map(readTimestampToken);
    expect(new Set(tokens.map(({ nonce }) => nonce)).size).to.equal(40);
    expect(tokens.every(({ nonce }) => nonce !== undefined && nonce < 2n ** 128n)).to.equal(true);
  });

  const faults: [TsaMood, string][] = [
    ["refuse", "tsa_refused"],
    ["forbidden", "tsa_refused"],
    ["hang", "tsa_unreachable"],
    ["drop", "tsa_unreachable"],
    ["unavailable", "tsa_unreachable"],
    ["redirect", "tsa_unreachable"],
    ["garbage", "tsa_malformed"],
    ["huge", "tsa_malformed"],
    ["wrong-nonce", "tsa_wrong_nonce"],
    ["no-nonce", "tsa_wrong_nonce"],
    ["wrong-imprint", "tsa_wrong_imprint"],
    ["wrong-policy", "tsa_wrong_policy"],
    ["wrong-time", "tsa_wrong_time"],
    ["flipped-bit", "tsa_signature_invalid"],
    ["expired-certificate", "tsa_certificate_invalid"],
    ["not-a-unit", "tsa_certificate_invalid"],
  ];
  for (const [mood, code] of faults) {
    it(`claims nothing from a TSA in the mood "${mood}": ${code}, to be tried again`, async () => {
      tsa.mood = mood;
      for (const trusted of [anchors, []]) {
        const error = await thrownBy(client({ trusted }).stamp(digest));
        expect(error).to.be.instanceOf(Retryable);
        expect(error).to.include({ code });
        if (mood === "unavailable") expect(error).to.include({ retryAfterMs: 120_000 });
      }
    });
  }

  it("claims nothing from a TSA of another root", async () => {
    const trusted = [readCertificate(createAuthorities().rootDer)];
    expect(await thrownBy(client({ trusted }).stamp(digest))).to.include({ code: "tsa_certificate_invalid" });
  });

  it("reaches no TSA inside the network, and waits until its address is mended", async () => {
    const guarded = createOutgoing({ mayLoop: false });
    const options = { codec: createTimestampCodec(anchors), clock: { now: () => now }, outgoing: guarded };
    const inside = createHttpTsa({ ...options, url: tsa.url.replace("http:", "https:") });
    const error = await thrownBy(inside.stamp(digest));
    expect(error).to.be.instanceOf(Retryable);
    expect(error).to.include({ code: "tsa_address_refused" });
    guarded.close();
  });
});
