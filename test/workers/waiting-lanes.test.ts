import { expect } from "chai";
import { WaitingLanes } from "../../src/workers/waiting-lanes.ts";

describe("work that waits for a thread", () => {
  interface Piece {
    name: string;
    small: boolean;
  }
  let lanes: WaitingLanes<Piece>;
  beforeEach(() => {
    lanes = new WaitingLanes();
  });

  const push = (name: string, isUpkeep = false, small = true) => lanes.push({ name, small }, isUpkeep);
  const next = (freeThreads = 1) => lanes.next(16, freeThreads).map(({ name }) => name);

  it("goes before upkeep, whichever came first", () => {
    push("proof", true);
    push("signature");
    expect(lanes.first()?.name).to.equal("signature");
    expect(next()).to.deep.equal(["signature"]);
    expect(next()).to.deep.equal(["proof"]);
    expect(lanes.first()).to.equal(undefined);
    expect(next()).to.deep.equal([]);
  });

  it("takes up upkeep piece by piece, so that no thread is away for long", () => {
    for (const name of ["a", "b", "c"]) push(name, true);
    expect([next(), next(), next()]).to.deep.equal([["a"], ["b"], ["c"]]);
  });

  it("has a turn of upkeep after 32 others, however many wait", () => {
    for (let i = 0; i < 100 * 16; i++) push(`signature ${i}`);
    push("proof", true);
    push("another", true);
    const turns = Array.from({ length: 70 }, () => next());
    expect(turns.findIndex(([name]) => name === "proof")).to.equal(32);
    expect(turns.findIndex(([name]) => name === "another")).to.equal(65);
  });

  it("is shared by the threads that are free, and a large document goes alone", () => {
    for (const name of ["a", "b", "c", "d"]) push(name);
    expect(next(2)).to.deep.equal(["a", "b"]);
    push("large", false, false);
    push("e");
    expect([next(), next(), next()]).to.deep.equal([["c", "d"], ["large"], ["e"]]);
  });
});
