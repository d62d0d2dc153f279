import { expect } from "chai";
import { afterBeat } from "../../src/store/time-watch.ts";
import { onEachStore } from "./on-each-store.ts";
import type { OpenedStore } from "./open-store.ts";

const hour = 3_600_000;
const day = 24 * hour;
const rules = { leapMs: 6 * hour, steadyMs: 24 * hour };
const start = Date.UTC(2026, 2, 28, 12);

describe("time that leaps", () => {
  const beat = (gap: number) => afterBeat({ seenAt: start, hold: undefined }, start + gap, rules);

  it("ahead or back by 31 days holds purges", () => {
    for (const gap of [31 * day, -31 * day])
      expect(beat(gap)).to.deep.equal({ since: start + gap, leapMs: gap });
  });

  it("by an hour, as when somebody takes summer time for another time, does not", () => {
    for (const gap of [hour, -hour, 0, 60_000]) expect(beat(gap)).to.equal(undefined);
  });

  it("is believed again after a day without another leap", () => {
    const hold = { since: start, leapMs: 31 * day };
    const beatAfter = (gap: number) => afterBeat({ seenAt: start + gap - 60_000, hold }, start + gap, rules);
    expect(beatAfter(24 * hour - 1)).to.equal(hold);
    expect(beatAfter(24 * hour)).to.equal(undefined);
  });

  it("is in doubt anew with each leap, also the one back to the right time", () => {
    const hold = { since: start, leapMs: 31 * day };
    const back = afterBeat({ seenAt: start, hold }, start - 31 * day, rules);
    expect(back).to.deep.equal({ since: start - 31 * day, leapMs: -31 * day });
  });
});

onEachStore("the watch over time", (open) => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  it("remembers for all processes, also for those that come later, until somebody says that the clock is right", async () => {
    const { timeWatch } = opened.store;
    expect(await timeWatch.look()).to.equal(undefined);
    expect(await timeWatch.beat(start, rules)).to.equal(undefined);
    expect(await timeWatch.beat(start + 31 * day, rules)).to.deep.equal({
      since: start + 31 * day,
      leapMs: 31 * day,
    });
    const another = await opened.another();
    const later = start + 31 * day + 60_000;
    expect(await another.timeWatch.beat(later, rules)).to.deep.equal({
      since: start + 31 * day,
      leapMs: 31 * day,
    });
    expect(await another.timeWatch.resume(later)).to.equal(true);
    await another.close();
    expect(await timeWatch.look()).to.deep.equal({ seenAt: later });
    expect(await timeWatch.resume(later)).to.equal(false);
  });
});
