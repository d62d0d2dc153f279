import { expect } from "chai";
import { distance } from "../../config/distance.ts";

describe("the distance of two words", () => {
  it("counts the letters that must change", () => {
    for (const [one, other, letters] of [
      ["port", "port", 0],
      ["", "port", 4],
      ["port", "", 4],
      ["port", "prot", 2],
      ["kitten", "sitting", 3],
      ["baseurl", "base_url", 1],
    ] as const) {
      expect(distance(one, other), `${one}, ${other}`).to.equal(letters);
      expect(distance(other, one), `${other}, ${one}`).to.equal(letters);
    }
  });
});
