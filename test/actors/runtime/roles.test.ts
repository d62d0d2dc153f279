import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { Overloaded } from "../../../src/actors/runtime/errors.ts";
import { partOf } from "../../../src/actors/runtime/parts.ts";
import type { Queues } from "../../../src/actors/runtime/queues/queues.ts";
import { createRuntime, type Runtime } from "../../../src/actors/runtime/runtime.ts";
import { stoppedClock } from "../../support/clock.ts";
import { createMemoryStore } from "../../support/memory-journal.ts";
import { thrownBy } from "../../support/thrown.ts";
import { aBench, aLog, enter, type Ledger, ledgerLaws, secrets } from "./ledger.ts";
import { lossyQueues } from "./lossy-queues.ts";

const settings = {
  groupLimit: 100,
  queueLimit: 1000,
  effectsAtOnce: { mail: 4 },
  leaseMs: 10_000,
  sweepMs: 5,
  mailboxLimit: 1000,
};

const server = { decides: false, acts: false };
const decider = { decides: true, acts: false };
const hand = { decides: false, acts: true };

describe("runtimes that divide the work", () => {
  let runtimes: Runtime[];
  beforeEach(() => {
    runtimes = [];
  });
  afterEach(async () => {
    for (const runtime of runtimes) await runtime.stop();
  });

  function world() {
    const store = createMemoryStore(secrets);
    const lossy = lossyQueues();
    const redis: Queues = { ...lossy.queues, kind: "redis" };
    const entriesOf = (actorId: string) =>
      (store.tables.actors.get(actorId)?.state as Ledger | undefined)?.entries ?? [];
    return { ...store, clock: stoppedClock(), log: aLog(), lossy, redis, entriesOf };
  }

  /** A process of its own over the same tables, and over the same queue when there is one. */
  async function started(
    one: ReturnType<typeof world>,
    roles: { decides: boolean; acts: boolean },
    { queues = one.redis, sweepMs = settings.sweepMs }: { queues?: Queues; sweepMs?: number } = {},
  ): Promise<Runtime> {
    const runtime = createRuntime({
      ...one,
      laws: ledgerLaws,
      queues,
      settings: { ...settings, sweepMs, roles },
    });
    runtimes.push(runtime);
    await runtime.start({
      handlers: { mail: async ({ row }) => ({ type: "Told", at: row.dueAt, word: "mail sent" }) },
      failureCommand: (_effect, code, at) => ({ type: "Told", at, word: code }),
    });
    return runtime;
  }

  async function eventually(what: () => boolean): Promise<void> {
    for (let i = 0; i < 600 && !what(); i++) await sleep(5);
    expect(what(), what.toString()).to.equal(true);
  }

  const ordering = () => enter("actor", "w", { entry: { orders: ["mail"] } });

  it("get everything done by hints alone", async () => {
    const one = world();
    const never = { sweepMs: 1_000_000 };
    const door = await started(one, server, never);
    await started(one, decider, never);
    await started(one, hand, never);
    expect(await door.committer.accept(ordering())).to.deep.equal({ status: "accepted" });
    await eventually(() => one.entriesOf("actor").length === 2);
    expect([one.tables.mailbox.values(), one.tables.outbox.values()]).to.deep.equal([[], []]);
  });

  it("get everything done by sweeps alone", async () => {
    const one = world();
    const apart = () => ({ queues: lossyQueues().queues });
    const door = await started(one, server, apart());
    await started(one, decider, apart());
    await started(one, hand, apart());
    await door.committer.accept(ordering());
    await eventually(() => one.entriesOf("actor").length === 2);
  });

  it("get commands decided by sweeps though the queue is away", async () => {
    const one = world();
    const away = () => {
      const { queues, set } = lossyQueues();
      set("refused");
      return { queues };
    };
    const door = await started(one, server, away());
    await started(one, decider, away());
    await door.committer.accept(enter("actor", "w"));
    await eventually(() => one.entriesOf("actor").length === 1);
  });

  it("tell who asks again what became of a message that was parked", async () => {
    const one = world();
    const door = await started(one, server);
    const message = enter("actor", "w");
    await door.committer.accept(message);
    await started(one, decider);
    await eventually(() => one.entriesOf("actor").length === 1);
    expect(await door.committer.accept(message)).to.deep.equal({ status: "done", version: 1 });
  });

  it("tell them as well that it came too early, until it is time", async () => {
    const one = world();
    const door = await started(one, server);
    const message = enter("actor", "later");
    await door.committer.accept(message);
    await started(one, decider);
    await eventually(() => one.tables.mailbox.values().length === 0);
    const refused = { status: "refused", code: "too_soon", facts: { retryAfterSeconds: 60 }, version: 0 };
    expect(await door.committer.accept(message)).to.deep.equal(refused);
    expect(one.tables.mailbox.values(), "it is not decided again meanwhile").to.deep.equal([]);
    await door.committer.accept(enter("actor", "first"));
    await eventually(() => one.entriesOf("actor").length === 1);
    one.clock.advance(60_000);
    expect(await door.committer.accept(message)).to.deep.equal({ status: "accepted" });
    await eventually(() => one.entriesOf("actor").length === 2);
    expect(await door.committer.accept(message)).to.deep.equal({ status: "done", version: 2 });
  });

  it("wear out no lease, and queue no job, while nobody acts", async () => {
    const one = world();
    const runtime = await started(one, decider);
    await runtime.committer.accept(ordering());
    for (let i = 0; i < 5; i++) {
      one.clock.advance(settings.leaseMs);
      await sleep(3 * settings.sweepMs);
    }
    expect(one.tables.outbox.values().map(({ attempts, status }) => [attempts, status])).to.deep.equal([
      [0, "pending"],
    ]);
    await started(one, hand);
    await eventually(() => one.entriesOf("actor").length === 2);
  });

  it("stop in time whoever is slow, and the effect in hand keeps its lease", async () => {
    const one = world();
    const runtime = createRuntime({ ...one, laws: ledgerLaws, queues: lossyQueues().queues, settings });
    const begun: string[] = [];
    await runtime.start({
      handlers: {
        mail: async ({ row }) => {
          begun.push(row.id);
          await new Promise(() => undefined);
          return undefined;
        },
      },
      failureCommand: (_effect, code, at) => ({ type: "Told", at, word: code }),
    });
    await runtime.committer.accept(ordering());
    await eventually(() => begun.length === 1);
    await runtime.stop(50);
    expect(one.tables.outbox.values().map(({ status }) => status)).to.deep.equal(["leased"]);
  });
});

