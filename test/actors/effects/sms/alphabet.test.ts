import { expect } from "chai";
import { encodeSms } from "../../../../src/actors/effects/sms/alphabet.ts";
import { otpSms } from "../../../../src/actors/effects/templates/otp-sms.ts";

describe("the alphabet of an SMS", () => {
  it("is GSM-7, an octet a septet and not packed, when all of the text is in it", () => {
    const { encoding, bytes, segments } = encodeSms("@è Ça€[z");
    expect([encoding, segments]).to.deep.equal(["gsm7", 1]);
    expect([...bytes]).to.deep.equal([0x00, 0x04, 0x20, 0x09, 0x61, 0x1b, 0x65, 0x1b, 0x3c, 0x7a]);
  });

  it("has é, è, à and ù, and of the cedillas only the large one", () => {
    expect(encodeSms("éèàù").encoding).to.equal("gsm7");
    expect([...encodeSms("éèàùÇ").bytes]).to.deep.equal([0x05, 0x04, 0x7f, 0x06, 0x09]);
    for (const text of ["ç", "œ", "ê", "’", "😀"]) expect(encodeSms(text).encoding, text).to.equal("ucs2");
  });

  it("is UCS-2, big-endian, for what GSM-7 lacks", () => {
    const { encoding, bytes, segments } = encodeSms("œ😀");
    expect([encoding, segments]).to.deep.equal(["ucs2", 1]);
    expect(Buffer.from(bytes).toString("hex")).to.equal("0153d83dde00");
  });

  it("counts as many SMS as a network bills, and cuts no escape from what it escapes", () => {
    const segments = (text: string) => encodeSms(text).segments;
    expect([segments("a".repeat(160)), segments("a".repeat(161))]).to.deep.equal([1, 2]);
    expect([segments("€".repeat(80)), segments("€".repeat(81))]).to.deep.equal([1, 2]);
    expect(segments("a".repeat(306))).to.equal(2);
    expect(segments("€".repeat(153)), "76 of them to a segment").to.equal(3);
    expect([segments("œ".repeat(70)), segments("œ".repeat(71))]).to.deep.equal([1, 2]);
  });

  for (const language of ["fr", "en"] as const) {
    it(`carries a code in one SMS, whatever the firm's name has of accents (${language})`, () => {
      for (const firmName of [
        "Cabinet Françoise Bœuf & Associés, Île-de-France",
        "Ł".repeat(200),
        "名前 😀",
      ]) {
        const { encoding, segments } = encodeSms(
          otpSms({ language, firmName, code: "123456", reference: "ab_-", lifeMs: 1_800_000 }),
        );
        expect([encoding, segments]).to.deep.equal(["gsm7", 1]);
      }
    });
  }
});
