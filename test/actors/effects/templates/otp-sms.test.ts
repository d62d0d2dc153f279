import { expect } from "chai";
import fc from "fast-check";
import { gsm7, septets } from "../../../../src/actors/effects/templates/gsm7.ts";
import { otpReference, otpSms } from "../../../../src/actors/effects/templates/otp-sms.ts";

const about = {
  language: "fr" as const,
  firmName: "Cabinet Bérénice",
  code: "012345",
  reference: "aB-_",
  lifeMs: 1_800_000,
};

describe("the SMS of a code", () => {
  it("says whose it is, the code, its reference and its life", () => {
    expect(otpSms(about)).to.equal(
      "Cabinet Bérénice : votre code de signature est 012345 (réf. aB-_), valable 30 minutes. Ne le communiquez à personne.",
    );
    expect(otpSms({ ...about, language: "en" })).to.equal(
      "Cabinet Bérénice: your signing code is 012345 (ref. aB-_), valid for 30 minutes. Do not give it to anyone.",
    );
  });

  it("says the shorter life of a strict code", () => {
    expect(otpSms({ ...about, lifeMs: 600_000 })).to.include("valable 10 minutes.");
    expect(otpSms({ ...about, lifeMs: 600_000, language: "en" })).to.include("valid for 10 minutes.");
  });

  it("is one SMS of the GSM alphabet whatever the firm is called, with the code whole", () => {
    const anything = fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), fc.string({ maxLength: 300 }));
    fc.assert(
      fc.property(anything, fc.constantFrom("fr" as const, "en" as const), (firmName, language) => {
        const text = otpSms({ ...about, language, firmName });
        expect(septets(text)).to.be.at.most(160);
        expect(text).to.match(/(est|is) 012345 \(r[ée]f\. aB-_\)/);
      }),
    );
  });

  it("shows the first four characters of the code's id", () => {
    expect(otpReference("k3Fzq_8-abcd")).to.equal("k3Fz");
  });
});

describe("the GSM alphabet", () => {
  it("keeps the accents that it has and simplifies the others", () => {
    expect(gsm7("éèàù ÉÇñ")).to.equal("éèàù ÉÇñ");
    expect(gsm7("Œuvre d’Anaïs, fenêtre, façade, Łódź")).to.equal("OEuvre d'Anais, fenetre, facade, Lodz");
    expect(gsm7("10 € [net]\u00a0😀")).to.equal("10 EUR (net)");
  });

  it("has no place for a lower-case c with cedilla", () => {
    expect(septets("ç")).to.equal(Number.POSITIVE_INFINITY);
    expect(septets("Ç")).to.equal(1);
  });
});
