import { expect } from "chai";
import { mostLapses, released } from "../../../src/actors/runtime/lapses.ts";

const now = Date.UTC(2026, 10, 30, 9);
const lease = { lapses: 0, isBegun: true, leaseUntil: now - 1, dueAt: now - 60_000 };

describe("an effect whose lease is taken away", () => {
  it("is due at once after its first lapse: hints may have been lost", () => {
    for (const isBegun of [true, false])
      expect(released({ ...lease, isBegun }, now)).to.deep.equal({ lapses: 1, dueAt: lease.dueAt });
  });

  it("waits longer after each further lapse of an act that had begun", () => {
    const pauses: number[] = [];
    for (let lapses = 1; lapses < mostLapses + 5; lapses++)
      pauses.push(released({ ...lease, lapses }, now).dueAt - now);
    expect(pauses.slice(0, 4)).to.deep.equal([4_000, 8_000, 16_000, 32_000]);
    expect(pauses.at(-1)).to.equal(300_000);
  });

  it("is not punished when nobody began: Redis was away, or no engine ran", () => {
    const calm = { ...lease, lapses: 1, isBegun: false };
    expect(released(calm, now)).to.deep.equal({ lapses: 1, dueAt: lease.dueAt });
  });

  it("is not punished when the clock was set back", () => {
    const ahead = { ...lease, lapses: 3, leaseUntil: now + 3_600_000 };
    expect(released(ahead, now)).to.deep.equal({ lapses: 3, dueAt: lease.dueAt });
  });
});
