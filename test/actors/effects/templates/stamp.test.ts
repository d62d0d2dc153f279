import { expect } from "chai";
import { stampLines } from "../../../../src/actors/effects/templates/stamp.ts";

describe("the lines of a visible signature", () => {
  it("say who, when on the clocks of Paris, and why", () => {
    const at = Date.parse("2026-11-30T23:30:00Z");
    expect(stampLines({ name: "Zoé\nMartin", at, reason: "Cachet du cabinet" }, "fr")).to.deep.equal([
      "Zoé Martin",
      "Signé le 1er décembre 2026 à 00:30 (heure de Paris)",
      "Cachet du cabinet",
    ]);
    const summer = Date.parse("2027-07-14T12:00:00Z");
    expect(stampLines({ name: "Zoé", at: summer }, "en")).to.deep.equal([
      "Zoé",
      "Signed on 14 July 2027 at 14:00 (Paris time)",
    ]);
  });
});
