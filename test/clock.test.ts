import { expect } from "chai";
import type { MovedClock } from "../src/actors/runtime/ports.ts";
import { createTestClock } from "../src/clock.ts";

/** What processes share. */
function keptAhead(): MovedClock {
  let ahead = 0;
  return {
    aheadMs: async () => ahead,
    advance: async (ms) => {
      ahead += ms;
      return ahead;
    },
  };
}

describe("the clock of test mode", () => {
  const machine = { now: () => 1_000 };

  it("is the machine's until it is moved, and goes on from where it is kept", async () => {
    const kept = keptAhead();
    const clock = createTestClock(machine);
    expect(clock.now()).to.equal(1_000);
    await clock.follow(kept);
    expect(await clock.advance(500)).to.equal(1_500);
    clock.stop();
    const restarted = createTestClock(machine);
    await restarted.follow(kept);
    expect(restarted.now()).to.equal(1_500);
    restarted.stop();
  });

  it("never goes back, whatever is kept", async () => {
    const kept = keptAhead();
    const clock = createTestClock(machine);
    await clock.follow(kept);
    await clock.advance(500);
    await clock.follow(keptAhead());
    expect(clock.now()).to.equal(1_500);
    clock.stop();
  });
});