describe("a mailbox that is full", () => {
  const full = { decides: false, mailboxLimit: 2 };

  it("refuses what would have to wait, and takes it again when there is room", async () => {
    const { committer, tables } = aBench(full);
    const known = enter("a", "w");
    await committer.accept(known);
    await committer.accept(enter("b", "w"));
    const late = await thrownBy(committer.accept(enter("c", "w")));
    expect(late).to.be.instanceOf(Overloaded).and.have.property("retryAfterSeconds", 5);
    expect(tables.mailbox.values()).to.have.length(2);
    expect(await committer.accept(known), "what it has taken").to.deep.equal({ status: "accepted" });
    committer.counted(1);
    expect(await committer.accept(enter("c", "w"))).to.deep.equal({ status: "accepted" });
  });

  it("never refuses what an effect has learnt", async () => {
    const { committer, tables } = aBench(full);
    committer.counted(1_000_000);
    const outcome = await committer.settle({ kind: "settled", of: "mail", id: "e" }, enter("a", "sent"));
    expect(outcome).to.deep.equal({ status: "accepted" });
    expect(tables.mailbox.values()).to.have.length(1);
  });

  it("bars nothing that can be decided at once", async () => {
    const { committer, entriesOf } = aBench({ mailboxLimit: 2 });
    committer.counted(1_000_000);
    expect(await committer.accept(enter("a", "w"))).to.deep.equal({ status: "done", version: 1 });
    expect(entriesOf("a")).to.deep.equal(["w"]);
  });

  it("is counted by the sweep", async () => {
    const store = createMemoryStore(secrets);
    const runtime = createRuntime({
      ...store,
      reads: { ...store.reads, mailWaiting: async (most) => Math.min(most, 5_000) },
      clock: stoppedClock(),
      log: aLog(),
      laws: ledgerLaws,
      queues: lossyQueues().queues,
      settings: { ...settings, roles: server },
    });
    await runtime.start();
    await sleep(20);
    expect(await thrownBy(runtime.committer.accept(enter("a", "w")))).to.be.instanceOf(Overloaded);
    await runtime.stop();
  });
});

describe("a process that does not decide", () => {
  it("says after commit in which parts it has parked messages", async () => {
    const parked: number[][] = [];
    const { committer, transactions } = aBench({ decides: false, onParked: (parts) => parked.push(parts) });
    const message = enter("actor", "w");
    await committer.accept(message);
    await committer.accept(message);
    expect(parked, "once for what is known").to.deep.equal([[partOf("actor")]]);
    const before = transactions();
    committer.wake([partOf("actor")]);
    await sleep(30);
    expect(transactions(), "it drains nothing").to.equal(before);
  });
});
