import { expect } from "chai";
import { sweepDueTimers } from "../../../src/actors/cron/due-timers.ts";
import { Overloaded } from "../../../src/actors/runtime/errors.ts";
import { thrownBy } from "../../support/thrown.ts";
import { aBench, enter, ledgerLaws } from "../runtime/ledger.ts";

const hourMs = 3_600_000;

function swept(options: Parameters<typeof aBench>[0] = {}) {
  const bench = aBench(options);
  const start = bench.clock.now();
  const due = (now: number) =>
    sweepDueTimers({ reads: bench.reads, mailbox: bench.committer, laws: ledgerLaws }, now);
  const rings = (actorId: string, bellAt: number) =>
    bench.committer.accept(enter(actorId, "w", { entry: { bellAt } }));
  const receipts = () =>
    bench.tables.receipts.values().filter(({ messageId }) => messageId.startsWith("timer:"));
  return { ...bench, start, due, rings, receipts };
}

describe("the sweep of due timers", () => {
  it("mails a command for what is due, and for nothing else", async () => {
    const { start, due, rings, entriesOf } = swept();
    await rings("soon", start + 5);
    await rings("later", start + 6);
    expect(await due(start + 4)).to.equal(0);
    expect(await due(start + 5)).to.equal(1);
    expect([entriesOf("soon"), entriesOf("later")]).to.deep.equal([["w", "Ring"], ["w"]]);
    expect(await due(start + 5)).to.equal(0);
  });

  it("mails once, however many processes sweep at once", async () => {
    const { start, due, rings, entriesOf, receipts } = swept();
    await rings("actor", start + 5);
    await Promise.all([due(start + 5), due(start + 5), due(start + 7)]);
    expect([entriesOf("actor"), receipts().length]).to.deep.equal([["w", "Ring"], 1]);
  });

  it("leaves it to the law whether it is time, and comes again within the hour when it is not", async () => {
    const { start, rings, entriesOf, receipts, reads, committer } = swept();
    await rings("actor", start + 5);
    // A sweep whose clock was read too early: the timer is due by the table, not by the law.
    const early = { ...reads, dueTimers: () => reads.dueTimers(start + 5, 500) };
    await sweepDueTimers({ reads: early, mailbox: committer, laws: ledgerLaws }, start + 4);
    expect(entriesOf("actor")).to.deep.equal(["w"]);
    expect(receipts().map(({ outcome }) => outcome)).to.deep.equal([
      { status: "refused", code: "not_due", facts: {}, version: 1 },
    ]);
    await sweepDueTimers({ reads, mailbox: committer, laws: ledgerLaws }, start + 6);
    expect(entriesOf("actor"), "the same hour, the same message").to.deep.equal(["w"]);
    await sweepDueTimers({ reads, mailbox: committer, laws: ledgerLaws }, start + hourMs);
    expect(entriesOf("actor")).to.deep.equal(["w", "Ring"]);
  });

  it("mails a timer that was set anew under a new id", async () => {
    const { start, due, rings, entriesOf } = swept();
    await rings("actor", start + 5);
    await due(start + 5);
    await rings("actor", start + 7);
    await due(start + 7);
    expect(entriesOf("actor")).to.deep.equal(["w", "Ring", "w", "Ring"]);
  });

  it("reaches the youngest behind any number that their actors won't clear", async () => {
    const { start, due, committer, journal, entriesOf } = swept();
    const { noChanges } = await import("../../../src/actors/runtime/drain.ts");
    await Promise.all(Array.from({ length: 1200 }, (_, i) => committer.accept(enter(`stuck-${i}`, "w"))));
    await committer.accept(enter("young", "w", { entry: { bellAt: start + 9 } }));
    const timers = Array.from({ length: 1200 }, (_, i) => ({
      actorId: `stuck-${i}`,
      name: "bell",
      generation: 1,
      dueAt: start + (i % 3),
    }));
    await journal.transaction((tx) => tx.write({ ...noChanges(), timers }));
    expect(await due(start + 9)).to.equal(1201);
    expect(entriesOf("young")).to.deep.equal(["w", "Ring"]);
  });

  it("reaches the youngest when the mailbox has room for the oldest only", async () => {
    const { start, due, rings, entriesOf } = swept({ queueLimit: 2 });
    const actors = ["a", "b", "c", "d", "e"];
    for (const [i, actor] of actors.entries()) await rings(actor, start + i);
    expect(await due(start + 9)).to.equal(5);
    expect(actors.map(entriesOf)).to.deep.equal(actors.map(() => ["w", "Ring"]));
  });

  it("tells of a timer that no law knows, and mails all others", async () => {
    const { start, rings, entriesOf, reads, committer } = swept();
    await rings("actor", start + 5);
    const stranger = {
      ...{ actorId: "new", kind: "batch", firmId: "firm-a" },
      name: "bell",
      generation: 1,
      dueAt: start,
    };
    const withStranger: typeof reads = {
      ...reads,
      dueTimers: async (...asked) => [stranger, ...(await reads.dueTimers(...asked))],
    };
    const deps = { reads: withStranger, mailbox: committer, laws: ledgerLaws };
    expect(await thrownBy(sweepDueTimers(deps, start + 5))).to.have.property("code", "unknown_actor_kind");
    expect(entriesOf("actor")).to.deep.equal(["w", "Ring"]);
  });

  it("fails when the mailbox is full, and finds the timer again", async () => {
    const { start, due, rings, entriesOf, reads } = swept();
    await rings("actor", start + 5);
    const mailbox = { accept: () => Promise.reject(new Overloaded(1)) };
    const failed = await thrownBy(sweepDueTimers({ reads, mailbox, laws: ledgerLaws }, start + 5));
    expect(failed).to.be.instanceOf(Overloaded);
    await due(start + 5);
    expect(entriesOf("actor")).to.deep.equal(["w", "Ring"]);
  });
});
