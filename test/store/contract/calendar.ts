import { expect } from "chai";
import { longestLeaseMs } from "../../../src/actors/runtime/horizons.ts";
import { slotsAhead } from "../../../src/actors/runtime/ports.ts";
import { firstInstant as now } from "../changes.ts";
import { eachOpened, type Opened } from "./subject.ts";

const leaseMs = 20_000;

export function describeCalendar(open: () => Promise<Opened>): void {
  describe("the calendar", () => {
    const store = eachOpened(open);
    const take = (slot: number, holder: string, at = now) =>
      store.it.calendar.take("timers", slot, holder, at, at + leaseMs);
    const done = (slot: number, holder: string) => store.it.calendar.done("timers", slot, holder);

    it("gives a slot to one of those who ask at once", async () => {
      const turns = await Promise.all(["a", "b", "c", "d"].map((holder) => take(7, holder)));
      expect(turns.sort()).to.deep.equal(["taken", "taken", "taken", "yours"]);
    });

    it("does a slot once, and then the next", async () => {
      expect(await take(7, "a")).to.equal("yours");
      await done(7, "a");
      expect([await take(7, "b"), await take(7, "a")]).to.deep.equal(["done", "done"]);
      expect(await take(8, "b")).to.equal("yours");
    });

    it("runs one slot of a sweep at a time", async () => {
      await take(7, "a");
      expect(await take(8, "b")).to.equal("taken");
      await done(7, "a");
      expect(await take(8, "b")).to.equal("yours");
    });

    it("gives a slot to another when its lease is over, and then hears no more of the first", async () => {
      await take(7, "a");
      expect(await take(7, "b", now + leaseMs - 1)).to.equal("taken");
      expect(await take(7, "b", now + leaseMs)).to.equal("yours");
      expect(await store.it.calendar.keep("timers", "a", now + 2 * leaseMs)).to.equal(false);
      await done(7, "a");
      expect(await take(7, "c", now + leaseMs)).to.equal("taken");
      await done(7, "b");
      expect(await take(7, "c", now + leaseMs)).to.equal("done");
    });

    it("lets a runner hold it longer", async () => {
      await take(7, "a");
      expect(await store.it.calendar.keep("timers", "a", now + 3 * leaseMs)).to.equal(true);
      expect(await take(7, "b", now + 2 * leaseMs)).to.equal("taken");
    });

    it("takes a lease that ends too late for one from before the clock was set back", async () => {
      await take(7, "a", now + longestLeaseMs);
      expect(await take(3, "b", now)).to.equal("yours");
    });

    it("leaves a slot to the clock that is a little ahead, and none to one that was set back", async () => {
      await take(7, "a");
      await done(7, "a");
      expect(await take(7 - slotsAhead, "b")).to.equal("done");
      expect(await take(7 - slotsAhead - 1, "b")).to.equal("yours");
      await done(7 - slotsAhead - 1, "b");
      expect(await take(7 - slotsAhead, "b"), "and goes on from there").to.equal("yours");
    });

    it("keeps the sweeps apart", async () => {
      await take(7, "a");
      expect(await store.it.calendar.take("purge", 7, "a", now, now + leaseMs)).to.equal("yours");
    });
  });
}
