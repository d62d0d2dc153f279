import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { EffectHandler } from "../../../src/actors/runtime/effect-runner.ts";
import { createRuntime, type Runtime } from "../../../src/actors/runtime/runtime.ts";
import { stoppedClock } from "../../support/clock.ts";
import { createMemoryStore } from "../../support/memory-journal.ts";
import { aLog, enter, type Ledger, ledgerLaws, secrets } from "./ledger.ts";
import { lossyQueues } from "./lossy-queues.ts";

const settings = {
  groupLimit: 100,
  queueLimit: 1000,
  effectsAtOnce: { mail: 4, sms: 4 },
  leaseMs: 10_000,
  sweepMs: 5,
  mailboxLimit: 1000,
};

const sent: EffectHandler = async ({ row }) => ({ type: "Told", at: row.dueAt, word: `${row.kind} sent` });

describe("the runtime", () => {
  let runtimes: Runtime[];
  beforeEach(() => {
    runtimes = [];
  });
  afterEach(async () => {
    for (const runtime of runtimes) await runtime.stop();
  });

  function world() {
    const store = createMemoryStore(secrets);
    const clock = stoppedClock();
    const entriesOf = (actorId: string) =>
      (store.tables.actors.get(actorId)?.state as Ledger | undefined)?.entries ?? [];
    return { ...store, clock, entriesOf, log: aLog() };
  }

  /** A process of its own over the same tables. */
  async function started(one: ReturnType<typeof world>, handler: EffectHandler = sent) {
    const lossy = lossyQueues();
    const runtime = createRuntime({ ...one, laws: ledgerLaws, queues: lossy.queues, settings });
    runtimes.push(runtime);
    await runtime.start({
      handlers: { mail: handler },
      failureCommand: (_effect, code, at) => ({ type: "Told", at, word: code }),
    });
    return { runtime, lossy };
  }

  async function eventually(what: () => boolean): Promise<void> {
    for (let i = 0; i < 400 && !what(); i++) await sleep(2);
    expect(what(), what.toString()).to.equal(true);
  }

  it("does what a message orders, and tells the actor", async () => {
    const one = world();
    const { runtime } = await started(one);
    await runtime.committer.accept(enter("actor", "w", { entry: { orders: ["mail"] } }));
    await eventually(() => one.entriesOf("actor").length === 2);
    expect(one.entriesOf("actor")).to.deep.equal(["w", "mail sent"]);
    expect(one.tables.outbox.values()).to.deep.equal([]);
  });

  for (const fate of ["lost", "refused"] as const) {
    it(`finds all work again when every hint was ${fate}`, async () => {
      const one = world();
      const { runtime, lossy } = await started(one);
      lossy.set(fate);
      for (let i = 0; i < 10; i++) {
        await runtime.committer.accept(enter(`actor-${i}`, "w", { entry: { orders: ["mail"] } }));
      }
      await sleep(30);
      expect(one.tables.outbox.values()).to.have.length(10);
      lossy.set("kept");
      one.clock.advance(settings.leaseMs);
      await eventually(() => one.tables.outbox.values().length === 0);
      for (let i = 0; i < 10; i++) expect(one.entriesOf(`actor-${i}`)).to.deep.equal(["w", "mail sent"]);
      expect(one.log.lines.length > 0).to.equal(fate === "refused");
    });
  }

  it("gives back at its stop what it has leased and not begun", async () => {
    const one = world();
    const { runtime, lossy } = await started(one);
    lossy.set("lost");
    await runtime.committer.accept(enter("actor", "w", { entry: { orders: ["mail", "mail", "mail"] } }));
    expect(one.tables.outbox.values().map(({ status }) => status)).to.include("leased");
    await runtime.stop();
    const left = one.tables.outbox.values().map(({ status, leaseUntil }) => [status, leaseUntil]);
    expect(left).to.deep.equal(Array.from({ length: 3 }, () => ["pending", null]));
    await started(one);
    await eventually(() => one.entriesOf("actor").length === 4);
  });

  it("has no more effects in hand than it may, whatever waits", async () => {
    const one = world();
    let inHand = 0;
    let most = 0;
    const { runtime } = await started(one, async (effect) => {
      inHand += 1;
      most = Math.max(most, inHand);
      await sleep(1);
      inHand -= 1;
      return sent(effect);
    });
    const orders = Array.from({ length: 120 }, () => "mail");
    await runtime.committer.accept(enter("actor", "w", { entry: { orders } }));
    await eventually(() => one.entriesOf("actor").length === 121);
    expect(most).to.equal(settings.effectsAtOnce.mail);
  });

  it("lets what is in hand end when it stops, and leaves the rest for the next start", async () => {
    const one = world();
    const ends: (() => void)[] = [];
    const { runtime } = await started(
      one,
      (effect) => new Promise((resolve) => ends.push(() => resolve(sent(effect)))),
    );
    const orders = Array.from({ length: 6 }, () => "mail");
    await runtime.committer.accept(enter("actor", "w", { entry: { orders } }));
    await eventually(() => ends.length === 4);
    const stop = runtime.stop();
    await sleep(20);
    for (const end of ends) end();
    await stop;
    await runtime.stop();
    expect(one.entriesOf("actor").slice(1)).to.deep.equal(Array.from({ length: 4 }, () => "mail sent"));
    expect(one.tables.outbox.values().length).to.equal(2);
    one.clock.advance(settings.leaseMs);
    await started(one);
    await eventually(() => one.entriesOf("actor").length === 7);
  });

  it("drains mail that another process left behind", async () => {
    const one = world();
    const first = await started(one);
    await first.runtime.committer.accept(enter("actor", "poison", { entry: { breaks: "decide" } }));
    await first.runtime.stop();
    await started(one);
    for (let i = 0; i < 4; i++) {
      one.clock.advance(60_000);
      await eventually(() => (one.tables.mailbox.values()[0]?.attempts ?? 5) >= i + 2);
    }
    expect(one.tables.deadLetters.values()).to.have.length(1);
  });
});
