import { expect } from "chai";
import { onEachStore } from "./on-each-store.ts";
import type { OpenedStore } from "./open-store.ts";

onEachStore("the moved clock", (open) => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  it("is not ahead until it is moved, and counts everybody's moves", async () => {
    const { movedClock } = opened.store;
    expect(await movedClock.aheadMs()).to.equal(0);
    const moved = await Promise.all([1, 20, 300].map((ms) => movedClock.advance(ms)));
    expect(Math.max(...moved)).to.equal(321);
    expect(await movedClock.aheadMs()).to.equal(321);
  });
});
