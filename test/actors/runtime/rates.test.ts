import { expect } from "chai";
import fc from "fast-check";
import {
  allowance,
  type Bucket,
  dayOf,
  givenBack,
  lookAgainMs,
  type Rate,
  refilled,
  spent,
  wasSetBack,
} from "../../../src/actors/runtime/rates.ts";

const start = Date.UTC(2026, 10, 30, 9);

/** A gateway that is asked whenever its rate allows it, by processes that keep what they make of the row. */
class Gateway {
  readonly #rate: Rate;
  #kept: Bucket | undefined;
  /** When it was asked, by a clock that nobody sets. */
  readonly asked: number[] = [];

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  askUpTo(most: number, clock: number, elapsed: number): number {
    const bucket = refilled(this.#kept, this.#rate, clock);
    const count = Math.min(most, allowance(bucket, this.#rate));
    const left = spent(bucket, this.#rate, count);
    if (count > 0 || wasSetBack(left, this.#kept)) this.#kept = left;
    for (let i = 0; i < count; i++) this.asked.push(elapsed);
    return count;
  }

  /** The most that any window holds above rate × time. */
  excess(perSecond: number): number {
    let most = 0;
    for (const [i, from] of this.asked.entries()) {
      for (const [j, to] of this.asked.entries()) {
        if (j >= i) most = Math.max(most, j - i + 1 - (perSecond * (to - from)) / 1_000);
      }
    }
    return most;
  }
}

const asks = fc.array(
  fc.record({ pauseMs: fc.integer({ min: 0, max: 3_000 }), most: fc.integer({ min: 1, max: 40 }) }),
  { minLength: 1, maxLength: 60 },
);

describe("the rate of a gateway", () => {
  it("is never exceeded by more than one second's worth, in any window", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), asks, (perSecond, all) => {
        const gateway = new Gateway({ perSecond });
        let elapsed = 0;
        for (const { pauseMs, most } of all) {
          elapsed += pauseMs;
          gateway.askUpTo(most, start + elapsed, elapsed);
        }
        expect(gateway.excess(perSecond)).to.be.at.most(perSecond);
      }),
    );
  });

  it("is kept by processes whose clocks differ by seconds", () => {
    const skewed = fc.array(
      fc.record({
        pauseMs: fc.integer({ min: 0, max: 500 }),
        skewMs: fc.integer({ min: -4_000, max: 4_000 }),
      }),
      { minLength: 1, maxLength: 80 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), skewed, (perSecond, all) => {
        const gateway = new Gateway({ perSecond });
        let elapsed = 0;
        for (const { pauseMs, skewMs } of all) {
          elapsed += pauseMs;
          gateway.askUpTo(99, start + elapsed + skewMs, elapsed);
        }
        // What the fastest clock is ahead counts as time once, not at each change of the process.
        expect(gateway.excess(perSecond)).to.be.at.most(perSecond + (perSecond * 8_000) / 1_000);
      }),
    );
  });

  it("is used in full by who asks often enough", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (perSecond) => {
        const gateway = new Gateway({ perSecond });
        for (let elapsed = 0; elapsed <= 10_000; elapsed += lookAgainMs({ perSecond }))
          gateway.askUpTo(9_999, start + elapsed, elapsed);
        expect(gateway.asked.length).to.be.within(10 * perSecond, 11 * perSecond);
      }),
      { numRuns: 20 },
    );
  });

  it("neither blocks for ever nor gives a flood when the clock jumps", () => {
    const jumps = fc.array(
      fc.record({
        pauseMs: fc.integer({ min: 0, max: 2_000 }),
        jumpMs: fc.constantFrom(0, 0, 0, 3_600_000, -3_600_000, 31 * 86_400_000, -31 * 86_400_000, -5_000),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), jumps, (perSecond, all) => {
        const gateway = new Gateway({ perSecond });
        let elapsed = 0;
        let offset = start;
        for (const { pauseMs, jumpMs } of all) {
          elapsed += pauseMs;
          offset += jumpMs;
          gateway.askUpTo(99, offset + elapsed, elapsed);
        }
        const count = all.filter(({ jumpMs }) => jumpMs > 0).length;
        expect(gateway.excess(perSecond)).to.be.at.most(perSecond * (1 + count));
        // Looked at each second, it has leave again after ten seconds and one.
        let isOpen = false;
        for (let i = 0; i <= 11; i++) {
          elapsed += 1_000;
          isOpen ||= gateway.askUpTo(1, offset + elapsed, elapsed) > 0;
        }
        expect(isOpen).to.equal(true);
      }),
    );
  });

  it("gives leave back that was not used, up to one second's worth", () => {
    const rate = { perSecond: 2, perDay: 5 };
    const empty = spent(refilled(undefined, rate, start), rate, 2);
    expect(allowance(empty, rate)).to.equal(0);
    const back = givenBack(empty, rate, 1, start);
    expect([allowance(back, rate), back.dayCount]).to.deep.equal([1, 1]);
    expect(allowance(givenBack(back, rate, 9, start), rate)).to.equal(2);
    expect(givenBack(back, rate, 9, start).dayCount).to.equal(0);
  });

  it("is looked at again when a token has come, and neither too often nor too seldom", () => {
    expect([1, 2, 10, 50, 10_000].map((perSecond) => lookAgainMs({ perSecond }))).to.deep.equal([
      1_000, 500, 100, 20, 20,
    ]);
    expect(lookAgainMs({ perDay: 3 })).to.equal(1_000);
  });
});

describe("the cap of a day", () => {
  const rate = { perDay: 3 };
  const evening = Date.UTC(2026, 10, 30, 22, 59, 59);

  it("lasts from midnight to midnight in Paris", () => {
    expect(dayOf(evening)).to.equal("2026-11-30");
    const full = spent(refilled(undefined, rate, evening), rate, 3);
    expect(allowance(full, rate)).to.equal(0);
    expect(allowance(refilled(full, rate, evening + 999), rate)).to.equal(0);
    expect(allowance(refilled(full, rate, evening + 1_000), rate)).to.equal(3);
  });

  it("is one cap for processes whose clocks differ around midnight", () => {
    let bucket = spent(refilled(undefined, rate, evening + 1_500), rate, 1);
    for (const skewMs of [500, 1_500, 900, 2_000]) bucket = refilled(bucket, rate, evening + skewMs);
    expect(bucket).to.include({ day: "2026-12-01", dayCount: 1 });
  });

  it("is not doubled by a clock that is set back over midnight, and does not block for a month", () => {
    const month = 31 * 86_400_000;
    const ahead = spent(refilled(undefined, rate, evening + month), rate, 2);
    const back = refilled(ahead, rate, evening);
    expect(back).to.include({ day: "2026-11-30", dayCount: 2 });
    expect(wasSetBack(back, ahead)).to.equal(true);
    expect(allowance(refilled(back, rate, evening + 1_000), rate)).to.equal(3);
  });

  it("gets no leave back that may have been of the day before", () => {
    const full = spent(refilled(undefined, rate, evening + 1_000), rate, 3);
    expect(givenBack(full, rate, 2, evening + 60_000).dayCount).to.equal(3);
    expect(givenBack(full, rate, 2, evening + 3_600_000).dayCount).to.equal(1);
  });
});
