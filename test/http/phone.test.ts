import { expect } from "chai";
import examples from "libphonenumber-js/examples.mobile.json";
import { getCountries, getExampleNumber } from "libphonenumber-js/max";
import { readPhone } from "../../src/http/phone.ts";

describe("a phone number", () => {
  for (const [text, country, e164] of [
    ["06 12 34 56 78", "FR", "+33612345678"],
    ["06.12.34.56.78", "FR", "+33612345678"],
    ["0612345678", "FR", "+33612345678"],
    ["+33 06 12 34 56 78", "FR", "+33612345678"],
    ["+330612345678", "BE", "+33612345678"],
    ["+33 (0)6 12 34 56 78", "FR", "+33612345678"],
    ["0033 6 12 34 56 78", "FR", "+33612345678"],
    ["07 66 12 34 56", "FR", "+33766123456"],
    ["0470 12 34 56", "BE", "+32470123456"],
    ["+32 470 12 34 56", "FR", "+32470123456"],
    ["079 123 45 67", "CH", "+41791234567"],
    ["+44 7911 123456", "FR", "+447911123456"],
    ["+1 415 555 2671", "FR", "+14155552671"],
    ["+48 512 345 678", "FR", "+48512345678"],
    ["+352 621 123 456", "FR", "+352621123456"],
    ["0692 12 34 56", "RE", "+262692123456"],
  ] as const) {
    it(`${text}, read in ${country}, is ${e164}`, () => {
      expect(readPhone(text, country)).to.deep.equal({ ok: true, e164 });
    });
  }

  for (const [text, code] of [
    ["", "phone_not_a_number"],
    ["hello", "phone_not_a_number"],
    ["tel:+33612345678", "phone_not_a_number"],
    ["+999 123456", "phone_country_unknown"],
    ["06 12 34", "phone_too_short"],
    ["+33 6 12 34 56 7", "phone_too_short"],
    ["+33 6 12 34 56 78 99", "phone_too_long"],
    ["+33 7 00 00 00 00", "phone_impossible"],
    ["01 23 45 67 89", "phone_not_mobile"],
    ["+44 20 7946 0958", "phone_not_mobile"],
    ["0800 12 34 56", "phone_not_mobile"],
    ["06 12 34 56 78 ext 5", "phone_extension"],
  ] as const) {
    it(`${JSON.stringify(text)} is refused as ${code}`, () => {
      expect(readPhone(text, "FR")).to.deep.equal({ ok: false, code });
    });
  }

  it("in national form needs a country that is known", () => {
    expect(readPhone("0612345678", "XX")).to.deep.equal({ ok: false, code: "phone_country_unknown" });
    expect(readPhone("+33612345678", "XX")).to.deep.equal({ ok: true, e164: "+33612345678" });
  });

  it("is a mobile of any country, in national form there and in international form anywhere", () => {
    expect(getCountries()).to.have.length.greaterThan(240);
    for (const country of getCountries()) {
      const example = getExampleNumber(country, examples);
      if (!example) throw new Error(`no example for ${country}`);
      const read = { ok: true, e164: example.number };
      expect(readPhone(example.formatNational(), country), country).to.deep.equal(read);
      expect(readPhone(example.formatInternational(), "FR"), country).to.deep.equal(read);
      expect(readPhone(example.number, country === "FR" ? "US" : "FR"), country).to.deep.equal(read);
    }
  });
});
