import { expect } from "chai";
import { play } from "./history.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { essence, firstFailure, smaller } from "./search.ts";

const lifeEvents = [
  "DraftRevised",
  "DraftAbandoned",
  "OrderChanged",
  "SignatoryReplaced",
  "PersonCorrected",
  "SignatoriesReminded",
  "SignatoryUnlocked",
  "SealAwaited",
  "CollecteCancelled",
  "NotificationDelivered",
  "NotificationFailed",
  "DocumentsAccessed",
  "EvidenceFiled",
  "DocumentsDelivered",
  "PurgeAnnounced",
  "CollectePurged",
  "PeopleForgotten",
];

describe("the simulated engine", function () {
  this.timeout(120_000);

  it("breaks no law in 200 histories full of faults", async () => {
    const ends: Record<string, number> = {};
    const kinds = new Set<string>();
    const events = new Set<string>();
    const failure = await firstFailure({
      first: 1,
      seeds: 200,
      onHistory(history) {
        for (const [end, count] of Object.entries(history.ends)) ends[end] = (ends[end] ?? 0) + count;
        for (const { kind } of history.faults) kinds.add(kind);
        for (const line of history.trace) events.add(/ commits \S+ \d+ (\w+)/.exec(line)?.[1] ?? "");
      },
    });
    expect(failure && { ...failure.violation, seed: failure.seed }).to.equal(undefined);
    // A simulation in which nothing happens finds nothing.
    expect(ends["completed"]).to.be.above(150);
    expect(ends["refused"]).to.be.above(30);
    expect(ends["expired"]).to.be.above(30);
    expect(ends["cancelled"]).to.be.above(5);
    expect(kinds.size, "kinds of faults").to.be.above(20);
    expect([...events]).to.include.members(lifeEvents);
  });

  it("plays the same history for the same seed, byte for byte", async () => {
    const digests = new Set<string>();
    for (const seed of [1, 57, 1_000_003]) {
      const first = await play({ seed });
      await new Promise((resolve) => setTimeout(resolve, 3));
      const second = await play({ seed });
      expect(second.trace).to.deep.equal(first.trace);
      expect(second.digest).to.equal(first.digest);
      digests.add(first.digest);
    }
    expect(digests.size).to.equal(3);
  });

  it("gives Node its own timers back", async () => {
    const before = [globalThis.setTimeout, globalThis.setImmediate, globalThis.clearTimeout];
    await play({ seed: 2 });
    expect([globalThis.setTimeout, globalThis.setImmediate, globalThis.clearTimeout]).to.deep.equal(before);
  });

  for (const [name, plant] of Object.entries(plantedBugs)) {
    it(`finds a planted bug in under 500 seeds: ${name}`, async () => {
      const failure = await firstFailure({ first: 1, seeds: 499, plant });
      expect(failure?.violation).not.to.equal(undefined);
      if (!failure) return;
      const least = await smaller(failure, plant);
      expect(least.violation?.rule).to.equal(failure.violation?.rule);
      expect(least.faults.length).to.be.at.most(failure.faults.length);
      expect(essence(least)).not.to.deep.equal([]);
    });
  }
});
