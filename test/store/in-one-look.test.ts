import { expect } from "chai";
import { allInOneLook, padded, places } from "../../src/store/in-one-look.ts";

describe("a look at several things at once", () => {
  let looks: string[][];
  let find: (id: string) => Promise<string | undefined>;
  beforeEach(() => {
    looks = [];
    find = allInOneLook(async (ids) => {
      looks.push(ids);
      return new Map(ids.filter((id) => id !== "nobody").map((id) => [id, id.toUpperCase()]));
    }, 2);
  });

  it("is one for all who ask in a turn, and each gets their own", async () => {
    const found = await Promise.all([find("a"), find("nobody"), find("a")]);
    expect(found).to.deep.equal(["A", undefined, "A"]);
    expect(looks).to.deep.equal([["a", "nobody"]]);
  });

  it("is another one when there are too many, and for who comes later", async () => {
    expect(await Promise.all(["a", "b", "c"].map(find))).to.deep.equal(["A", "B", "C"]);
    expect(await find("a")).to.equal("A");
    expect(looks).to.deep.equal([["a", "b"], ["c"], ["a"]]);
  });

  it("fails for those who asked in it, and for nobody else", async () => {
    let isBroken = true;
    const fragile = allInOneLook(async (ids) => {
      if (isBroken) throw new Error("away");
      return new Map(ids.map((id) => [id, id]));
    }, 2);
    const failed = await Promise.allSettled([fragile("a"), fragile("b")]);
    expect(failed.map(({ status }) => status)).to.deep.equal(["rejected", "rejected"]);
    isBroken = false;
    expect(await fragile("a")).to.equal("a");
  });

  it("is a statement with as many places, the last id again in those that are left", () => {
    expect(places(3, 1)).to.equal("$2, $3, $4");
    expect(padded(["a", "b"], 4)).to.deep.equal(["a", "b", "b", "b"]);
  });
});
