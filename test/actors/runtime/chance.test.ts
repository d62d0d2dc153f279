import { expect } from "chai";
import { freshBytes } from "../../../src/actors/runtime/chance.ts";

describe("fresh bytes", () => {
  it("never come twice, across many fillings of the pool", () => {
    const seen = new Set(Array.from({ length: 20_000 }, () => freshBytes(16).toString("hex")));
    expect(seen.size).to.equal(20_000);
  });

  it("are the caller's own: later ones don't change them", () => {
    const bytes = freshBytes(12);
    const before = bytes.toString("hex");
    for (let i = 0; i < 5_000; i++) freshBytes(12);
    expect(bytes.toString("hex")).to.equal(before);
  });

  it("come in the length that was asked for, up to the whole pool", () => {
    for (const length of [1, 10, 12, 32, 16_384]) expect(freshBytes(length)).to.have.length(length);
    expect(freshBytes(64).some((byte) => byte !== 0)).to.equal(true);
  });
});
