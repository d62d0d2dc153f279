import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Rate } from "../../../src/actors/runtime/rates.ts";
import { aBench, aLog, type Bench, enter } from "./ledger.ts";

const order = (bench: Bench, count: number, kind = "sms") =>
  bench.committer.accept(
    enter("actor", "w", { entry: { orders: Array.from({ length: count }, () => kind) } }),
  );

/** A bench on which one kind has a rate. */
function throttled(rate: Rate) {
  const log = aLog();
  return { ...aBench({ rates: { sms: rate }, log }), log };
}

/** Looks at what is due, as the sweeper does. */
async function look(bench: Bench): Promise<void> {
  bench.committer.poke();
  await bench.committer.settle({ kind: "settled", of: "mail", id: "nothing" });
}

describe("a committer with a rate", () => {
  it("leases one second's worth at once, and more as time goes by", async () => {
    const bench = throttled({ perSecond: 3 });
    await order(bench, 20);
    expect(bench.claimed).to.have.length(3);
    await look(bench);
    expect(bench.claimed).to.have.length(3);
    bench.clock.advance(667);
    await look(bench);
    expect(bench.claimed).to.have.length(5);
    bench.clock.advance(60_000);
    await look(bench);
    expect(bench.claimed).to.have.length(8);
    await bench.committer.stop();
  });

  it("looks again by itself when there is leave again, and not in a busy loop", async () => {
    const bench = throttled({ perSecond: 20 });
    await order(bench, 30);
    expect(bench.claimed).to.have.length(20);
    const before = bench.transactions();
    const begun = performance.now();
    bench.clock.advance(50);
    for (let tries = 0; tries < 500 && bench.claimed.length < 21; tries++) await sleep(5);
    expect(bench.claimed).to.have.length(21);
    const looks = bench.transactions() - before;
    expect(looks).to.be.at.most(2 + (performance.now() - begun) / 50);
    await bench.committer.stop();
  });

  it("looks no more when nothing waits", async () => {
    const bench = throttled({ perSecond: 20 });
    await order(bench, 20);
    bench.clock.advance(1_000);
    await sleep(100);
    const before = bench.transactions();
    await sleep(100);
    expect(bench.transactions()).to.equal(before);
    await bench.committer.stop();
  });

  it("writes nothing while nothing may be leased", async () => {
    const bench = throttled({ perSecond: 1 });
    await order(bench, 5);
    const kept = bench.tables.buckets.get("sms");
    bench.clock.advance(500);
    await look(bench);
    expect(bench.tables.buckets.get("sms")).to.equal(kept);
    await bench.committer.stop();
  });

  it("lets no other kind wait", async () => {
    const bench = throttled({ perSecond: 1 });
    await order(bench, 5);
    await order(bench, 5, "mail");
    expect(bench.claimed.filter(({ kind }) => kind === "mail")).to.have.length(5);
    await bench.committer.stop();
  });

  it("stops at the day's cap, says so once a day, and goes on the next day", async () => {
    const bench = throttled({ perDay: 2 });
    await order(bench, 5);
    await look(bench);
    await look(bench);
    expect([bench.claimed.length, bench.committer.capped()]).to.deep.equal([2, ["sms"]]);
    expect(bench.log.lines).to.deep.equal([
      'warn the day\'s cap is reached: the rest waits for the next day {"kind":"sms","perDay":2}',
    ]);
    for (const { id } of bench.claimed) await bench.committer.settle({ kind: "settled", of: "sms", id });
    bench.clock.advance(86_400_000);
    await look(bench);
    expect([bench.claimed.length, bench.log.lines.length]).to.deep.equal([4, 2]);
    await bench.committer.stop();
  });

  it("gives the day back what lapsed unbegun or was returned, and not what was begun", async () => {
    const bench = throttled({ perDay: 3 });
    await order(bench, 5);
    const [begun, returned] = bench.claimed;
    await bench.committer.renew([begun ?? expect.fail()]);
    await bench.committer.settle({ ...(returned ?? expect.fail()), kind: "returned", of: "sms" });
    // The one that was returned is leased again at once; then two lapse that nobody began.
    expect(bench.claimed).to.have.length(4);
    bench.clock.advance(60_000);
    await look(bench);
    expect(bench.tables.buckets.get("sms")).to.include({ dayCount: 3 });
    expect(bench.claimed).to.have.length(6);
    await bench.committer.stop();
  });

  it("gives the day back what was put off without its gateway having been asked", async () => {
    const bench = throttled({ perDay: 3 });
    await order(bench, 3);
    const [one, other] = bench.claimed;
    const later = { faults: 0, doubts: 0, lapses: 2, dueAt: bench.clock.now() + 60_000, error: "away" };
    const postponed = { ...later, kind: "postponed", of: "sms" } as const;
    await bench.committer.settle({ ...(one ?? expect.fail()), ...postponed, isUnused: true });
    await bench.committer.settle({ ...(other ?? expect.fail()), ...postponed });
    await bench.committer.stop();
    expect(bench.tables.buckets.get("sms")).to.include({ dayCount: 2 });
  });

  it("takes what it returns at its stop off the day's count", async () => {
    const bench = throttled({ perDay: 3 });
    await order(bench, 2);
    bench.committer.hold();
    for (const one of bench.claimed) await bench.committer.settle({ ...one, kind: "returned", of: "sms" });
    await bench.committer.stop();
    expect(bench.tables.buckets.get("sms")).to.include({ dayCount: 0 });
  });

  it("prolongs leases before all that waits", async () => {
    const bench = aBench({ groupLimit: 1 });
    await order(bench, 1);
    const waiting = Array.from({ length: 20 }, (_, i) => bench.committer.accept(enter("other", `w${i}`)));
    bench.clock.advance(1_000);
    await bench.committer.renew(bench.claimed);
    expect(bench.committer.waiting()).to.be.above(10);
    expect(bench.tables.outbox.values()[0]).to.include({ leaseUntil: bench.clock.now() + 60_000 });
    await Promise.all(waiting);
    await bench.committer.stop();
  });
});
